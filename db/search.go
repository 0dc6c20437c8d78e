package db

import (
	"context"
	"fmt"
	"math"

	"weir/flow"
	"weir/search"
)

// Search returns the first n flows of q behind the cursor, in q's order, and
// whether there are more. q.Limit is the caller's business. The rows are one
// snapshot of the store.
//
// q.Nodes are names, no patterns, and compare without regard to case; a name
// that never reported anything matches nothing. A cursor with a start time and
// no id is the place right behind that time.
func (s *Store) Search(ctx context.Context, q search.Query, after search.Cursor, n int) (search.Page, error) {
	var page search.Page
	err := s.read(ctx, func(sn *snapshot) error {
		sel, err := compile(q, sn.names, s.now())
		if err != nil || sel.nothing() {
			return err
		}
		n = max(n, 0)
		rows, err := sn.first(sel, after, n+1)
		if len(rows) > n {
			rows, page.More = rows[:n], true
		}
		page.Rows = rows
		return err
	})
	if err != nil {
		return search.Page{}, fmt.Errorf("search flows: %w", err)
	}
	return page, nil
}

// first returns the first limit flows of a selection behind the cursor.
func (sn *snapshot) first(sel selection, after search.Cursor, limit int) ([]flow.Record, error) {
	sp, place := behind(sel.span, sel.order, after)
	switch {
	case sp.empty():
		return nil, nil
	case sel.filter.sql != "" || len(sel.nodes) > nodeMerge:
		return sn.walk(sel, sp, place, limit)
	case len(sel.nodes) == 0:
		return sn.fetch(nil, sel.order, limit, source{byTime, allOf(sp.where(), place)})
	}
	sources := make([]source, len(sel.nodes))
	for i, id := range sel.nodes {
		sources[i] = source{byNode, allOf(cond("node_id = ?", id), sp.where(), place)}
	}
	return sn.fetch(nil, sel.order, limit, sources...)
}

// Each calls fn with the flows of q in order, q.Rows of them at most. It holds
// no more than ten thousand at a time and each such part is one snapshot: as
// many as a screen ever shows, so that an export equals the view. What is
// written later than a part was read shows up in the parts behind it. fn may keep a
// copy of the record, not the pointer. An error of fn ends it and is returned.
func (s *Store) Each(ctx context.Context, q search.Query, fn func(*flow.Record) error) error {
	left := q.Rows()
	if left < 0 {
		left = math.MaxInt
	}
	// A relative range is resolved once, or it would move from part to part.
	from, to := q.Range.Bounds(s.now())
	q.Range = search.Range{From: from, To: to}
	var after search.Cursor
	for left > 0 {
		page, err := s.Search(ctx, q, after, min(left, eachRows))
		if err != nil {
			return err
		}
		for i := range page.Rows {
			if err := fn(&page.Rows[i]); err != nil {
				return err
			}
		}
		if !page.More {
			return nil
		}
		left -= len(page.Rows)
		after = search.After(&page.Rows[len(page.Rows)-1])
	}
	return nil
}

// Count returns how many flows match q, whatever its limit: exactly if they are at
// most max, else max+1. A negative max means no bound.
func (s *Store) Count(ctx context.Context, q search.Query, max int64) (n int64, err error) {
	limit := int64(-1)
	if max >= 0 && max < math.MaxInt64 {
		limit = max + 1
	}
	err = s.read(ctx, func(sn *snapshot) error {
		sel, err := compile(q, sn.names, s.now())
		if err != nil || sel.nothing() {
			return err
		}
		src, err := sn.scan(sel)
		if err != nil {
			return err
		}
		return sn.ints("SELECT count(*) FROM (SELECT 1 FROM "+src.table+" WHERE "+src.where.sql+" LIMIT ?)",
			append(src.where.args, limit), &n)
	})
	if err != nil {
		return 0, fmt.Errorf("count flows: %w", err)
	}
	return n, nil
}

// scan is the cheapest source of all rows of a selection, in any order.
func (sn *snapshot) scan(sel selection) (source, error) {
	if sel.filter.sql == "" { // an index holds all that is asked
		if len(sel.nodes) > 0 {
			return source{byNode, allOf(idIn("node_id", sel.nodes), sel.where())}, nil
		}
		return source{byTime, sel.where()}, nil
	}
	if sel.unbounded() && len(sel.nodes) != 1 {
		return source{byID, allOf(sel.rest()...)}, nil
	}
	w, err := sn.measure(sel, sel.span, -1)
	return w.source(sel, always), err
}
