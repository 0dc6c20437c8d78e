package db

import (
	"context"
	"math/rand/v2"
	"testing"

	"weir/flow"
	"weir/search"
)

// pageThrough reads all flows page by page while the writer goes on, and wants each flow of before
// once. It runs beside the model.
func pageThrough(ctx context.Context, t *testing.T, r *Reader, rng *rand.Rand, order search.Order, retention bool) {
	before := map[int64]bool{}
	q := search.Request{Query: search.Query{Order: search.Oldest, Limit: -1}}
	err := r.Each(ctx, q, func(rec *flow.Record) error { before[rec.ID] = true; return nil })
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		t.Error(err)
		return
	}
	q.Order = order
	var after search.Cursor
	seen := map[int64]bool{}
	var last flow.Record
	for {
		page, err := r.Search(ctx, q, after, 1+rng.IntN(300))
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			t.Error(err)
			return
		}
		for _, rec := range page.Rows {
			if seen[rec.ID] {
				t.Errorf("paging %v: flow %d twice", order, rec.ID)
				return
			}
			if len(seen) > 0 {
				c := last.Start.Compare(rec.Start)
				if order == search.Newest {
					c = -c
				}
				if c > 0 {
					t.Errorf("paging %v: order", order)
				}
			}
			last = rec
			seen[rec.ID] = true
		}
		if !page.More {
			break
		}
		after = q.Order.After(&page.Rows[len(page.Rows)-1])
	}
	if !retention {
		for id := range before {
			if !seen[id] {
				t.Errorf("paging %v: flow %d was missed", order, id)
				return
			}
		}
	}
}

// readConcurrently queries a store in random ways until stop is closed.
func readConcurrently(t *testing.T, r *Reader, seed uint64, retention bool, stop <-chan struct{}) {
	rng := rand.New(rand.NewPCG(seed, 99))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { <-stop; cancel() }()
	var version uint64
	for ctx.Err() == nil {
		var err error
		switch rng.IntN(8) {
		case 0:
			pageThrough(ctx, t, r, rng, search.Newest, retention)
		case 1:
			pageThrough(ctx, t, r, rng, search.Oldest, retention)
		case 2:
			_, err = r.Count(ctx, search.Request{}, -1)
		case 3:
			_, err = r.Top(ctx, search.TopRequest{By: search.Grouping{search.ByPair}, N: 10})
		case 4:
			_, err = r.Summaries(ctx, search.Range{})
		case 5:
			_, err = r.Stat(ctx)
		case 6:
			_, err = r.Check(ctx, func(p string) { t.Error("beside the writer:", p) })
		case 7:
			v := r.Version()
			if v < version {
				t.Errorf("version %d after %d", v, version)
			}
			version = v
			_, err = r.Buckets(ctx, search.Request{}, 10)
		}
		if err != nil && ctx.Err() == nil {
			t.Error(err)
			return
		}
	}
}
