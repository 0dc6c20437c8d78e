package meter

import (
	"fmt"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/pkttest"
)

// way lays a path for the packets of one direction.
type way func() pkttest.Packet

func inVLAN(id uint16) way { return func() pkttest.Packet { return pkttest.Eth().VLAN(id) } }

func inGeneve(vni uint32) way {
	return func() pkttest.Packet {
		return pkttest.Eth().IPv4("192.0.2.1", "192.0.2.2").UDP(50000, 6081).Geneve(vni).Eth()
	}
}

func inGRE(key uint32) way {
	return func() pkttest.Packet { return pkttest.Eth().IPv4("192.0.2.1", "192.0.2.2").GREKey(key) }
}

func (w way) up() pkttest.Packet   { return w().IPv4(client, server).TCP(40000, 80) }
func (w way) down() pkttest.Packet { return w().IPv4(server, client).TCP(80, 40000) }

// conversations are all flows of the client's and the server's.
func (l *lab) conversations() (all []flow.Record) {
	for _, r := range append(l.out, l.open()...) {
		if a := r.Src.Addr.String(); a == client || a == server {
			all = append(all, r)
		}
	}
	return all
}

func TestReplyUnderAnotherTagIsMatched(t *testing.T) {
	for _, c := range []struct {
		name        string
		there, back way
		vlan        uint16
		tunnel      flow.Tunnel
	}{
		{"a VLAN for each direction", inVLAN(10), inVLAN(20), 10, flow.Tunnel{}},
		{"a VLAN there, none back", inVLAN(10), pkttest.Eth, 10, flow.Tunnel{}},
		{"none there, a VLAN back", pkttest.Eth, inVLAN(20), 0, flow.Tunnel{}},
		{"a Geneve network for each direction", inGeneve(10), inGeneve(11), 0, flow.Tunnel{Kind: flow.TunnelGeneve, ID: 10}},
		{"a tunnel there, none back", func() pkttest.Packet { return pkttest.Eth().IPv4("192.0.2.1", "192.0.2.2") }, pkttest.Eth, 0, flow.Tunnel{Kind: flow.TunnelIPIP}},
		{"a GRE key for each direction", inGRE(1), inGRE(2), 0, flow.Tunnel{Kind: flow.TunnelGRE, ID: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t, Config{})
			l.see(0, c.there.up().SYN().Seq(1000))
			l.see(20*ms, c.back.down().SYN().Seq(5000).ACK(1001))
			l.see(30*ms, c.there.up().Seq(1001).ACK(5001))
			for i := range 10 {
				l.see(time.Duration(i)*sec, c.back.down().PSH().Seq(5001).ACK(1001).Payload(100))
			}
			all := l.conversations()
			if len(all) != 1 {
				t.Fatalf("there are %d conversations: %+v", len(all), all)
			}
			r := all[0]
			equal(t, "verdict", r.Verdict, flow.Established)
			equal(t, "source", r.Src.Addr.String(), client)
			equal(t, "sent", r.Sent.Packets, 2)
			equal(t, "received", r.Recv.Packets, 11)
			equal(t, "round trip", r.ServerRTT, 20*ms)
			equal(t, "VLAN, of the question", r.VLAN[0], c.vlan)
			equal(t, "tunnel, of the question", r.Tunnel, c.tunnel)
		})
	}
}

func TestFlowsAnsweredUnderTheirOwnTagStaySeparate(t *testing.T) {
	l := newLab(t, Config{})
	for _, w := range []way{inVLAN(10), inVLAN(20), inGeneve(1), inGeneve(2)} { // tenants with the same addresses
		l.see(0, w.up().SYN().Seq(1000))
		l.see(1*ms, w.down().SYN().Seq(5000).ACK(1001))
	}
	for _, r := range l.conversations() {
		equal(t, fmt.Sprint("packets in ", r.VLAN, r.Tunnel), [2]uint64{r.Sent.Packets, r.Recv.Packets}, [2]uint64{1, 1})
	}
	equal(t, "conversations", len(l.conversations()), 4)
}

