package session

import (
	"context"

	"weir/search"
	"weir/tui/ui"
)

// Aggregator adds flows up. A [Store] that has these methods gives the screen
// its talkers and its timeline; both count all flows that match, whatever the
// request's limit, and stop soon when their context ends.
type Aggregator interface {
	// Top returns the n groups with the most octets, the largest first; equal
	// ones by flows, then by key.
	Top(ctx context.Context, r search.Request, by search.By, n int) ([]search.Talker, error)

	// Buckets returns n spans of equal width that cover the request's range
	// without a gap, in order of time, those without flows included. Where the
	// range has no beginning or no end, that of the flows that match takes its
	// place. Without any such flow there are no buckets.
	Buckets(ctx context.Context, r search.Request, n int) ([]search.Bucket, error)
}

// SumsFailed is the error of an [Aggregator] in words.
func SumsFailed(err error) string { return "adding up failed: " + ui.OneLine(err) }
