package demo_test

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/demo"
	"weir/meter"
	"weir/node"
)

// lastState is a meter.Sink that keeps the last state of each flow.
type lastState struct {
	flows map[int64]flow.Record
}

func (s *lastState) Offer(recs []flow.Record) bool {
	for _, r := range recs {
		s.flows[r.ID] = r
	}
	return true
}

func (s *lastState) Put(_ context.Context, recs []flow.Record) error {
	s.Offer(recs)
	return nil
}

func (s *lastState) Cut([]flow.Ending) {
	panic("a sink that takes everything gets no flow without its last record")
}

// report holds the flows and counters of one node.
type report struct {
	flows  []flow.Record
	health flow.Health
}

// metered passes ten minutes of traffic through the real decoder and meter.
func metered(t *testing.T) map[string]report {
	t.Helper()
	network := demo.New(demo.Config{Start: start, History: 10 * time.Minute, Seed: 1})
	owners := node.NewRegistry(network.Nodes())
	all := map[string]report{}
	for _, s := range network.Sources() {
		sink := &lastState{map[int64]flow.Record{}}
		m := meter.New(meter.Config{Node: s.Node, Resolve: owners.Lookup}, s.Source, sink)
		if err := m.Run(t.Context()); err != nil {
			t.Fatalf("%s: %v", s.Node, err)
		}
		var flows []flow.Record
		for _, r := range sink.flows {
			flows = append(flows, r)
		}
		all[s.Node] = report{flows, m.Health()}
	}
	return all
}

// isns holds the initial sequence numbers of both sides, which NAT preserves.
type isns struct{ client, server flow.Seq32 }

func byISNs(flows []flow.Record) map[isns]flow.Record {
	m := map[isns]flow.Record{}
	for _, r := range flows {
		if r.SrcSide.ISN.Seen && r.DstSide.ISN.Seen {
			m[isns{r.SrcSide.ISN, r.DstSide.ISN}] = r
		}
	}
	return m
}

func TestHistoryThroughDecoderAndMeter(t *testing.T) {
	nodes := metered(t)
	t.Run("every packet is counted", func(t *testing.T) { everyPacketIsCounted(t, nodes) })
	t.Run("records of a connection differ by NAT", func(t *testing.T) { natBetweenRecords(t, nodes) })
	t.Run("a dropped connection has no record after the drop", func(t *testing.T) { droppedConnections(t, nodes) })
	t.Run("there is a flow of each kind", func(t *testing.T) { oneOfEachKind(t, nodes) })
	t.Run("the client is the source", func(t *testing.T) { clientIsSource(t, nodes) })
	t.Run("round-trip times match the path", func(t *testing.T) { roundTrips(t, nodes) })
}

func TestLiveMeterContinuesAfterTheHistory(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := &clock{now: start}
	wait := func(d time.Duration, stop <-chan struct{}) {
		c.Wait(d, stop)
		if c.Now().After(start.Add(30 * time.Second)) {
			cancel()
		}
	}
	network := demo.New(demo.Config{Start: start, History: 2 * time.Minute, Seed: 1, Live: true, Now: c.Now, Wait: wait})
	sink := &lastState{map[int64]flow.Record{}}
	m := meter.New(meter.Config{Now: c.Now}, network.Sources()[0].Source, sink)
	if err := m.Run(ctx); err != nil {
		t.Fatal(err)
	}
	var before, after int
	for _, r := range sink.flows {
		if r.Start.Before(start) {
			before++
		} else {
			after++
		}
		quiet := start.Add(30 * time.Second).Sub(r.Last)
		if r.EndReason == flow.ForcedEnd && r.Proto == flow.ICMP && quiet > 6*time.Second {
			t.Errorf("a ping was still open after %v of silence", quiet)
		}
	}
	if h := m.Health(); before < 200 || after < 30 || h.Lost() != 0 {
		t.Errorf("%d flows of the history, %d of the present, %d lost", before, after, h.Lost())
	}
}

