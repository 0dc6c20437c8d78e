package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

// answersAreExactWhileWriting compares answers about some nodes while the store is written: other flows
// arrive, and open ones of these nodes are repeated without a change.
func answersAreExactWhileWriting(t *testing.T, s Store) {
	rng := newRand(t)
	recs := fill(t, s, rng, 1500)
	writes := rand.New(rand.NewPCG(rng.Uint64(), 0))
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() { stopped <- writeUntil(stop, s, writes, recs) }()
	defer func() {
		close(stop)
		if err := <-stopped; err != nil {
			t.Errorf("concurrent writes: %v", err)
		}
	}()
	others := search.Not{X: search.Names{Field: search.FieldNode, Patterns: []string{"other-*"}}}
	for range 80 {
		q := randomQuery(rng)
		want := Matching(recs, q)
		q.Filter = search.Join(append(slices.Clone(search.Conjuncts(q.Filter)), others))
		compareTop(t, s, randomTop(rng, request(t, q)), want)
		compareRows(t, s, q, want)
		want = slices.DeleteFunc(want, func(r flow.Record) bool { return r.Start.IsZero() })
		compareBuckets(t, s, q, pick(rng, 1, 7, 60), want)
	}
}

// writeUntil writes flows of other nodes, and repeats open ones of recs.
func writeUntil(stop <-chan struct{}, s Store, rng *rand.Rand, recs []flow.Record) error {
	var open []flow.Record
	for i := range recs {
		if recs[i].Open() {
			open = append(open, recs[i])
		}
	}
	for id := int64(len(recs) + 1); ; {
		select {
		case <-stop:
			return nil
		default:
		}
		var batch []flow.Record
		for range 20 {
			r := Record(rng, id)
			r.Node = fmt.Sprintf("other-%d", rng.IntN(3))
			batch = append(batch, r)
			id++
		}
		for range 20 {
			batch = append(batch, open[rng.IntN(len(open))])
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		err := s.Put(ctx, batch)
		if err == nil {
			err = s.Flush(ctx)
		}
		cancel()
		if err != nil {
			return err
		}
	}
}
