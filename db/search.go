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

// Search returns the first n flows of q behind the cursor, in q's order, and
// whether there are more. q.Limit is the caller's business. The rows are one
// snapshot of the store.
//
// q.Nodes are names of nodes and groups, no patterns, and compare without regard
// to case; a name that never reported anything matches nothing. A cursor with a start time and
// no id is the place right behind that time.
//
// Flows that claim to begin more than five minutes from now come last in either
// order: the clock of their exporter is wrong, and newest first they would hide
// what happens now.
func (r *Reader) Search(ctx context.Context, q search.Request, after search.Cursor, n int) (search.Page, error) {
	return r.search(ctx, q, after, n, block.Nanos(r.now().Add(futureSlack)))
}

func (r *Reader) search(ctx context.Context, q search.Request, after search.Cursor, n int, horizon int64) (search.Page, error) {
	var page search.Page
	err := r.read(ctx, q.Progress, func(sn *snapshot) error {
		page = search.Page{}
		sel, err := compile(q.Query, sn.names, r.now())
		if err != nil || sel.nothing() {
			return err
		}
		n = max(n, 0)
		hits, err := sn.behind(sel, after, n+1, horizon)
		if err != nil {
			return err
		}
		if len(hits) > n {
			hits, page.More = hits[:n], true
		}
		page.Rows, err = sn.records(hits)
		return err
	})
	if err != nil {
		return search.Page{}, fmt.Errorf("search flows: %w", err)
	}
	return page, nil
}

// behind returns the first hits of a selection behind the cursor, limit at most.
func (sn *snapshot) behind(sel selection, after search.Cursor, limit int, horizon int64) ([]hit, error) {
	sp := sel.span
	var p *place
	if !after.IsZero() {
		p = &place{block.Nanos(after.Start), after.ID}
		sp = sp.and(sel.behind(p.start))
	}
	if sel.order == search.Oldest {
		return sn.ordered(sel, sp, p, limit)
	}
	past, future := span{math.MinInt64, horizon}, span{horizon + 1, math.MaxInt64}
	if p != nil && p.start > horizon {
		return sn.ordered(sel, sp.and(future), p, limit)
	}
	hits, err := sn.ordered(sel, sp.and(past), p, limit)
	if err != nil || len(hits) == limit {
		return hits, err
	}
	late, err := sn.ordered(sel, sel.span.and(future), nil, limit-len(hits))
	return append(hits, late...), err
}

// behind is the span of what comes behind a start, which is included.
func (s *selection) behind(start int64) span {
	if s.order == search.Oldest {
		return span{start, math.MaxInt64}
	}
	return span{math.MinInt64, start}
}

// Each calls fn with the flows of q in order, q.Rows of them at most. It holds
// no more than ten thousand at a time and each such part is one snapshot: as
// many as a screen ever shows, so that an export equals the view. What is
// written later than a part was read shows up in the parts behind it. fn may keep a
// copy of the record, not the pointer. An error of fn ends it and is returned.
func (r *Reader) Each(ctx context.Context, q search.Request, fn func(*flow.Record) error) error {
	left := q.Rows()
	if left < 0 {
		left = math.MaxInt
	}
	// What depends on the time of day is resolved once, or it would move from part to part.
	now := r.now()
	from, to := q.Range.Bounds(now)
	q.Range = search.Range{From: from, To: to}
	var after search.Cursor
	for left > 0 {
		page, err := r.search(ctx, q, after, min(left, eachRows), block.Nanos(now.Add(futureSlack)))
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

// errEnough ends a count above its bound.
var errEnough = errors.New("enough")

// Count returns how many flows match q, whatever its limit: exactly if they are at
// most max, else max+1. A negative max means no bound.
func (r *Reader) Count(ctx context.Context, q search.Request, max int64) (int64, error) {
	if max < 0 || max == math.MaxInt64 {
		max = math.MaxInt64 - 1
	}
	var n atomic.Int64
	err := r.read(ctx, q.Progress, func(sn *snapshot) error {
		n.Store(0)
		sel, err := compile(q.Query, sn.names, r.now())
		if err != nil || sel.nothing() {
			return err
		}
		return sn.visit(sel, func(_ block.Batch, rows block.Bitmap) error {
			if n.Add(int64(rows.Count())) > max {
				return errEnough
			}
			return nil
		})
	})
	if err != nil && !errors.Is(err, errEnough) {
		return 0, fmt.Errorf("count flows: %w", err)
	}
	return min(n.Load(), max+1), nil
}
