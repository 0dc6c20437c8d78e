package storetest

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

var cancelContract = []requirement{
	{"queries stop when their context is done", queriesStopWithTheirContext},
	{"each stops when its context is canceled between two rows", eachStopsBetweenTwoRows},
}

// queries returns all queries of a store by name.
func queries(s Store) map[string]func(context.Context, search.Request) error {
	return map[string]func(context.Context, search.Request) error{
		"search": func(ctx context.Context, q search.Request) error {
			_, err := s.Search(ctx, q, search.Cursor{}, 1000)
			return err
		},
		"count": func(ctx context.Context, q search.Request) error {
			_, err := s.Count(ctx, q, -1)
			return err
		},
		"each": func(ctx context.Context, q search.Request) error {
			return s.Each(ctx, q, func(*flow.Record) error { return nil })
		},
		"top": func(ctx context.Context, q search.Request) error {
			_, err := s.Top(ctx, search.TopRequest{Request: q, By: search.Grouping{search.BySrc}, N: 10})
			return err
		},
		"buckets": func(ctx context.Context, q search.Request) error {
			_, err := s.Buckets(ctx, q, 10)
			return err
		},
	}
}

// queriesStopWithTheirContext runs filters that match nothing, one of them slow
// with a thousand terms.
func queriesStopWithTheirContext(t *testing.T, s Store) {
	for recs := range slices.Chunk(population(newRand(t), 60_000), 5000) { // fill would wait for 300 batches
		put(t, s, recs...)
	}
	var slow search.Or
	for i := range int64(1000) { // preparing 3,000 takes 5 s under the race detector on a busy machine
		value := []search.Interval{{Lo: 7 + i + 1<<40, Hi: 7 + i + 1<<40}}
		first, second := search.FieldBytes, search.FieldPackets
		if i%2 > 0 { // a field that all alternatives restrict could be one look-up in a set
			first, second = search.FieldSent, search.FieldRecv
		}
		slow = append(slow, search.And{search.Numbers{Field: first, Ranges: value}, search.Numbers{Field: second, Ranges: value}})
	}
	for name, query := range queries(s) {
		cancelEarly(t, name, slow[0], query)
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		if err := query(canceled, search.Request{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a canceled context: %v, want context.Canceled", name, err)
		}
		best := time.Hour
		for try := 0; try < 3 && best > 5*time.Second; try++ { // because the machine may be busy
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
			begin := time.Now()
			err := query(ctx, search.Request{Query: search.Query{Filter: slow}})
			took := time.Since(begin)
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v after %v, want context.DeadlineExceeded", name, err, took)
			}
			best = min(best, took)
		}
		if best > 5*time.Second { // generous, for busy machines; benchmarks measure the latency
			t.Errorf("%s took %v to stop", name, best)
		}
	}
	if _, err := s.Search(t.Context(), search.Request{}, search.Cursor{}, 1); err != nil {
		t.Errorf("search after the canceled ones: %v", err)
	}
}

// cancelEarly cancels a query when it first reports progress. The query must then
// skip most of the remaining work. A query that never reports progress completes.
func cancelEarly(t *testing.T, name string, filter search.Expr, query func(context.Context, search.Request) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var done, planned atomic.Int64
	err := query(ctx, search.Request{Query: search.Query{Filter: filter}, Progress: func(_, n int64) {
		cancel()
		done.Add(1)
		planned.Store(n)
	}})
	const few = 20 // units of planned work, half of which may already be in progress
	switch n := planned.Load(); {
	case n == 0 && err != nil, n > 0 && !errors.Is(err, context.Canceled):
		t.Errorf("%s, canceled after 1 of %d units: %v", name, n, err)
	case n > few && done.Load() > n/2:
		t.Errorf("%s, canceled after 1 of %d units, still completed %d", name, n, done.Load())
	}
}

func eachStopsBetweenTwoRows(t *testing.T, s Store) {
	const flows = 12_000 // more than a store reads ahead
	fill(t, s, newRand(t), flows)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	rows := 0
	err := s.Each(ctx, search.Request{Query: search.Query{Limit: -1}}, func(*flow.Record) error {
		rows++
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || rows == flows {
		t.Errorf("Each = %v after %d of %d rows, want context.Canceled", err, rows, flows)
	}
}
