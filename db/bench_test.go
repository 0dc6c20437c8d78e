package db

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

// traffic returns n plausible flows with ids from first on: TCP and DNS of a few thousand hosts, a
// tenth of it on IPv6, 200 new flows a second.
func traffic(first int64, n int) []flow.Record {
	recs := make([]flow.Record, n)
	for i := range recs {
		id := first + int64(i)
		h := uint64(id) * 0x9e3779b97f4a7c15 // spreads ids over hosts and ports
		start := epoch.Add(time.Duration(id)*5*time.Millisecond + time.Duration(h>>60)*7*time.Millisecond)
		src, dst := netip.AddrFrom4([4]byte{10, 0, byte(h >> 8 & 15), byte(h)}), netip.AddrFrom4([4]byte{198, 51, byte(h >> 24), byte(h >> 16)})
		if h>>32%10 == 0 {
			src, dst = netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 15: byte(h)}), netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 7: 1, 14: byte(h >> 24), 15: byte(h >> 16)})
		}
		r := flow.Record{
			ID: id, Node: fmt.Sprintf("node-%d", h>>40%4), Interface: "eth0", Start: start, Last: start.Add(time.Duration(h >> 30 & 0xffffffff)),
			EndReason: flow.EndOfFlow, Proto: flow.TCP, Verdict: flow.Closed, Direction: flow.BySyn,
			Src: flow.Endpoint{Addr: src, Port: uint16(h>>20) | 0x8000}, Dst: flow.Endpoint{Addr: dst, Port: 443},
			Sent: flow.Counters{Packets: h >> 33 & 63, Octets: h >> 33 & 0xffff}, Recv: flow.Counters{Packets: h >> 43 & 127, Octets: h >> 43 & 0xfffff},
			SrcSide:   flow.Side{Flags: 0x1b, ISN: flow.Seq32{Value: uint32(h), Seen: true}, IPID: flow.Seq32{Value: uint32(h & 0xffff), Seen: true}, MinTTL: 64},
			DstSide:   flow.Side{Flags: 0x1b, ISN: flow.Seq32{Value: uint32(h >> 7), Seen: true}, IPID: flow.Seq32{Value: uint32(h >> 9 & 0xffff), Seen: true}, MinTTL: 55},
			ServerRTT: time.Duration(h >> 40 & 0xffffff), ClientRTT: time.Duration(h >> 44 & 0xfffff),
		}
		if h>>50%4 == 0 {
			r.Proto, r.Dst.Port, r.Verdict, r.ServerRTT, r.ClientRTT = flow.UDP, 53, flow.Answered, 0, 0
			r.SrcSide = flow.Side{IPID: r.SrcSide.IPID, MinTTL: 64}
			r.DstSide = flow.Side{IPID: r.DstSide.IPID, MinTTL: 55}
		}
		recs[i] = r
	}
	return recs
}

