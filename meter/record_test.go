package meter

import (
	"net/netip"
	"testing"

	"weir/decode"
	"weir/flow"
	"weir/internal/pkttest"
)

func TestRecordHoldsAllFields(t *testing.T) {
	l := newLab(t, Config{
		Node: "paris",
		Resolve: func(a netip.Addr) string {
			return map[string]string{client: "office", server: "web"}[a.String()]
		},
	})
	eth := pkttest.Eth().VLAN(100)
	l.seeOn(1, 0, eth.IPv4(client, server).IPID(77).TTL(64).UDP(5000, 5001).Payload(72).Pad(60))
	l.seeOn(1, 1*sec, eth.IPv4(client, server).IPID(78).TTL(61).UDP(5000, 5001))
	l.seeOn(1, 2*sec, eth.IPv4(server, client).IPID(9).TTL(128).UDP(5001, 5000).Payload(12))
	want := flow.Record{
		ID:        1,
		Node:      "paris",
		Interface: "eth1",
		Start:     epoch,
		Last:      epoch.Add(2 * sec),
		Proto:     flow.UDP,
		Src:       flow.Endpoint{Node: "office", Addr: netip.MustParseAddr(client), Port: 5000},
		Dst:       flow.Endpoint{Node: "web", Addr: netip.MustParseAddr(server), Port: 5001},
		Sent:      flow.Counters{Packets: 2, Octets: 128},
		Recv:      flow.Counters{Packets: 1, Octets: 40},
		SrcSide:   flow.Side{IPID: flow.Seq32{Value: 77, Seen: true}, MinTTL: 61, Payload: 72},
		DstSide:   flow.Side{IPID: flow.Seq32{Value: 9, Seen: true}, MinTTL: 128, Payload: 12},
		Verdict:   flow.Answered,
		Direction: flow.ByFirstPacket,
		VLAN:      flow.VLANs{100},
	}
	equal(t, "record", l.only(), want)
}

func TestEchoIsOneFlowWithoutPorts(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, pkttest.Raw().IPv4(client, server).Ping(777, 1))
	l.see(0, pkttest.Raw().IPv4(server, client).Pong(777, 1))
	r := l.only()
	equal(t, "source port", r.Src.Port, 0)
	equal(t, "destination port", r.Dst.Port, 0)
	equal(t, "identifier", r.ICMPID, 777)
	equal(t, "type", r.ICMP, flow.ICMPType{Type: 8})
	equal(t, "verdict", r.Verdict, flow.Answered)
}

func TestEchoIdentifierIsAFlowKey(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, pkttest.Raw().IPv4(client, server).Ping(1, 1))
	l.see(0, pkttest.Raw().IPv4(client, server).Ping(2, 1))
	l.counts(0, 2)
}

func TestICMPErrorCountsInItsFlowAndMarksTheQuotedOne(t *testing.T) {
	const router = "10.1.2.3"
	for _, c := range []struct {
		name   string
		packet pkttest.Packet
		want   flow.Verdict
	}{
		{"TCP", syn(), flow.Unreachable},
		{"UDP", udp(5000, 5001), flow.Unreachable},
		{"echo", pkttest.Raw().IPv4(client, server).Ping(5, 1), flow.Unreachable},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t, Config{})
			l.see(0, c.packet)
			l.see(10*ms, pkttest.Raw().IPv4(router, client).ICMP(3, 1).Quote(c.packet, 8))
			l.counts(0, 2)
			quoted, err := l.open()[0], l.open()[1]
			equal(t, "verdict", quoted.Verdict, c.want)
			equal(t, "said by", quoted.Error, flow.ICMPError{From: netip.MustParseAddr(router), Type: flow.ICMPType{Type: 3, Code: 1}})
			equal(t, "packets of the quoted flow", quoted.Sent.Packets, 1)
			equal(t, "last packet of the quoted flow", quoted.Last, epoch)
			equal(t, "source of the error", err.Src.Addr.String(), router)
			equal(t, "verdict on the error itself", err.Verdict, flow.NoVerdict)
		})
	}
}

func TestICMPErrorChangesNoOtherVerdict(t *testing.T) {
	l := newLab(t, Config{})
	l.handshake(0)
	l.see(1*sec, pkttest.Raw().IPv4("10.1.2.3", server).ICMP(3, 4).Quote(down().Payload(1000), 8))
	r := l.open()[0]
	equal(t, "verdict", r.Verdict, flow.Established)
	equal(t, "error", r.Error.Type, flow.ICMPType{Type: 3, Code: 4})
}

func TestErrorIsRemovedWithItsFlow(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, udp(5000, 5001))
	l.see(0, pkttest.Raw().IPv4(server, client).ICMP(3, 3).Quote(udp(5000, 5001), 8))
	l.see(70*sec, udp(5000, 5001)) // the next flow may get the same slot
	equal(t, "errors kept", len(l.errors), 0)
	equal(t, "verdict", l.open()[0].Verdict, flow.Unanswered)
}

func TestVLANAndInterfaceAreFlowKeys(t *testing.T) {
	p := pkttest.Eth().VLAN(1).IPv4(client, server).UDP(5000, 5001)
	q := pkttest.Eth().VLAN(2).IPv4(client, server).UDP(5000, 5001)
	l := newLab(t, Config{})
	l.see(0, p)
	l.see(0, q)
	l.seeOn(1, 0, p)
	l.counts(0, 3)

	l = newLab(t, Config{Decode: decode.Options{IgnoreVLAN: true}})
	l.see(0, p)
	l.see(0, q)
	l.counts(0, 1)
}

func TestOuterAndInnerFlowsOfATunnelAreRecorded(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, pkttest.Raw().IPv4("192.0.2.1", "192.0.2.2").UDP(44444, 4789).VXLAN(7).Eth().IPv4(client, server).UDP(5000, 5001))
	l.counts(0, 2)
	outer, inner := l.open()[0], l.open()[1]
	equal(t, "outer tunnel", outer.Tunnel, flow.Tunnel{})
	equal(t, "inner tunnel", inner.Tunnel, flow.Tunnel{Kind: flow.TunnelVXLAN, ID: 7})
	equal(t, "inner octets", inner.Sent.Octets, 28)
	equal(t, "outer octets", outer.Sent.Octets, 28+8+14+28)
}
