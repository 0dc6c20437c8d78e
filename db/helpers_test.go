package db

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/storetest"
)

// epoch is the time around which the flows of tests start.
var epoch = storetest.Now

// openTemp opens a new store in a temporary directory and closes it at the end of the test.
func openTemp(t testing.TB) *Writer {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "weir.db"))
}

func openAt(t testing.TB, path string) *Writer {
	t.Helper()
	s, err := Open(context.Background(), path, WriterOptions{Now: func() time.Time { return epoch }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// run starts Run. The function it returns stops it, which happens at the end of the test in any case.
func run(t testing.TB, s *Writer) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return stop
}

// store writes recs and waits until they are committed.
func store(t testing.TB, s *Writer, recs ...flow.Record) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.Put(ctx, recs); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}

// filled returns a store with recs whose writer runs.
func filled(t testing.TB, recs ...flow.Record) *Writer {
	t.Helper()
	s := openTemp(t)
	run(t, s)
	store(t, s, recs...)
	return s
}

func pick[T any](rng *rand.Rand, from ...T) T { return from[rng.IntN(len(from))] }

// numbered returns n ended flows with the ids after after.
func numbered(after int64, n int) []flow.Record {
	recs := make([]flow.Record, n)
	for i := range recs {
		id := after + int64(i) + 1
		recs[i] = flow.Record{ID: id, Node: "a", Start: epoch.Add(time.Duration(id)), Last: epoch.Add(time.Duration(2 * id)), EndReason: flow.EndOfFlow}
	}
	return recs
}
