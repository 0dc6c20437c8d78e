package db

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"runtime"
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

func TestTopIsExactWithTablesOfAnySize(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	s := openTemp(t)
	run(t, s)
	s.blockRows = 90 // several blocks, and some flows in none
	recs := make([]flow.Record, 400)
	for i := range recs {
		recs[i] = storetest.Record(rng, int64(i+1))
	}
	store(t, s, recs...)
	for i := range 60 {
		q := search.TopRequest{By: search.Grouping{search.By(i % len(search.ByNames()))}, Order: search.SumColumn(i % len(search.SumNames())), Reverse: i%7 == 0, N: 1500}
		if i%3 == 0 && q.By[0] != search.BySrc {
			q.By = append(q.By, search.BySrc)
		}
		all, err := s.Top(t.Context(), q)
		if err != nil || len(all.Rows) == 0 {
			t.Fatalf("by %s: %d groups, %v", q.By, len(all.Rows), err)
		}
		groups := len(all.Rows)
		for _, limits := range [][3]int{{groups, 64, 256}, {groups/3 + 1, 64, 256}, {max(groups-1, 1), 1024, 1024}} {
			q.N = []int{1, 10, 1500}[i%3]
			got, err := s.top(t.Context(), q, limits[0], limits[1], limits[2])
			want := search.Talkers{Rows: all.Rows[:min(q.N, groups)], Groups: all.Groups, Total: all.Total}
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("top %d by %s in the order of %s with %d groups in memory:\n%v, %v\nwant\n%v", q.N, q.By, q.Order, limits, got, err, want)
			}
		}
	}
}

// peak returns the memory that is allocated while fn runs, and the largest heap seen beside what was in use
// before.
func peak(fn func()) (allocated, heap uint64) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	stop, done := make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
			select {
			case <-stop:
				done <- most
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	fn()
	close(stop)
	most := <-done
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, most - min(most, before.HeapAlloc)
}

func TestTopOfManySourcesAllocatesLittle(t *testing.T) {
	const groups, most = 100_000, 400 // bytes a group, most of them for batches, peers and ports, which take no more for a million
	s := flooded(t, groups)
	for _, order := range []search.SumColumn{search.SumBytes, search.SumPeers} {
		got, _ := peak(func() {
			top, err := s.Top(t.Context(), search.TopRequest{By: search.Grouping{search.BySrc}, Order: order, N: 20})
			if err != nil || len(top.Rows) != 20 || top.Rows[0].Flows != 1 || top.Rows[0].Peers != 1 || top.Rows[0].Ports != 1 || top.Groups != groups {
				t.Fatalf("%v, %v", top, err)
			}
		})
		if got /= groups; got > most {
			t.Errorf("in the order of %s %d bytes a group were allocated, want at most %d", order, got, most)
		}
	}
}

// BenchmarkTop sums a million flows with a source each.
func BenchmarkTop(b *testing.B) {
	s := flooded(b, 1_000_000)
	for _, c := range []struct {
		by    string
		order search.SumColumn
	}{{"src", search.SumBytes}, {"src", search.SumPeers}, {"src", search.SumPorts}, {"src", search.SumKey}, {"dst", search.SumPeers}, {"pair", search.SumBytes}, {"port", search.SumBytes}, {"src,dport,verdict", search.SumBytes}} {
		g, err := search.ParseGrouping(c.by)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(c.by+"/"+c.order.String(), func(b *testing.B) {
			b.ReportAllocs()
			var heap uint64
			for b.Loop() {
				_, h := peak(func() {
					if _, err := s.Top(context.Background(), search.TopRequest{By: g, Order: c.order, N: 20}); err != nil {
						b.Fatal(err)
					}
				})
				heap = max(heap, h)
			}
			b.ReportMetric(float64(heap)/1e6, "peak-MB")
		})
	}
}
