package storetest

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

var cancelContract = []point{
	{"searches stop when their context ends", searchesStopWhenTheirContextEnds},
	{"each stops when its context ends between two rows", eachStopsBetweenTwoRows},
}

// questions are all that can be asked of a store, by name.
func questions(s Store) map[string]func(context.Context, search.Request) error {
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
			_, err := s.Top(ctx, q, search.BySrc, 10)
			return err
		},
		"buckets": func(ctx context.Context, q search.Request) error {
			_, err := s.Buckets(ctx, q, 10)
			return err
		},
	}
}

// searchesStopWhenTheirContextEnds asks for what is not there.
func searchesStopWhenTheirContextEnds(t *testing.T, s Store) {
	filled(t, s, seeded(t), 60_000)
	var slow search.Or           // looks at every flow a thousand times
	for i := range int64(1000) { // to prepare 3,000 takes 5 s under the race detector beside other work
		never := search.Numbers{Field: search.FieldBytes, Ranges: []search.Interval{{Lo: 7 + i + 1<<40, Hi: 7 + i + 1<<40}}}
		slow = append(slow, never)
	}
	for name, ask := range questions(s) {
		cancelEarly(t, name, slow[0], ask)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := ask(gone, search.Request{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s under a context that is over: %v, want the context's error", name, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		begun := time.Now()
		err := ask(ctx, search.Request{Query: search.Query{Filter: slow}})
		took := time.Since(begun)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v after %v, want the context's error", name, err, took)
		}
		if took > 5*time.Second { // generous, for machines with other work; benchmarks measure
			t.Errorf("%s went on for %v", name, took)
		}
	}
	if _, err := s.Search(t.Context(), search.Request{}, search.Cursor{}, 1); err != nil {
		t.Errorf("the search after the canceled ones: %v", err)
	}
}

// cancelEarly cancels a question when it first says how far it is: it must not do
// much of the rest. One that never says so comes to its end.
func cancelEarly(t *testing.T, name string, filter search.Expr, ask func(context.Context, search.Request) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var done, planned atomic.Int64
	err := ask(ctx, search.Request{Query: search.Query{Filter: filter}, Progress: func(_, n int64) {
		cancel()
		done.Add(1)
		planned.Store(n)
	}})
	const few = 20 // pieces, of which what is in work may be half
	switch n := planned.Load(); {
	case n == 0 && err != nil, n > 0 && !errors.Is(err, context.Canceled):
		t.Errorf("%s, canceled when 1 of %d was done: %v", name, n, err)
	case n > few && done.Load() > n/2:
		t.Errorf("%s, canceled when 1 of %d was done, went on to %d", name, n, done.Load())
	}
}

func eachStopsBetweenTwoRows(t *testing.T, s Store) {
	const flows = 25_000 // more than a store reads ahead
	filled(t, s, seeded(t), flows)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	rows := 0
	err := s.Each(ctx, search.Request{Query: search.Query{Limit: -1}}, func(*flow.Record) error {
		rows++
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || rows == flows {
		t.Errorf("Each = %v after %d of %d rows, want the context's error", err, rows, flows)
	}
}
