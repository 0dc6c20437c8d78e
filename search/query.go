package search

import (
	"slices"
	"time"

	"weir/flow"
)

// Limits on the rows of one search.
const (
	DefaultLimit = 1_000  // as in the reference portal
	MaxLimit     = 10_000 // maximum of one search on the screen
)

// DefaultRange is the relative time range of the first view.
const DefaultRange = 2 * time.Hour

// Query selects flows. The zero value selects the newest DefaultLimit flows of
// all nodes and all time.
type Query struct {
	Range  Range
	Nodes  []string // reporting nodes or groups, any of them; empty: all
	Filter Expr     // nil: everything
	Order  Order
	Limit  int // rows; 0: DefaultLimit; negative: no limit
}

// Rows returns the limit, DefaultLimit if it is not set, or -1 for no limit.
func (q *Query) Rows() int {
	switch {
	case q.Limit == 0:
		return DefaultLimit
	case q.Limit < 0:
		return -1
	}
	return q.Limit
}

// StartedFrom returns q with the condition that a flow started at t or later.
func (q Query) StartedFrom(t time.Time) Query {
	started := Numbers{FieldStart, []Interval{{max(t.UnixNano(), 0), MaxNumber}}}
	q.Filter = Join(append(slices.Clone(Conjuncts(q.Filter)), started))
	return q
}

// Range selects the flows that were active in a span of time: they started before its end, and their last
// packet is not before its beginning, or they are still open. The span is the last Last before now if Last is
// positive, else From (inclusive) to To (exclusive), where a zero time means unbounded. The zero Range is all
// time.
type Range struct {
	Last     time.Duration
	From, To time.Time
}

// Bounds resolves the range at the given time. A zero result means unbounded. A
// relative range includes flows that start in the future.
func (r Range) Bounds(now time.Time) (from, to time.Time) {
	if r.Last > 0 {
		return now.Add(-r.Last), time.Time{}
	}
	return r.From, r.To
}

// Active reports whether r was active at some time from from on and before to, as [Range.Bounds] returns them.
func Active(r *flow.Record, from, to time.Time) bool {
	if !to.IsZero() && (!r.Start.Before(to) || !from.Before(to)) {
		return false
	}
	return from.IsZero() || r.Open() || !r.Last.Before(from) || !r.Start.Before(from)
}

// Page is one page of a result.
type Page struct {
	Rows []flow.Record
	More bool // more rows follow
}
