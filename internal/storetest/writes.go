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

var writesContract = []point{
	{"an open flow is one row that is updated until it ends", anOpenFlowIsOneRow},
	{"of several states in a batch the last counts", ofSeveralStatesTheLastCounts},
	{"updates in any order leave the last state of each flow", updatesLeaveTheLastState},
	{"whatever is written, searches return what a plain matcher finds", whateverIsWritten},
	{"many may hand over and ask at once", manyAtOnce},
	{"what was put is seen without Flush", whatWasPutIsSeenWithoutFlush},
	{"the version changes with the flows and only then", theVersionChangesWithTheFlows},
}

// growing is open flow 1 as it looks after n packets.
func growing(n uint64) flow.Record {
	return flow.Record{ID: 1, Node: "a", Start: Now, Last: Now.Add(time.Duration(n)), Sent: flow.Counters{Packets: n}}
}

func anOpenFlowIsOneRow(t *testing.T, s Store) {
	earlier := growing(3)
	earlier.Start = Now.Add(-time.Second) // an older packet arrived late: it moves in the order
	ended := growing(4)
	ended.EndReason = flow.EndOfFlow
	swapped := growing(2) // a late SYN showed who began
	swapped.Src.Port, swapped.Node = 443, "b"
	for _, r := range []flow.Record{growing(1), growing(2), swapped, earlier, ended} {
		put(t, s, r)
		if got := all(t, s); len(got) != 1 || got[0] != r {
			t.Fatalf("rows %+v\nwant %+v", got, r)
		}
	}
	put(t, s, growing(5)) // against what callers promise
	if got := all(t, s); len(got) != 1 || got[0] != ended {
		t.Errorf("the ended flow has become %+v", got)
	}
}

func ofSeveralStatesTheLastCounts(t *testing.T, s Store) {
	ended := growing(3)
	ended.EndReason = flow.IdleTimeout
	other, grown := flow.Record{ID: 2, Start: Now}, flow.Record{ID: 2, Start: Now, Sent: flow.Counters{Packets: 1}}
	put(t, s, growing(1), other, growing(2), ended, grown, growing(4))
	if got, want := all(t, s), []flow.Record{ended, grown}; !slices.Equal(got, want) {
		t.Errorf("rows %+v\nwant %+v", got, want)
	}
}

func updatesLeaveTheLastState(t *testing.T, s Store) {
	rng := seeded(t)
	want := map[int64]flow.Record{}
	for range 60 {
		batch := make([]flow.Record, 1+rng.IntN(60))
		for i := range batch {
			r := Record(rng, 1+rng.Int64N(400))
			if had, ok := want[r.ID]; ok && !had.Open() {
				r = had // ended flows are handed over no more, or unchanged
			}
			batch[i], want[r.ID] = r, r
		}
		put(t, s, batch...)
	}
	sameRecords(t, all(t, s), want)
}

// whateverIsWritten writes new flows, updates of open ones and ends, and compares
// searches with what was handed over so far; others search meanwhile.
func whateverIsWritten(t *testing.T, s Store) {
	rng := seeded(t)
	DeclareGroups(t, s)
	stop, stopped := make(chan struct{}), make(chan error, 1)
	others := rand.New(rand.NewPCG(rng.Uint64(), 0))
	go func() { stopped <- searchOverAndOver(s, others, stop) }()
	defer func() {
		close(stop)
		if err := <-stopped; err != nil {
			t.Errorf("searching beside the writer: %v", err)
		}
	}()
	var recs []flow.Record // by id
	var open []int64
	for round := range 120 {
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
			r := Record(rng, id) // may move its start, its node, anything
			batch, recs[id-1] = append(batch, r), r
			return !r.Open()
		})
		put(t, s, batch...)
		if round%4 == 0 {
			Compare(t, s, rng, 8, recs)
		}
	}
}

func searchOverAndOver(s Searcher, rng *rand.Rand, stop chan struct{}) error {
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
				return errors.New("a flow comes twice")
			}
			seen[r.ID] = true
			return nil
		})
		if err != nil {
			return err
		}
	}
}

func manyAtOnce(t *testing.T, s Store) {
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
				t.Errorf("%d flows, %v, behind the Flush of 50", n, err)
			}
		})
	}
	wg.Wait()
	if got := len(all(t, s)); got != 400 {
		t.Errorf("%d rows, want 400", got)
	}
}

func whatWasPutIsSeenWithoutFlush(t *testing.T, s Store) {
	before := s.Version()
	if err := s.Put(t.Context(), []flow.Record{{ID: 1, Start: Now}}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for s.Version() == before {
		if ctx.Err() != nil {
			t.Fatal("the version is the same for 10 s")
		}
	}
	if got := len(all(t, s)); got != 1 {
		t.Errorf("%d rows, want 1", got)
	}
}

func theVersionChangesWithTheFlows(t *testing.T, s Store) {
	for id := int64(1); id <= 3; id++ {
		before := s.Version()
		if again := s.Version(); again != before {
			t.Errorf("the version goes from %d to %d while nothing is written", before, again)
		}
		put(t, s, flow.Record{ID: id, Start: Now})
		if s.Version() == before {
			t.Errorf("the version is still %d after a flow was written", before)
		}
		if got := len(all(t, s)); int64(got) != id {
			t.Errorf("%d rows are seen, want %d", got, id)
		}
	}
}
