package db

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

// epoch is the time around which the tests' flows start.
var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// openTemp opens a new store in a folder of its own and closes it at the end.
func openTemp(t testing.TB) *Writer {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "weir.db"))
}

func openAt(t testing.TB, path string) *Writer {
	t.Helper()
	s, err := Open(context.Background(), path, Options{Now: func() time.Time { return epoch }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// run starts the writer's loop; the function it returns ends the loop and is
// called at the end of the test in any case.
func run(t testing.TB, s *Writer) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return stop
}

// store writes recs and waits until they are committed.
func store(t testing.TB, s *Writer, recs ...flow.Record) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.Put(ctx, recs); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}

// filled is a store that holds recs and is still being written.
func filled(t testing.TB, recs ...flow.Record) *Writer {
	t.Helper()
	s := openTemp(t)
	run(t, s)
	store(t, s, recs...)
	return s
}

// all returns every record of a store, oldest first.
func all(t testing.TB, s interface {
	Each(context.Context, search.Request, func(*flow.Record) error) error
}) []flow.Record {
	t.Helper()
	var recs []flow.Record
	err := s.Each(context.Background(), search.Request{Query: search.Query{Order: search.Oldest, Limit: -1}}, func(r *flow.Record) error {
		recs = append(recs, *r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return recs
}

// ids are those of recs, in their order.
func ids(recs []flow.Record) []int64 {
	out := make([]int64, len(recs))
	for i := range recs {
		out[i] = recs[i].ID
	}
	return out
}

// vocabulary is what random records are made of that grows with the program.
type vocabulary struct {
	verdicts   []flow.Verdict
	directions []flow.Direction
	tunnels    []flow.TunnelKind
}

// randomRecord makes a record out of few distinct values, so that filters hit,
// with now and then the extreme ones.
func randomRecord(rng *rand.Rand, id int64) flow.Record {
	return randomRecordOf(rng, id, vocabulary{flow.Verdicts(), flow.Directions(), flow.TunnelKinds()})
}

func randomRecordOf(rng *rand.Rand, id int64, v vocabulary) flow.Record {
	start := epoch.Add(time.Duration(rng.IntN(2000)) * 50 * time.Millisecond)
	r := flow.Record{
		ID: id, Node: pick(rng, "fw-1", "FW-1", "edge", "", "core_2"), Interface: pick(rng, "", "eth0", "Eth0", "any%_"),
		Start: start, Last: start.Add(time.Duration(rng.IntN(5)) * time.Second), EndReason: flow.EndReason(rng.IntN(6)),
		Proto: pick(rng, flow.TCP, flow.TCP, flow.UDP, flow.ICMP, flow.ICMPv6, 200),
		Src:   randomEndpoint(rng), Dst: randomEndpoint(rng), Sent: randomCounters(rng), Recv: randomCounters(rng),
		SrcSide: randomSide(rng), DstSide: randomSide(rng),
		Verdict: pick(rng, v.verdicts...), Direction: pick(rng, v.directions...),
		ICMPID: uint16(rng.IntN(3) * 0x7fff), ServerRTT: randomRTT(rng), ClientRTT: randomRTT(rng), SYNRetries: uint16(rng.IntN(3) * 0x7fff),
		VLAN:   flow.VLANs{pick(rng, uint16(0), 100, 4094), pick(rng, uint16(0), 100, 200)},
		Tunnel: flow.Tunnel{Kind: pick(rng, v.tunnels...), ID: pick(rng, uint32(0), 5001, 0xffffffff)},
	}
	if r.Proto.IsICMP() {
		r.ICMP = flow.ICMPType{Type: uint8(rng.IntN(4)), Code: uint8(rng.IntN(3))}
	}
	if r.Proto != flow.TCP {
		r.SrcSide.Flags, r.DstSide.Flags = 0, 0
	}
	if rng.IntN(4) == 0 {
		r.Error = flow.ICMPError{From: randomAddr(rng), Type: flow.ICMPType{Type: 3, Code: 255}}
	}
	return r
}

func pick[T any](rng *rand.Rand, from ...T) T { return from[rng.IntN(len(from))] }

func randomEndpoint(rng *rand.Rand) flow.Endpoint {
	return flow.Endpoint{Node: pick(rng, "", "", "edge", "Branch-7", "fw-1"), Addr: randomAddr(rng), Port: pick(rng, uint16(0), 22, 53, 443, 8443, 65535)}
}

// randomAddr includes the addresses beside which ranges go wrong: IPv6 ones
// that begin with the bytes of the IPv4 ones, and both ends of either space.
func randomAddr(rng *rand.Rand) netip.Addr {
	return netip.MustParseAddr(pick(rng, "10.0.0.1", "10.0.0.2", "10.0.1.255", "10.255.255.255", "192.0.2.1", "0.0.0.0", "255.255.255.255",
		"2001:db8::1", "2001:db8:1::1", "a00:1::", "a00:1::5", "fe80::1", "::", "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"))
}

func randomCounters(rng *rand.Rand) flow.Counters {
	return flow.Counters{Packets: pick(rng, uint64(0), 1, 2, 1000, 1<<33), Octets: pick(rng, uint64(0), 40, 1500, 1<<20, 1<<62)}
}

func randomSide(rng *rand.Rand) flow.Side {
	seq := func() flow.Seq32 {
		return pick(rng, flow.Seq32{}, flow.Seq32{Seen: true}, flow.Seq32{Value: 0xffffffff, Seen: true})
	}
	return flow.Side{Flags: pick(rng, flow.Flags(0), flow.SYN, flow.SYN|flow.ACK, flow.SYN|flow.ACK|flow.FIN, flow.RST, 0xff),
		ISN: seq(), IPID: seq(), MinTTL: pick(rng, uint8(0), 64, 255)}
}

func randomRTT(rng *rand.Rand) time.Duration { return pick(rng, 0, time.Millisecond, 3*time.Second) }

// numbered are n ended flows with the ids that follow after.
func numbered(after int64, n int) []flow.Record {
	recs := make([]flow.Record, n)
	for i := range recs {
		id := after + int64(i) + 1
		recs[i] = flow.Record{ID: id, Node: "a", Start: epoch.Add(time.Duration(id)), Last: epoch.Add(time.Duration(2 * id)), EndReason: flow.EndOfFlow}
	}
	return recs
}