func TestRouterOnAStickIsSeenInBothVLANs(t *testing.T) {
	l := newLab(t, Config{})
	in, out := inVLAN(10), inVLAN(20)
	for i, p := range []pkttest.Packet{in.up().SYN(), out.up().SYN(), out.down().SYN().ACK(1), in.down().SYN().ACK(1)} {
		l.see(time.Duration(i)*ms, p)
	}
	all := l.conversations()
	equal(t, "conversations", len(all), 2)
	for _, r := range all {
		equal(t, fmt.Sprint("packets in ", r.VLAN), [2]uint64{r.Sent.Packets, r.Recv.Packets}, [2]uint64{1, 1})
	}
}

// A router asks whether its GRE tunnel works by sending the other end's
// answer through it (Cisco).
func TestGREKeepAliveIsNotItsOwnReply(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, pkttest.Raw().IPv4(client, server).GRE().IPv4(server, client).GRE().EtherType(0))
	outer, inner := l.open()[0], l.open()[1]
	equal(t, "packets of the tunnel", outer.Sent.Packets+outer.Recv.Packets, 1)
	equal(t, "packets in the tunnel", inner.Sent.Packets+inner.Recv.Packets, 1)
	equal(t, "tunnel of the inner", inner.Tunnel.Kind, flow.TunnelGRE)
}

func TestErrorUnderAnotherTagMarksTheQuotedFlow(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, inVLAN(10).up().SYN().Seq(1000))
	l.see(1*ms, inVLAN(20)().IPv4("10.1.2.3", client).ICMP(3, 1).Quote(syn(), 8))
	equal(t, "verdict", l.open()[0].Verdict, flow.Unreachable)
}

func TestMatchedFlowEndsForBothTags(t *testing.T) {
	there, back := inVLAN(10), inVLAN(20)
	l := newLab(t, Config{})
	for i := range 3 { // thrice the same ports, an idle timeout apart
		at := time.Duration(i) * 61 * sec
		l.see(at, there().IPv4(client, server).UDP(40000, 53))
		l.see(at+ms, back().IPv4(server, client).UDP(53, 40000))
	}
	l.counts(2, 1)
	for _, r := range l.conversations() {
		equal(t, "verdict", r.Verdict, flow.Answered)
	}
}

func TestReplyIsMatchedToTheCurrentFlow(t *testing.T) {
	l := newLab(t, Config{})
	for i := range uint16(3) { // the same ports from another VLAN each time, an idle timeout apart
		at := time.Duration(i) * 61 * sec
		l.see(at, inVLAN(10+i)().IPv4(client, server).UDP(40000, 53))
		l.see(at+ms, inVLAN(20)().IPv4(server, client).UDP(53, 40000))
	}
	l.counts(2, 1)
	for i, r := range l.conversations() {
		equal(t, "verdict", r.Verdict, flow.Answered)
		equal(t, "VLAN, of the question", r.VLAN[0], 10+uint16(i))
	}
	equal(t, "answers remembered", len(l.reverse.matched), len(l.reverse.ring))
}

func TestFragmentsOfAMatchedReply(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, inVLAN(10)().IPv4(client, server).UDP(40000, 53))
	for i, p := range inVLAN(20)().IPv4(server, client).IPID(7).UDP(53, 40000).Payload(3000).Fragments(1480) {
		l.see(time.Duration(i+1)*ms, p)
	}
	equal(t, "received", l.only().Recv.Packets, 3)
}

func TestMatchedKeysAreBounded(t *testing.T) {
	l := newLab(t, Config{})
	for i := range 2 * reverseKeys {
		host := fmt.Sprintf("172.16.%d.%d", i>>8, i&0xff)
		l.see(0, inVLAN(10)().IPv4(host, server).UDP(40000, 53))
		l.see(0, inVLAN(20)().IPv4(server, host).UDP(53, 40000))
	}
	equal(t, "flows", l.table.live, 2*reverseKeys)
	equal(t, "answers remembered", len(l.reverse.matched), reverseKeys)
}

func TestReplyIsMatchedAmongManyFlows(t *testing.T) {
	const questions = 300
	l := newLab(t, Config{})
	l.table.seed = [7]uint64{1, 2, 3, 4, 5, 6, 7} // the same collisions each time
	for port := range uint16(questions) {
		l.see(0, inVLAN(10)().IPv4(client, server).UDP(50_000+port, 53))
	}
	for port := range uint16(questions) {
		l.see(1*sec, inVLAN(20)().IPv4(server, client).UDP(53, 50_000+port))
	}
	l.counts(0, questions)
}
