package db

import (
	"math"
	"sort"
	"time"

	"weir/db/block"
	"weir/search"
)

// selection is a query compiled for one snapshot.
type selection struct {
	span
	nodes     []int64      // ids of reporting nodes; nil: all
	filter    block.Filter // in addition to the span, nodes included; nil: none
	nodesOnly bool         // the filter is nil or tests the nodes only
	order     search.Order
}

// span is a range of start times in stored form, both ends included.
type span struct{ lo, hi int64 }

func spanOf(r search.Range, now time.Time) span {
	s := span{math.MinInt64, math.MaxInt64}
	from, to := r.Bounds(now)
	if !from.IsZero() {
		s.lo = block.Nanos(from)
	}
	if !to.IsZero() {
		s.hi = block.Nanos(to) - 1
	}
	return s
}

func (s span) empty() bool { return s.lo > s.hi }

// whole returns s.
func (s span) whole() span { return s }

// intersect returns the overlap of two spans.
func (s span) intersect(t span) span { return span{max(s.lo, t.lo), min(s.hi, t.hi)} }

// overlaps reports whether some starts of a zone can lie in s.
func (s span) overlaps(z block.Zone) bool { return z.Max >= s.lo && s.hi >= z.Min }

// contains reports whether all starts of a zone lie in s.
func (s span) contains(z block.Zone) bool { return s.lo <= z.Min && z.Max <= s.hi }

// compile resolves q with the names of the snapshot.
func compile(q search.Query, names *dictionary, now time.Time) (selection, error) {
	sel := selection{span: spanOf(q.Range, now), order: q.Order, nodesOnly: q.Filter == nil}
	var terms []block.Filter
	if len(q.Nodes) > 0 {
		ids, err := names.nodeIDs(q.Nodes)
		if err != nil {
			return sel, err
		}
		sel.nodes = ids
		terms = append(terms, block.ByNode(sel.nodes))
	}
	if q.Filter != nil {
		f, err := block.Compile(q.Filter, names.match)
		if err != nil {
			return sel, err
		}
		terms = append(terms, f)
	}
	sel.filter = block.And(terms...)
	return sel, nil
}

// matchesNothing reports whether no row can match.
func (s *selection) matchesNothing() bool {
	return s.empty() || s.nodes != nil && len(s.nodes) == 0
}

// candidates returns the blocks that can hold flows of the selection that start in sp.
func (s *selection) candidates(blocks []*block.Header, sp span) []*block.Header {
	var out []*block.Header
	for _, b := range blocks {
		if sp.overlaps(b.Zone(block.ColStart)) && (s.filter == nil || s.filter.Zones(b) != block.NoRow) {
			out = append(out, b)
		}
	}
	return out
}

// matchingRows returns the rows of a batch that match the selection and start in sp.
func (s *selection) matchingRows(b block.Batch, sp span) (block.Bitmap, error) {
	rows, err := rowsStartedIn(b, sp)
	if err != nil || s.filter == nil || s.filter.Zones(b) == block.EveryRow || rows.Empty() {
		return rows, err
	}
	return rows, s.filter.Narrow(b, rows)
}

// rowsStartedIn returns the rows that start in sp. The rows of a block are sorted by start.
func rowsStartedIn(b block.Batch, sp span) (block.Bitmap, error) {
	n := b.Rows()
	if sp.contains(b.Zone(block.ColStart)) {
		return block.RowRange(n, 0, n), nil
	}
	start, err := b.Cells(block.ColStart)
	if err != nil {
		return nil, err
	}
	if _, stored := b.(*block.Reader); !stored {
		rows := block.RowRange(n, 0, n)
		start.Keep(rows, block.Interval{Lo: sp.lo, Hi: sp.hi})
		return rows, nil
	}
	lo := sort.Search(n, func(i int) bool { return start.At(i) >= sp.lo })
	hi := sort.Search(n, func(i int) bool { return start.At(i) > sp.hi })
	return block.RowRange(n, lo, max(lo, hi)), nil
}
