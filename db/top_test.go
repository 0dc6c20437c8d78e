package db

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/storetest"
	"weir/search"
)

// spoofed returns n flows of a SYN flood with ids from first on. All sources differ and
// sort differently as text than as numbers; all counters are equal.
func spoofed(first int64, n int) []flow.Record {
	recs := make([]flow.Record, n)
	for i := range recs {
		id := uint32(first) + uint32(i)
		var src [4]byte
		binary.BigEndian.PutUint32(src[:], id*2654435761)
		recs[i] = flow.Record{
			ID: first + int64(i), Node: "edge-1", Interface: "eth0", Start: epoch.Add(time.Duration(id) * time.Millisecond),
			EndReason: flow.IdleTimeout, Proto: flow.TCP, Verdict: flow.NoAnswer, Direction: flow.BySyn,
			Src: flow.Endpoint{Addr: netip.AddrFrom4(src), Port: 1024 + uint16(id%60_000)}, Dst: flow.Endpoint{Addr: netip.AddrFrom4([4]byte{198, 51, 100, 1}), Port: 80},
			Sent: flow.Counters{Packets: 1, Octets: 40}, SrcSide: flow.Side{Flags: flow.SYN, MinTTL: 64},
		}
		recs[i].Last = recs[i].Start
	}
	return recs
}

// flooded returns a store with n flows of a SYN flood.
func flooded(t testing.TB, n int) *Writer {
	t.Helper()
	s := openTemp(t)
	stop := run(t, s)
	for first := 1; first <= n; first += 5000 {
		if err := s.Put(context.Background(), spoofed(int64(first), min(5000, n-first+1))); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	return s
}

func TestTopIsExactWithATableOfAnySize(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	s := openTemp(t)
	run(t, s)
	s.blockRows = 90 // several blocks, and some flows in none
	recs := make([]flow.Record, 400)
	for i := range recs {
		recs[i] = storetest.Record(rng, int64(i+1))
	}
	store(t, s, recs...)
	for by := range search.By(len(search.ByNames())) {
		all, err := s.Top(t.Context(), search.Request{}, by, 1500)
		if err != nil || len(all) == 0 {
			t.Fatalf("by %s: %d groups, %v", by, len(all), err)
		}
		for _, limit := range []int{len(all)/5 + 1, len(all) - 1, len(all)} {
			for _, n := range []int{1, 10, 1500} {
				got, err := s.top(t.Context(), search.Request{}, by, n, limit)
				if want := all[:min(n, len(all))]; err != nil || !slices.Equal(got, want) {
					t.Errorf("top %d by %s with %d groups in memory:\n%v, %v\nwant\n%v", n, by, limit, got, err, want)
				}
			}
		}
	}
}

func TestTopOfManySourcesAllocatesLittle(t *testing.T) {
	const groups, most = 100_000, 120 // bytes a group
	s := flooded(t, groups)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	top, err := s.Top(t.Context(), search.Request{}, search.BySrc, 20)
	runtime.ReadMemStats(&after)
	if err != nil || len(top) != 20 || top[0].Flows != 1 {
		t.Fatalf("%v, %v", top, err)
	}
	if got := (after.TotalAlloc - before.TotalAlloc) / groups; got > most {
		t.Errorf("%d bytes a group were allocated, want at most %d", got, most)
	}
}

// BenchmarkTop sums a million flows with a source each.
func BenchmarkTop(b *testing.B) {
	s := flooded(b, 1_000_000)
	for _, by := range []search.By{search.BySrc, search.ByDst, search.ByPair, search.ByPort} {
		b.Run(by.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Top(context.Background(), search.Request{}, by, 20); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
