package session

import (
	"context"

	"weir/search"
)

// Aggregator sums flows. A [Store] with these methods provides the talkers and the
// timeline. Both count all flows that match, whatever the limit of the request, and
// return soon after their context ends.
type Aggregator interface {
	// Top returns the first groups in the order of the request, their number and
	// their total.
	Top(ctx context.Context, r search.TopRequest) (search.Talkers, error)

	// Buckets returns n spans of equal width that cover the time range of the
	// request without a gap, in order of time, including those without flows. An
	// open end of the range is replaced by the first or last matching flow. Without
	// matching flows it returns none.
	Buckets(ctx context.Context, r search.Request, n int) ([]search.Bucket, error)
}
