package db

import (
	"math"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/storetest"
)

func TestValuesBeyondInt64AreClamped(t *testing.T) {
	r := flow.Record{
		ID: 1, Start: time.Date(1500, 1, 1, 0, 0, 0, 0, time.UTC), Last: time.Date(2500, 1, 1, 0, 0, 0, 0, time.UTC),
		Sent: flow.Counters{Octets: math.MaxUint64},
	}
	got := storetest.All(t, filled(t, r))[0]
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
