package search

import (
	"fmt"
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

// Order is the order of results: by start time, then by record id.
type Order uint8

// The orders.
const (
	Newest Order = iota // latest start first
	Oldest              // earliest start first
)

// String returns "newest" or "oldest".
func (o Order) String() string {
	if o == Oldest {
		return "oldest"
	}
	return "newest"
}

// ParseOrder is the inverse of String.
func ParseOrder(s string) (Order, error) {
	switch s {
	case "newest":
		return Newest, nil
	case "oldest":
		return Oldest, nil
	}
	return Newest, fmt.Errorf("unknown order %q: expected newest or oldest", s)
}

// Range is a range of start times: the last Last before now if Last is positive,
// else From (inclusive) to To (exclusive), where a zero time means unbounded. The
// zero Range is all time.
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

// Cursor is a position in an ordered result: after the record with this start
// time and id. The zero Cursor is before the first record.
type Cursor struct {
	Start time.Time
	ID    int64
}

// IsZero reports whether c is before the first record.
func (c Cursor) IsZero() bool { return c.ID == 0 && c.Start.IsZero() }

// After returns the cursor after r.
func After(r *flow.Record) Cursor { return Cursor{Start: r.Start, ID: r.ID} }

// Page is one page of a result.
type Page struct {
	Rows []flow.Record
	More bool // more rows follow
}
