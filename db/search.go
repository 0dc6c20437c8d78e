package db

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"

	"weir/db/block"
	"weir/flow"
	"weir/search"
)

// Search returns the first n flows of q after the cursor, in q's order, and whether there are more. It
// ignores q.Limit. The rows come from one snapshot of the store.
//
// q.Nodes are names of nodes and groups without wildcards, compared ignoring case; a name that has
// reported nothing matches nothing. A cursor with a start and no id stands right after all flows of
// that time.
//
// Flows that start more than five minutes from now come last in both orders by start: the clock of their
// exporter is wrong, and newest first they would hide the present.
//
// A damaged block costs its own flows only. If it can hold flows that belong to the answer, the error
// is a *search.IncompleteError, and the answer has all the others. That holds for all methods that
// read flows.
func (r *Reader) Search(ctx context.Context, q search.Request, after search.Cursor, n int) (search.Page, error) {
	return r.search(ctx, q, after, n, block.Nanos(r.now().Add(futureSlack)))
}

func (r *Reader) search(ctx context.Context, q search.Request, after search.Cursor, n int, horizon int64) (search.Page, error) {
	var page search.Page
	err := r.read(ctx, q.Progress, func(sn *snapshot) error {
		page = search.Page{}
		sel, err := compile(q.Query, sn.names, r.now())
		if err != nil || sel.matchesNothing() {
			return err
		}
		page, err = sn.page(sel, after, max(n, 0), horizon)
		return err
	})
	if !search.Answered(err) {
		return search.Page{}, fmt.Errorf("search flows: %w", err)
	}
	return page, err
}

// hitsAfter returns up to limit hits of a selection after the cursor. If the order is newest first, flows
// that start after horizon come last.
func (sn *snapshot) hitsAfter(sel selection, after search.Cursor, limit int, horizon int64) ([]hit, error) {
	if sel.by != nil {
		return sn.hitsByNumber(sel, after, limit)
	}
	sp := sel.span
	var c *cursor
	if !after.IsZero() {
		c = &cursor{start: block.Nanos(after.Start), id: after.ID}
		sp = sp.intersect(sel.spanAfter(c.start))
	}
	if sel.order == search.Oldest {
		return sn.firstHits(sel, sp, c, limit)
	}
	past, future := span{math.MinInt64, horizon}, span{horizon + 1, math.MaxInt64}
	if c != nil && c.start > horizon {
		return sn.firstHits(sel, sp.intersect(future), c, limit)
	}
	hits, err := sn.firstHits(sel, sp.intersect(past), c, limit)
	if err != nil || len(hits) == limit {
		return hits, err
	}
	late, err := sn.firstHits(sel, sel.intersect(future), nil, limit-len(hits))
	return append(hits, late...), err
}

// hitsByNumber is hitsAfter for a selection that is ordered by a number: first the flows that have one, then
// the others.
func (sn *snapshot) hitsByNumber(sel selection, after search.Cursor, limit int) (hits []hit, err error) {
	var c *cursor
	if !after.IsZero() {
		c = &cursor{block.Nanos(after.Start), after.ID, after.Value}
	}
	if c == nil || after.Known {
		if hits, err = sn.firstHits(sel, sel.span, c, limit); err != nil || len(hits) == limit {
			return hits, err
		}
		c = nil
	}
	unknown := sel.by.Unknown()
	if unknown == nil {
		return hits, nil
	}
	if sel.filter != nil {
		unknown = block.And(sel.filter, unknown)
	}
	sel.filter, sel.by, sel.order = unknown, nil, search.Newest
	sp := sel.span
	if c != nil {
		sp = sp.intersect(sel.spanAfter(c.start))
	}
	rest, err := sn.firstHits(sel, sp, c, limit-len(hits))
	return append(hits, rest...), err
}

// spanAfter returns the span of what comes after a start in the selection's order, that start
// included.
func (s *selection) spanAfter(start int64) span {
	if s.order == search.Oldest {
		return span{start, math.MaxInt64}
	}
	return span{math.MinInt64, start}
}

// Each calls fn with the flows of q in order, q.Rows of them at most. It holds at most ten thousand at
// a time, and each such portion is one snapshot: as many as a screen shows, so that an export equals
// the view. Flows written later show up in later portions only. In an order by a number, later portions have a
// hundred thousand, because each reads that number of all flows; an open flow whose number passes the end of a
// portion meanwhile is missing or repeated. fn may keep a copy of the record, but not the pointer. Each stops at
// an error of fn and returns it.
func (r *Reader) Each(ctx context.Context, q search.Request, fn func(*flow.Record) error) error {
	left := q.Rows()
	if left < 0 {
		left = math.MaxInt
	}
	// Relative times are resolved once, or they would move from portion to portion.
	now := r.now()
	from, to := q.Range.Bounds(now)
	q.Range = search.Range{From: from, To: to}
	var after search.Cursor
	var incomplete error
	for rows := eachRows; left > 0; {
		page, err := r.search(ctx, q, after, min(left, rows), block.Nanos(now.Add(futureSlack)))
		if !search.Answered(err) {
			return err
		}
		incomplete = search.JoinIncomplete(incomplete, err)
		for i := range page.Rows {
			if err := fn(&page.Rows[i]); err != nil {
				return err
			}
		}
		if !page.More {
			break
		}
		left -= len(page.Rows)
		after = q.Order.After(&page.Rows[len(page.Rows)-1])
		if !q.Order.ByStart() {
			rows = eachOrderedRows
		}
	}
	return incomplete
}

// errEnough stops workers when the result is complete.
var errEnough = errors.New("enough")

// Count returns how many flows match q, ignoring its limit: exactly up to limit, limit+1 if there are
// more. A negative limit means no limit.
func (r *Reader) Count(ctx context.Context, q search.Request, limit int64) (int64, error) {
	if limit < 0 || limit == math.MaxInt64 {
		limit = math.MaxInt64 - 1
	}
	var n atomic.Int64
	err := r.read(ctx, q.Progress, func(sn *snapshot) error {
		n.Store(0)
		sel, err := compile(q.Query, sn.names, r.now())
		if err != nil || sel.matchesNothing() {
			return err
		}
		return sn.visit(sel, func(_ block.Batch, rows block.Bitmap) error {
			if n.Add(int64(rows.Count())) > limit {
				return errEnough
			}
			return nil
		})
	})
	if errors.Is(err, errEnough) {
		err = nil // there are more, whatever is missing
	}
	if !search.Answered(err) {
		return 0, fmt.Errorf("count flows: %w", err)
	}
	return min(n.Load(), limit+1), err
}
