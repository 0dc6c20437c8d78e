package storetest

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

var writesContract = []requirement{
	{"an open flow is one row that is updated until it ends", openFlowIsOneRow},
	{"the last of several states in a batch wins", lastStateInBatchWins},
	{"updates in any order leave the last state of each flow", updatesKeepTheLastState},
	{"searches match the reference while flows are written", searchesWhileWriting},
	{"concurrent writers and readers", concurrentWritersAndReaders},
	{"records become visible without Flush", recordsBecomeVisibleWithoutFlush},
	{"the version changes if and only if flows change", versionChangesWithFlows},
}

// growing returns open flow 1 after n packets.
func growing(n uint64) flow.Record {
	return flow.Record{ID: 1, Node: "a", Start: Now, Last: Now.Add(time.Duration(n)), Sent: flow.Counters{Packets: n}}
}

func openFlowIsOneRow(t *testing.T, s Store) {
	earlier := growing(3)
	earlier.Start = Now.Add(-time.Second) // an older packet arrived late, which changes the order
	ended := growing(4)
	ended.EndReason = flow.EndOfFlow
	swapped := growing(2) // a late SYN swapped source and destination
	swapped.Src.Port, swapped.Node = 443, "b"
	for _, r := range []flow.Record{growing(1), growing(2), swapped, earlier, ended} {
		put(t, s, r)
		if got := All(t, s); len(got) != 1 || got[0] != r {
			t.Fatalf("rows %+v\nwant %+v", got, r)
		}
	}
	put(t, s, growing(5)) // violates the contract of callers
	if got := All(t, s); len(got) != 1 || got[0] != ended {
		t.Errorf("the ended flow changed to %+v", got)
	}
}

func lastStateInBatchWins(t *testing.T, s Store) {
	ended := growing(3)
	ended.EndReason = flow.IdleTimeout
	other, grown := flow.Record{ID: 2, Start: Now}, flow.Record{ID: 2, Start: Now, Sent: flow.Counters{Packets: 1}}
	put(t, s, growing(1), other, growing(2), ended, grown, growing(4))
	if got, want := All(t, s), []flow.Record{ended, grown}; !slices.Equal(got, want) {
		t.Errorf("rows %+v\nwant %+v", got, want)
	}
}

func updatesKeepTheLastState(t *testing.T, s Store) {
	rng := newRand(t)
	want := map[int64]flow.Record{}
	for range 60 {
		batch := make([]flow.Record, 1+rng.IntN(60))
		for i := range batch {
			r := Record(rng, 1+rng.Int64N(400))
			if old, ok := want[r.ID]; ok && !old.Open() {
				r = old // an ended flow may only be repeated unchanged
			}
			batch[i], want[r.ID] = r, r
		}
		put(t, s, batch...)
	}
	sameRecords(t, All(t, s), want)
}

// searchesWhileWriting writes new, updated and ended flows and compares searches
// with the records so far, while another goroutine searches continuously.
func searchesWhileWriting(t *testing.T, s Store) {
	rng := newRand(t)
	DeclareGroups(t, s)
	stop, stopped := make(chan struct{}), make(chan error, 1)
	others := rand.New(rand.NewPCG(rng.Uint64(), 0))
	go func() { stopped <- searchUntil(stop, s, others) }()
	defer func() {
		close(stop)
		if err := <-stopped; err != nil {
			t.Errorf("concurrent search: %v", err)
		}
	}()
	var recs []flow.Record // by id
	var open []int64
	for round := range 60 {
		var batch []flow.Record
		for range rng.IntN(40) {
			r := Record(rng, int64(len(recs)+1))
			batch, recs = append(batch, r), append(recs, r)
			if r.Open() {
				open = append(open, r.ID)
			}
		}
		open = slices.DeleteFunc(open, func(id int64) bool {
			if rng.IntN(3) > 0 {
				return false
			}
			r := Record(rng, id) // any field may change
			batch, recs[id-1] = append(batch, r), r
			return !r.Open()
		})
		put(t, s, batch...)
		if round%4 == 0 {
			Compare(t, s, rng, 8, recs)
		}
	}
}

// searchUntil searches repeatedly until stop is closed and returns the first
// error.
func searchUntil(stop chan struct{}, s Searcher, rng *rand.Rand) error {
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		seen := map[int64]bool{}
		q := search.Request{Query: search.Query{Filter: randomExpr(rng, 1), Limit: -1}}
		err := s.Each(context.Background(), q, func(r *flow.Record) error {
			if seen[r.ID] {
				return errors.New("duplicate flow")
			}
			seen[r.ID] = true
			return nil
		})
		if err != nil {
			return err
		}
	}
}

func concurrentWritersAndReaders(t *testing.T, s Store) {
	var wg sync.WaitGroup
	for writer := range int64(8) {
		wg.Go(func() {
			for i := range int64(50) {
				if err := s.Put(t.Context(), []flow.Record{{ID: 1 + writer + 8*i, Start: Now}}); err != nil {
					t.Error(err)
				}
			}
			if err := s.Flush(t.Context()); err != nil {
				t.Error(err)
			}
			if n, err := s.Count(t.Context(), search.Request{}, -1); err != nil || n < 50 {
				t.Errorf("%d flows, %v, after the Flush of 50", n, err)
			}
		})
	}
	wg.Wait()
	if got := len(All(t, s)); got != 400 {
		t.Errorf("%d rows, want 400", got)
	}
}

func recordsBecomeVisibleWithoutFlush(t *testing.T, s Store) {
	before := s.Version()
	if err := s.Put(t.Context(), []flow.Record{{ID: 1, Start: Now}}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for s.Version() == before {
		if ctx.Err() != nil {
			t.Fatal("the version did not change within 10 s")
		}
	}
	if got := len(All(t, s)); got != 1 {
		t.Errorf("%d rows, want 1", got)
	}
}

func versionChangesWithFlows(t *testing.T, s Store) {
	for id := int64(1); id <= 3; id++ {
		before := s.Version()
		if again := s.Version(); again != before {
			t.Errorf("the version changed from %d to %d without a write", before, again)
		}
		put(t, s, flow.Record{ID: id, Start: Now})
		if s.Version() == before {
			t.Errorf("the version is still %d after a write", before)
		}
		if got := len(All(t, s)); int64(got) != id {
			t.Errorf("%d rows, want %d", got, id)
		}
	}
}