func everyPacketIsCounted(t *testing.T, nodes map[string]report) {
	for name, n := range nodes {
		var packets, octets uint64
		for _, r := range n.flows {
			packets += r.Sent.Packets + r.Recv.Packets
			octets += r.Sent.Octets + r.Recv.Octets
		}
		linkHeader := uint64(14)
		if name == "core" {
			linkHeader = 18 // with a VLAN tag
		}
		wire := n.health.Sources[0].Octets - linkHeader*n.health.Packets()
		if packets != n.health.Packets() || octets != wire {
			t.Errorf("%s: records have %d packets and %d bytes, the wire had %d and %d", name, packets, octets, n.health.Packets(), wire)
		}
		if n.health.Lost() != 0 || len(n.flows) < 500 {
			t.Errorf("%s: lost %d, %d flows", name, n.health.Lost(), len(n.flows))
		}
		for _, c := range n.health.Skipped {
			if c.N != 0 {
				t.Errorf("%s: %d packets skipped: %s", name, c.N, c.Name)
			}
		}
	}
}

func natBetweenRecords(t *testing.T, nodes map[string]report) {
	edge, core, dc := byISNs(nodes["edge-1"].flows), byISNs(nodes["core"].flows), byISNs(nodes["dc-2"].flows)
	var pairs int
	for id, d := range dc {
		e, atEdge := edge[id]
		c, atCore := core[id]
		if !atEdge || !d.Dst.Addr.Is4() { // started behind dc-2, or without NAT
			continue
		}
		pairs++
		switch {
		case !atCore:
			t.Fatalf("%v → %v is seen by edge-1 and dc-2, but not by core", d.Src, d.Dst)
		case e.Src.Node != "edge-1" || e.Dst.Node != "dc-2" || e.Dst != c.Dst || e.Src == c.Src || e.Src.Port == c.Src.Port:
			t.Fatalf("edge-1 reports %v → %v, core %v → %v", e.Src, e.Dst, c.Src, c.Dst)
		case d.Src.Addr != netip.MustParseAddr("172.16.1.100") || d.Dst.Addr == e.Dst.Addr || d.Dst.Port != e.Dst.Port:
			t.Fatalf("edge-1 reports %v → %v, dc-2 %v → %v", e.Src, e.Dst, d.Src, d.Dst)
		case e.SrcSide.MinTTL != d.SrcSide.MinTTL+2 || e.DstSide.MinTTL != d.DstSide.MinTTL-2:
			t.Fatalf("TTL %d and %d at edge-1, %d and %d at dc-2", e.SrcSide.MinTTL, e.DstSide.MinTTL, d.SrcSide.MinTTL, d.DstSide.MinTTL)
		case e.SrcSide.IPID != d.SrcSide.IPID || e.DstSide.IPID != d.DstSide.IPID:
			t.Fatalf("the first IP identifications differ: %v %v", e, d)
		case e.Verdict == flow.Closed && (e.Sent != d.Sent || e.Recv != d.Recv || e.Flags() != d.Flags()):
			t.Fatalf("edge-1 counts %v and %v, dc-2 %v and %v", e.Sent, e.Recv, d.Sent, d.Recv)
		}
	}
	if pairs < 200 {
		t.Errorf("only %d connections are seen by both edge-1 and dc-2", pairs)
	}
}

func droppedConnections(t *testing.T, nodes map[string]report) {
	atDC := map[flow.Seq32]bool{}
	for _, r := range nodes["dc-2"].flows {
		atDC[r.SrcSide.ISN] = true
	}
	var stopped, arrived int
	for _, r := range nodes["core"].flows {
		if r.Verdict != flow.NoAnswer {
			continue
		}
		if atDC[r.SrcSide.ISN] {
			arrived++
		} else {
			stopped++
		}
	}
	if stopped == 0 || arrived == 0 {
		t.Errorf("%d unanswered connections dropped before dc-2, %d after it, want both", stopped, arrived)
	}
}