// load writes traffic 1 to n in batches as large as a meter's.
func load(b *testing.B, s *Writer, n int) {
	b.Helper()
	const batch = 5000
	for first := 1; first <= n; first += batch {
		if err := s.Put(context.Background(), traffic(int64(first), min(batch, n-first+1))); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Flush(context.Background()); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkInsert writes ended flows, as an import does, BenchmarkUpdate updates open ones. Both
// include making the records.
func BenchmarkInsert(b *testing.B) {
	path := filepath.Join(b.TempDir(), "weir.db")
	s, err := Open(context.Background(), path, WriterOptions{})
	if err != nil {
		b.Fatal(err)
	}
	stop := run(b, s)
	b.ResetTimer()
	load(b, s, b.N)
	b.StopTimer()
	stop()
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(info.Size())/float64(b.N), "B/row")
}

func BenchmarkUpdate(b *testing.B) {
	s := openTemp(b)
	run(b, s)
	const open = 20_000
	recs := traffic(1, open)
	for i := range recs {
		recs[i].EndReason = flow.StillOpen
	}
	store(b, s, recs...)
	b.ResetTimer()
	for done := 0; done < b.N; done += open {
		if err := s.Put(context.Background(), recs); err != nil {
			b.Fatal(err)
		}
		if err := s.Flush(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkQuery runs typical queries on stores of two sizes.
func BenchmarkQuery(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		s := openTemp(b)
		stop := run(b, s)
		load(b, s, n)
		stop()
		end := epoch.Add(time.Duration(n) * 5 * time.Millisecond)
		lately := search.Range{From: end.Add(-2 * time.Hour)}
		host := netip.MustParseAddr("10.0.3.7")
		net := search.AddrRange{Lo: netip.MustParseAddr("10.0.3.0"), Hi: netip.MustParseAddr("10.0.3.255")}
		port := search.Numbers{Field: search.FieldDport, Ranges: []search.Interval{{Lo: 53, Hi: 53}}}
		nothing := search.Numbers{Field: search.FieldBytes, Ranges: []search.Interval{{Lo: 1 << 40, Hi: search.MaxNumber}}}
		page := func(q search.Query, rows int) func() error {
			return func() error {
				_, err := s.Search(context.Background(), search.Request{Query: q}, search.Cursor{}, rows)
				return err
			}
		}
		count := func(q search.Query) func() error {
			return func() error { _, err := s.Count(context.Background(), search.Request{Query: q}, 1_000_000); return err }
		}
		for _, c := range []struct {
			name string
			ask  func() error
		}{
			{"default", page(search.Query{Range: lately}, 1000)},
			{"one-node", page(search.Query{Range: lately, Nodes: []string{"node-1"}}, 1000)},
			{"one-ip", page(search.Query{Filter: search.Addrs{Field: search.FieldIP, Ranges: []search.AddrRange{{Lo: host, Hi: host}}}}, 10_000)},
			{"net-and-port", page(search.Query{Filter: search.And{search.Addrs{Field: search.FieldSrc, Ranges: []search.AddrRange{net}}, port}}, 10_000)},
			{"nothing", page(search.Query{Filter: nothing}, 10_000)},
			{"count-2h", count(search.Query{Range: lately})},
			{"count-port", count(search.Query{Filter: port})},
			{"summaries-2h", func() error { _, err := s.Summaries(context.Background(), lately); return err }},
		} {
			b.Run(fmt.Sprintf("%s/rows=%d", c.name, n), func(b *testing.B) {
				for b.Loop() {
					if err := c.ask(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkCancel measures how long a search runs after its context has ended.
func BenchmarkCancel(b *testing.B) {
	s := openTemp(b)
	run(b, s)
	load(b, s, 200_000)
	slow := search.Numbers{Field: search.FieldBytes}
	for i := range int64(950) {
		slow.Ranges = append(slow.Ranges, search.Interval{Lo: 1<<40 + 10*i, Hi: 1<<40 + 10*i + 1})
	}
	var late time.Duration
	for b.Loop() {
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		if _, err := s.Count(ctx, search.Request{Query: search.Query{Filter: slow}}, -1); err == nil {
			b.Fatal("the search was over too soon")
		}
		deadline, _ := ctx.Deadline()
		late = max(late, time.Since(deadline))
		cancel()
	}
	b.ReportMetric(float64(late.Microseconds())/1000, "ms-late-max")
}

// BenchmarkAlternatives counts the flows that match one of thousands of terms, about as many as a filter
// of 64 KiB holds.
func BenchmarkAlternatives(b *testing.B) {
	s := openTemp(b)
	stop := run(b, s)
	load(b, s, 1_000_000)
	stop()
	for _, c := range []struct {
		name, operator string
		n              int
		term           func(i int) string
	}{
		{"ip", " or ", 4600, func(i int) string { return fmt.Sprintf("ip:9.0.%d.%d", i/256%10, i/10%10) }},
		{"ip-found", " or ", 3400, func(i int) string { return fmt.Sprintf("src:10.0.%d.%d", i/256%16, i%256) }},
		{"dport", " or ", 4600, func(i int) string { return fmt.Sprintf("dport:%d", 1000+i) }},
		{"flags", " or ", 4600, func(i int) string { return fmt.Sprintf("flags=%d", i%256) }},
		{"pair", " or ", 1800, func(i int) string { return fmt.Sprintf("(src:10.0.%d.%d dst:9.1.2.%d)", i/256%16, i%256, i%256) }},
		{"not-ip", " ", 4600, func(i int) string { return fmt.Sprintf("!ip:9.0.%d.%d", i/256%10, i/10%10) }},
	} {
		terms := make([]string, c.n)
		for i := range terms {
			terms[i] = c.term(i)
		}
		x, err := search.Parse(strings.Join(terms, c.operator))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Count(context.Background(), search.Request{Query: search.Query{Filter: x}}, -1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
