package db

import (
	"fmt"
	"math"

	"weir/flow"
	"weir/search"
)

// window is a part of a selection's span, with what the index says of the
// flows in it.
type window struct {
	span
	count        int64
	minID, maxID int64
}

// walk returns the first limit flows of a filtered selection in sp. It looks at one
// window of time after the other, small ones first.
//
// Ids follow the clock nearly, so the flows of a window lie together in the
// table, and reading that stretch of it in id order takes half the time of
// looking each flow up from the index of start times (DESIGN.md has the figures).
// What it finds is exact: a window is a range of start times, and the order
// within it is made by sorting.
func (sn *snapshot) walk(sel selection, sp span, place condition, limit int) ([]flow.Record, error) {
	var rows []flow.Record
	for size := sn.window; ; size = min(size*windowGrowth, lastWindow) {
		w, err := sn.measure(sel, sp, size)
		if err != nil || w.count == 0 {
			return rows, err
		}
		if rows, err = sn.fetch(rows, sel.order, limit-len(rows), w.source(sel, place)); err != nil {
			return nil, err
		}
		if len(rows) >= limit {
			return rows, nil
		}
		if w.span == sp { // the last one
			return rows, nil
		}
		if sel.order == search.Oldest {
			sp.lo = w.hi + 1
		} else {
			sp.hi = w.lo - 1
		}
		if sp.empty() {
			return rows, nil
		}
	}
}

// measure returns the window of the first size flows of sp, or of all of them if
// size is negative. It ends with a whole instant, so that the next one begins
// behind it.
func (sn *snapshot) measure(sel selection, sp span, size int64) (window, error) {
	w := window{span: sp}
	if size > 0 {
		src := sel.index(sp)
		edge := int64(zeroTime)
		if sel.order == search.Oldest {
			edge = math.MaxInt64
		}
		dir := direction(sel.order)
		err := sn.ints("SELECT start_ns FROM "+src.table+" WHERE "+src.where.sql+" ORDER BY start_ns "+dir+" LIMIT 1 OFFSET ?",
			append(src.where.args, size-1), &edge)
		if err != nil {
			return w, fmt.Errorf("find the next window of flows: %w", err)
		}
		if sel.order == search.Oldest {
			w.hi = min(w.hi, edge)
		} else {
			w.lo = max(w.lo, edge)
		}
	}
	src := sel.index(w.span)
	err := sn.ints("SELECT count(*), min(id), max(id) FROM "+src.table+" WHERE "+src.where.sql, src.where.args, &w.count, &w.minID, &w.maxID)
	if err != nil {
		return w, fmt.Errorf("measure a window of flows: %w", err)
	}
	return w, nil
}

// source reads the window's flows that fulfil everything: through the
// stretch of the table that holds them, or through the index where they are
// strewn over too long a one.
func (w window) source(sel selection, place condition) source {
	terms := append([]condition{place}, sel.rest()...)
	if w.maxID-w.minID >= w.count*sparse {
		src := sel.index(w.span)
		return source{src.table, allOf(append([]condition{src.where}, terms...)...)}
	}
	if len(sel.nodes) == 1 {
		terms = append([]condition{cond("node_id = ?", sel.nodes[0])}, terms...)
	}
	return source{byID, allOf(append([]condition{cond("id BETWEEN ? AND ?", w.minID, w.maxID), w.where()}, terms...)...)}
}
