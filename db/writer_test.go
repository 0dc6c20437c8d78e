package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/storetest"
	"weir/search"
)

func TestOneStateOfEachFlowInABatchIsWritten(t *testing.T) {
	state := func(packets uint64, reason flow.EndReason) flow.Record {
		return flow.Record{ID: 1, Start: epoch, EndReason: reason, Sent: flow.Counters{Packets: packets}}
	}
	s := filled(t, state(1, flow.StillOpen), flow.Record{ID: 2, Start: epoch}, state(2, flow.StillOpen), state(3, flow.IdleTimeout), state(4, flow.StillOpen))
	if got := s.Health().Stored; got != 2 {
		t.Errorf("%d records written, want 2", got)
	}
}

func TestRecordsWithoutAnIDGetOne(t *testing.T) {
	s := filled(t, flow.Record{Start: epoch}, flow.Record{Start: epoch})
	if got := storetest.IDs(storetest.All(t, s)); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("ids %v, want 1 and 2", got)
	}
}

func TestIDsContinueAfterTheHighestInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.db")
	s := openAt(t, path)
	stop := run(t, s)
	if got := s.NextID(); got != 1 {
		t.Errorf("the first id of an empty store is %d", got)
	}
	store(t, s, flow.Record{ID: 41, Start: epoch})
	stop()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path)
	if a, b := s.NextID(), s.NextID(); a != 42 || b != 43 {
		t.Errorf("ids %d and %d, want 42 and 43", a, b)
	}
}

func TestRunCommitsWaitingRecordsBeforeItReturns(t *testing.T) {
	s := openTemp(t)
	for id := range int64(1000) { // before Run, so all of them wait
		if !s.Offer([]flow.Record{{ID: id + 1, Start: epoch}}) {
			t.Fatalf("record %d of 1000 is not accepted", id+1)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if got := len(storetest.All(t, s)); got != 1000 {
		t.Errorf("%d of 1000 records are stored", got)
	}
	if s.Offer([]flow.Record{{ID: 2000}}) {
		t.Error("a record is accepted after the writer has stopped")
	}
	if err := s.Put(t.Context(), []flow.Record{{ID: 2000}}); !errors.Is(err, ErrStopped) {
		t.Errorf("Put after the end: %v", err)
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Errorf("Flush after everything was committed: %v", err)
	}
}

func TestAFullQueueRefusesOffersAndLetsPutsWait(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "weir.db"), WriterOptions{QueueRows: 10})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if !s.Offer(make([]flow.Record, 25)) {
		t.Error("an empty queue does not accept a batch larger than itself")
	}
	if s.Offer(make([]flow.Record, 1)) {
		t.Error("a full queue accepts an offer")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := s.Put(ctx, make([]flow.Record, 1)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Put into a full queue: %v", err)
	}
	put := make(chan error, 1)
	go func() { put <- s.Put(context.Background(), make([]flow.Record, 3)) }()
	run(t, s)
	if err := <-put; err != nil {
		t.Errorf("Put while the queue empties: %v", err)
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := len(storetest.All(t, s)); got != 28 {
		t.Errorf("%d rows, want 28", got)
	}
}

func TestConcurrentNextIDsAreUnique(t *testing.T) {
	s := openTemp(t)
	var wg sync.WaitGroup
	taken := make(chan int64, 400)
	for range 8 {
		wg.Go(func() {
			for range 50 {
				taken <- s.NextID()
			}
		})
	}
	wg.Wait()
	close(taken)
	different := map[int64]bool{}
	for id := range taken {
		different[id] = true
	}
	if len(different) != 400 {
		t.Errorf("%d different ids of 400", len(different))
	}
}

func TestFlushOfNothingReturnsAtOnce(t *testing.T) {
	s := openTemp(t) // without Run
	if err := s.Flush(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestARecordIsVisibleSoonWithoutFlush(t *testing.T) {
	s := openTemp(t)
	run(t, s)
	before := s.Version()
	if !s.Offer([]flow.Record{{ID: 1, Start: epoch}}) {
		t.Fatal("not taken")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for s.Version() == before {
		if ctx.Err() != nil {
			t.Fatal("no commit within 10 s")
		}
	}
	if got := len(storetest.All(t, s)); got != 1 {
		t.Errorf("%d rows, want 1", got)
	}
}

func TestRunRunsOnceAndCloseClosesOnce(t *testing.T) {
	s := openTemp(t)
	stop := run(t, s)
	store(t, s, flow.Record{ID: 1})
	if err := s.Run(t.Context()); err == nil {
		t.Error("a second Run starts")
	}
	stop()
	if err, again := s.Close(), s.Close(); err != nil || again != nil {
		t.Errorf("Close: %v, again: %v", err, again)
	}
	if _, err := s.Search(t.Context(), search.Request{}, search.Cursor{}, 1); err == nil {
		t.Error("a closed store is searched")
	}
	if err := s.Put(t.Context(), make([]flow.Record, 1)); err == nil {
		t.Error("a closed store accepts records")
	}
}

// checkIntegrity runs SQLite's own checks, of indexes against their tables, too.
func checkIntegrity(t testing.TB, s *Writer) {
	t.Helper()
	err := s.read(context.Background(), nil, func(sn *snapshot) error {
		return sn.each("PRAGMA integrity_check", nil, func(row []driver.Value) error {
			if row[0] != "ok" {
				t.Errorf("integrity check: %v", row[0])
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestLatePacketsReplaceAnEndedFlowUntilItIsPacked: a record of a flow that has ended replaces the one
// that waits for a block; it never changes a block, but is counted.
func TestLatePacketsReplaceAnEndedFlowUntilItIsPacked(t *testing.T) {
	s := openTemp(t)
	s.blockRows = 100
	run(t, s)
	recs := numbered(0, 50)
	store(t, s, recs...)
	recs[7].Recv.Packets = 5
	open := recs[8]
	open.EndReason, open.Recv.Packets = flow.StillOpen, 9
	store(t, s, recs[7], open)
	want := func(when string, packets7 uint64, n int) {
		t.Helper()
		got := storetest.All(t, s)
		if len(got) != n {
			t.Fatalf("%s: %d flows, want %d", when, len(got), n)
		}
		for _, r := range got {
			if r.ID == recs[7].ID && r.Recv.Packets != packets7 || r.ID == recs[8].ID && (r.Open() || r.Recv.Packets != recs[8].Recv.Packets) {
				t.Errorf("%s: %+v", when, r)
			}
		}
	}
	want("in a piece", 5, 50)
	store(t, s, numbered(50, 60)...) // and now a block is full
	want("packed", 5, 110)
	if n := s.Health().Outdated; n != 0 {
		t.Errorf("%d flows without their last update, want none", n)
	}
	recs[7].Recv.Packets = 6
	store(t, s, recs[7], open)
	want("after that", 5, 110)
	if n := s.Health().Outdated; n != 1 {
		t.Errorf("%d flows without their last update, want 1", n)
	}
}
