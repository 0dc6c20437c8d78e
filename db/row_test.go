package db

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"weir/flow"
)

func TestRowsReadBackEqualWhatWasWritten(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	want := map[int64]flow.Record{
		1: {ID: 1}, // every field zero, times and addresses included
		2: {ID: 2, Start: time.Unix(0, 0).UTC(), Last: time.Unix(0, 0).UTC()},
		3: {ID: 3, Start: time.Unix(0, math.MinInt64+1).UTC(), Last: time.Unix(0, math.MaxInt64).UTC()},
		4: {ID: 4, Start: epoch}, // a zero Last beside a Start
		math.MaxInt64 - 1: {ID: math.MaxInt64 - 1, ICMP: flow.ICMPType{Type: 255, Code: 255}, Verdict: 255, Direction: 255, EndReason: 255,
			Sent: flow.Counters{Packets: math.MaxInt64, Octets: math.MaxInt64}, Node: "a\x00b'\"%_*é"},
	}
	for id := int64(5); id < 1000; id++ {
		want[id] = randomRecord(rng, id)
	}
	s := openTemp(t)
	run(t, s)
	for _, r := range want {
		if err := s.Put(t.Context(), []flow.Record{r}); err != nil {
			t.Fatal(err)
		}
	}
	store(t, s)
	got := all(t, s)
	if len(got) != len(want) {
		t.Fatalf("%d rows read back of %d", len(got), len(want))
	}
	for _, r := range got {
		if r != want[r.ID] {
			t.Fatalf("read back\n%+v\nwritten\n%+v", r, want[r.ID])
		}
	}
}

func TestWhatAnInt64CannotHoldIsStoredAsTheNearest(t *testing.T) {
	r := flow.Record{
		ID: 1, Start: time.Date(1500, 1, 1, 0, 0, 0, 0, time.UTC), Last: time.Date(2500, 1, 1, 0, 0, 0, 0, time.UTC),
		Sent: flow.Counters{Octets: math.MaxUint64},
	}
	got := all(t, filled(t, r))[0]
	if want := time.Unix(0, math.MinInt64+1).UTC(); got.Start != want {
		t.Errorf("start %v, want %v", got.Start, want)
	}
	if want := time.Unix(0, math.MaxInt64).UTC(); got.Last != want {
		t.Errorf("last %v, want %v", got.Last, want)
	}
	if got.Sent.Octets != math.MaxInt64 {
		t.Errorf("octets %d, want %d", got.Sent.Octets, uint64(math.MaxInt64))
	}
}
