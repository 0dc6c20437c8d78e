package search

import (
	"fmt"
	"time"

	"weir/flow"
)

// Limits on the rows of one search.
const (
	DefaultLimit = 1_000  // what the reference's portal shows
	MaxLimit     = 10_000 // the most that one search returns on a screen
)

// DefaultRange is how far back the first view looks.
const DefaultRange = 2 * time.Hour

// Query selects flows. The zero value selects the newest DefaultLimit flows of
// all nodes and all times.
type Query struct {
	Range  Range
	Nodes  []string // reporting nodes, any of them; empty: all
	Filter Expr     // nil: everything
	Order  Order
	Limit  int // rows; 0: DefaultLimit; negative: all of them
}

// Rows is the limit with its default filled in; -1 means no limit.
func (q *Query) Rows() int {
	switch {
	case q.Limit == 0:
		return DefaultLimit
	case q.Limit < 0:
		return -1
	}
	return q.Limit
}

// Order is by start time, then by record id.
type Order uint8

// The two orders.
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

// ParseOrder undoes String.
func ParseOrder(s string) (Order, error) {
	switch s {
	case "newest":
		return Newest, nil
	case "oldest":
		return Oldest, nil
	}
	return Newest, fmt.Errorf("unknown order %q: expected newest or oldest", s)
}

// Range is a span of start times: relative to now if Last is set, else from
// From (inclusive) to To (exclusive), where a zero time is no bound. The zero
// Range is all time.
type Range struct {
	Last     time.Duration
	From, To time.Time
}

// Bounds resolves the range at the given time. A zero result is no bound.
// Flows that start in the future are part of a relative range.
func (r Range) Bounds(now time.Time) (from, to time.Time) {
	if r.Last > 0 {
		return now.Add(-r.Last), time.Time{}
	}
	return r.From, r.To
}

// Cursor is a place in an ordered result: after the record with this start
// time and id. The zero Cursor is the beginning.
type Cursor struct {
	Start time.Time
	ID    int64
}

// IsZero reports whether c is the beginning.
func (c Cursor) IsZero() bool { return c.ID == 0 && c.Start.IsZero() }

// After returns the cursor behind r.
func After(r *flow.Record) Cursor { return Cursor{Start: r.Start, ID: r.ID} }

// Page is a part of a result.
type Page struct {
	Rows []flow.Record
	More bool // rows match beyond these
}