func oneOfEachKind(t *testing.T, nodes map[string]report) {
	tcp := func(v flow.Verdict) func(*flow.Record) bool {
		return func(r *flow.Record) bool { return r.Proto == flow.TCP && r.Verdict == v }
	}
	to := func(p flow.Proto, port uint16, v flow.Verdict) func(*flow.Record) bool {
		return func(r *flow.Record) bool { return r.Proto == p && r.Dst.Port == port && r.Verdict == v }
	}
	for kind, is := range map[string]func(*flow.Record) bool{
		"closed":           tcp(flow.Closed),
		"refused":          tcp(flow.Refused),
		"no answer":        tcp(flow.NoAnswer),
		"open":             tcp(flow.Established),
		"reset by source":  tcp(flow.ResetBySource),
		"reset by dest":    tcp(flow.ResetByDest),
		"retried":          func(r *flow.Record) bool { return r.Verdict == flow.NoAnswer && r.SYNRetries == 3 },
		"DNS answered":     to(flow.UDP, 53, flow.Answered),
		"DNS unanswered":   to(flow.UDP, 53, flow.Unanswered),
		"NTP":              to(flow.UDP, 123, flow.Answered),
		"mDNS":             to(flow.UDP, 5353, flow.Unanswered),
		"ping":             to(flow.ICMP, 0, flow.Answered),
		"IPv6 ping":        to(flow.ICMPv6, 0, flow.Answered),
		"IPv6 TCP":         func(r *flow.Record) bool { return r.Verdict == flow.Closed && r.Src.Addr.Is6() },
		"IPv6 refused":     func(r *flow.Record) bool { return r.Verdict == flow.Refused && r.Src.Addr.Is6() },
		"large":            func(r *flow.Record) bool { return r.Recv.Octets > 500_000 },
		"host unreachable": isHostUnreachable,
	} {
		var n int
		for i := range nodes["edge-1"].flows {
			if is(&nodes["edge-1"].flows[i]) {
				n++
			}
		}
		if n == 0 {
			t.Errorf("edge-1 sees no flow of kind %s", kind)
		}
	}
}

// isHostUnreachable reports whether core answered r with host unreachable.
func isHostUnreachable(r *flow.Record) bool {
	return r.Proto == flow.TCP && r.Verdict == flow.Unreachable && r.Error.From == netip.MustParseAddr("10.100.0.1") &&
		r.Error.Type.Words(flow.ICMP) == "host unreachable"
}

func clientIsSource(t *testing.T, nodes map[string]report) {
	for _, r := range nodes["edge-1"].flows {
		isError := r.Proto == flow.ICMP && r.ICMP.IsError(flow.ICMP)
		if r.Src.Node != "edge-1" && !isError {
			t.Errorf("edge-1 reports %v %v → %v, direction by %v", r.Proto, r.Src, r.Dst, r.Direction)
		}
	}
}

func roundTrips(t *testing.T, nodes map[string]report) {
	for name, want := range map[string]struct{ server, client time.Duration }{
		"edge-1": {20600 * time.Microsecond, 800 * time.Microsecond},
		"core":   {8600 * time.Microsecond, 12800 * time.Microsecond},
		"dc-2":   {600 * time.Microsecond, 20800 * time.Microsecond},
	} {
		var n int
		for _, r := range nodes[name].flows {
			if r.Dst.Port != 443 || r.RTT() != 21400*time.Microsecond { // round trip of the whole path
				continue
			}
			if n++; r.ServerRTT != want.server || r.ClientRTT != want.client {
				t.Errorf("%s: RTT %v to the server, %v to the client, want %v", name, r.ServerRTT, r.ClientRTT, want)
			}
		}
		if n < 100 {
			t.Errorf("%s: only %d connections have the whole path", name, n)
		}
	}
}
