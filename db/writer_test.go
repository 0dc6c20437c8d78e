package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

// open flow 1 as it looks after n packets.
func growing(n uint64) flow.Record {
	return flow.Record{ID: 1, Node: "a", Start: epoch, Last: epoch.Add(time.Duration(n)), Sent: flow.Counters{Packets: n}}
}

func TestAnOpenFlowIsOneRowThatIsUpdatedUntilItEnds(t *testing.T) {
	s := openTemp(t)
	run(t, s)
	earlier := growing(3)
	earlier.Start = epoch.Add(-time.Second) // an older packet arrived late: the index entries move too
	ended := growing(4)
	ended.EndReason = flow.EndOfFlow
	swapped := growing(2) // a late SYN showed who began
	swapped.Src.Port, swapped.Node = 443, "b"
	for _, r := range []flow.Record{growing(1), growing(2), swapped, earlier, ended} {
		store(t, s, r)
		if got := all(t, s); len(got) != 1 || got[0] != r {
			t.Fatalf("rows %+v\nwant %+v", got, r)
		}
	}
	store(t, s, growing(5)) // against the contract of Sink
	if got := all(t, s)[0]; got != ended {
		t.Errorf("the ended flow has become %+v", got)
	}
	checkIntegrity(t, s)
}

func TestOfSeveralStatesInABatchTheLastCounts(t *testing.T) {
	ended := growing(3)
	ended.EndReason = flow.IdleTimeout
	other := flow.Record{ID: 2, Start: epoch}
	s := filled(t, growing(1), other, growing(2), ended, growing(4))
	if got, want := all(t, s), []flow.Record{ended, other}; !slices.Equal(got, want) {
		t.Errorf("rows %+v\nwant %+v", got, want)
	}
	if got := s.Health().Stored; got != 2 {
		t.Errorf("%d records written, want 2", got)
	}
}

func TestRecordsWithoutAnIdGetOne(t *testing.T) {
	s := filled(t, flow.Record{Start: epoch}, flow.Record{Start: epoch})
	if got := ids(all(t, s)); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("ids %v, want 1 and 2", got)
	}
}

func TestIdsGoOnAfterTheHighestInTheFile(t *testing.T) {
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

func TestUpdatesInAnyOrderLeaveTheLastStateOfEachFlow(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	s := openTemp(t)
	run(t, s)
	want := map[int64]flow.Record{}
	for range 60 {
		batch := make([]flow.Record, 1+rng.IntN(60))
		for i := range batch {
			r := randomRecord(rng, 1+rng.Int64N(400))
			if had, ok := want[r.ID]; ok && !had.Open() {
				r = had // ended flows are handed over no more, or unchanged
			}
			batch[i], want[r.ID] = r, r
		}
		store(t, s, batch...)
	}
	got := all(t, s)
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	for _, r := range got {
		if r != want[r.ID] {
			t.Fatalf("row\n%+v\nwant\n%+v", r, want[r.ID])
		}
	}
	checkIntegrity(t, s)
}

func TestTheEndOfRunCommitsWhatIsWaiting(t *testing.T) {
	s := openTemp(t)
	for id := range int64(1000) { // before Run: nothing is written yet
		if !s.Offer([]flow.Record{{ID: id + 1, Start: epoch}}) {
			t.Fatalf("record %d of 1000 is not taken", id+1)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if got := len(all(t, s)); got != 1000 {
		t.Errorf("%d of 1000 records are stored", got)
	}
	if s.Offer([]flow.Record{{ID: 2000}}) {
		t.Error("a record is taken that nobody will write")
	}
	if err := s.Put(t.Context(), []flow.Record{{ID: 2000}}); !errors.Is(err, ErrStopped) {
		t.Errorf("Put after the end: %v", err)
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Errorf("Flush after everything was committed: %v", err)
	}
}

func TestAFullQueueRefusesOffersAndLetsPutsWait(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "weir.db"), Options{QueueRows: 10})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if !s.Offer(make([]flow.Record, 25)) {
		t.Error("a batch larger than the queue is not taken by an empty one")
	}
	if s.Offer(make([]flow.Record, 1)) {
		t.Error("a full queue takes an offer")
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
	if got := len(all(t, s)); got != 28 {
		t.Errorf("%d rows, want 28", got)
	}
}

func TestManyMayHandOverAtOnce(t *testing.T) {
	s := openTemp(t)
	run(t, s)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if err := s.Put(t.Context(), []flow.Record{{ID: s.NextID(), Start: epoch}}); err != nil {
					t.Error(err)
				}
			}
			if err := s.Flush(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := s.Search(t.Context(), search.Request{}, search.Cursor{}, 10); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := len(all(t, s)); got != 400 {
		t.Errorf("%d rows, want 400", got)
	}
}

func TestFlushOfNothingReturnsAtOnce(t *testing.T) {
	s := openTemp(t) // not even running
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
	if got := len(all(t, s)); got != 1 {
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
		t.Error("a closed store takes records")
	}
}

// checkIntegrity runs SQLite's own checks, indexes against table included.
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
