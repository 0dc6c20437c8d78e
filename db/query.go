package db

import (
	"math"
	"sort"
	"time"

	"weir/search"
)

// selection is a query ready to be run, within one snapshot.
type selection struct {
	span
	nodes  []int64 // ids of reporting nodes; nil: all
	filter filter  // on top of the span, nodes included; nil: none
	plain  bool    // there is no filter but the nodes
	order  search.Order
}

// span is a range of start times in stored form, both ends included.
type span struct{ lo, hi int64 }

func spanOf(r search.Range, now time.Time) span {
	s := span{math.MinInt64, math.MaxInt64}
	from, to := r.Bounds(now)
	if !from.IsZero() {
		s.lo = nanos(from)
	}
	if !to.IsZero() {
		s.hi = nanos(to) - 1
	}
	return s
}

func (s span) empty() bool { return s.lo > s.hi }

// and is what both spans hold.
func (s span) and(t span) span { return span{max(s.lo, t.lo), min(s.hi, t.hi)} }

// meets reports whether a block can hold flows that start in s.
func (s span) meets(b *block) bool {
	return b.zone(colStart).max >= s.lo && s.hi >= b.zone(colStart).min
}

// holds reports whether all starts of a zone lie in s.
func (s span) holds(z zone) bool { return s.lo <= z.min && z.max <= s.hi }

// compile resolves q against the names of the snapshot.
func compile(q search.Query, names *dictionary, now time.Time) (selection, error) {
	sel := selection{span: spanOf(q.Range, now), order: q.Order, plain: q.Filter == nil}
	var terms []filter
	if len(q.Nodes) > 0 {
		sel.nodes = names.nodes(q.Nodes)
		terms = append(terms, nodeFilter(sel.nodes))
	}
	if q.Filter != nil {
		f, err := compileFilter(q.Filter, names.match)
		if err != nil {
			return sel, err
		}
		terms = append(terms, f)
	}
	sel.filter = allOf(terms...)
	return sel, nil
}

// nothing reports whether no row can match.
func (s *selection) nothing() bool {
	return s.empty() || s.nodes != nil && len(s.nodes) == 0
}

// candidates are the blocks in which flows of the selection can lie that start in sp.
func (s *selection) candidates(blocks []*block, sp span) []*block {
	var out []*block
	for _, b := range blocks {
		if sp.meets(b) && (s.filter == nil || s.filter.zones(b) != noRow) {
			out = append(out, b)
		}
	}
	return out
}

// rows is the set of the rows of a batch that are of the selection and start in sp.
func (s *selection) rows(b batch, sp span) (bitmap, error) {
	rows, err := started(b, sp)
	if err != nil || s.filter == nil || s.filter.zones(b) == everyRow || rows.empty() {
		return rows, err
	}
	return rows, s.filter.narrow(b, rows)
}

// started is the set of the rows that start in sp. Those of a block are in
// the order of their start.
func started(b batch, sp span) (bitmap, error) {
	n := b.rows()
	if sp.holds(b.zone(colStart)) {
		return rowRange(n, 0, n), nil
	}
	start, err := b.cells(colStart)
	if err != nil {
		return nil, err
	}
	if _, stored := b.(*storedBatch); !stored {
		rows := rowRange(n, 0, n)
		start.keep(rows, interval{sp.lo, sp.hi})
		return rows, nil
	}
	lo := sort.Search(n, func(i int) bool { return start.at(i) >= sp.lo })
	hi := sort.Search(n, func(i int) bool { return start.at(i) > sp.hi })
	return rowRange(n, lo, max(lo, hi)), nil
}
