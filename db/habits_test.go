package db

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/storetest"
	"weir/search"
)

// TestHabitsFindWhatTheyMean searches a store by the filters that package search understands of other
// tools' users, and compares the flows with those that the reference matcher of storetest finds for what
// testdata/habits.txt says that the filters mean.
func TestHabitsFindWhatTheyMean(t *testing.T) {
	data, err := os.ReadFile("../search/testdata/habits.txt")
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(20, 1))
	w := writtenStore(t, 60)
	storetest.DeclareGroups(t, inventoryOf(t, w.path))
	recs := make([]flow.Record, 3000)
	for i := range recs {
		recs[i] = storetest.Record(rng, int64(i+1))
	}
	if err := w.Put(t.Context(), recs); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := readerOf(t, w.path)
	loc := time.FixedZone("EST", -5*3600)
	env := search.Env{Nodes: []string{"fw-1", "Edge", "branch-7"}, Groups: []string{"Edges", "All-East"}, Interfaces: []string{"eth0", "wlan1", "edge0"}}
	understood, selective := 0, 0
	for line := range strings.Lines(string(data)) {
		text, meaning, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t= ")
		if !ok {
			continue
		}
		understood++
		want := storetest.Matching(recs, parsed(t, meaning, loc))
		if text, err = search.CheckWords(text, habitsNow, loc, env); err != nil {
			t.Fatal(err)
		}
		q := parsed(t, text, loc)
		q.Limit = -1
		var got []flow.Record
		err := r.Each(t.Context(), search.Request{Query: q}, func(r *flow.Record) error {
			got = append(got, *r)
			return nil
		})
		if err != nil || !slices.Equal(storetest.IDs(got), storetest.IDs(want)) {
			t.Errorf("%s finds %d flows, %v, want the %d of %s", text, len(got), err, len(want), meaning)
		}
		if len(want) > 0 && len(want) < len(recs) {
			selective++
		}
	}
	if understood < 150 || selective < understood*2/3 {
		t.Errorf("%d filters are understood, and %d of them tell flows apart", understood, selective)
	}
	t.Logf("%d filters are understood, and %d of them tell flows apart", understood, selective)
}

// habitsNow is the time at which testdata/habits.txt was written.
var habitsNow = time.Date(2026, 11, 23, 19, 12, 7, 0, time.UTC)

func parsed(t *testing.T, text string, loc *time.Location) search.Query {
	t.Helper()
	q, err := search.Query{}.With(text, habitsNow, loc)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return q
}
