package session

import (
	"context"

	"weir/search"
)

// Aggregator sums flows. A [Store] with these methods provides the talkers and the
// timeline. Both count all flows that match, whatever the limit of the request, and
// return soon after their context ends.
type Aggregator interface {
	// Top returns the n groups with the most bytes, largest first; ties are broken
	// by flows, then by key.
	Top(ctx context.Context, r search.Request, by search.By, n int) ([]search.Talker, error)

	// Buckets returns n spans of equal width that cover the time range of the
	// request without a gap, in order of time, including those without flows. An
	// open end of the range is replaced by the first or last matching flow. Without
	// matching flows it returns none.
	Buckets(ctx context.Context, r search.Request, n int) ([]search.Bucket, error)
}
