package meter

import (
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/pkttest"
)

// written meters frames by way of a capture file.
func written(t *testing.T, frames []pkttest.Frame) []flow.Record {
	t.Helper()
	var b bytes.Buffer
	if err := pkttest.WritePcap(&b, frames); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "written.pcap")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return flowsOf(t, Config{}, path)
}

// essence is a record without the fields that depend on the encapsulation.
func essence(r flow.Record) flow.Record {
	r.ID, r.Interface, r.VLAN, r.Tunnel = 0, "", flow.VLANs{}, flow.Tunnel{}
	return r
}

// carriers are all ways of a conversation over the wire that the packet builder knows.
var carriers = []struct {
	name   string
	link   pkttest.Packet
	vlan   flow.VLANs
	tunnel flow.Tunnel
}{
	{"raw IP", pkttest.Raw(), flow.VLANs{}, flow.Tunnel{}},
	{"Ethernet", pkttest.Eth(), flow.VLANs{}, flow.Tunnel{}},
	{"Ethernet, padded", pkttest.Eth().Pad(60), flow.VLANs{}, flow.Tunnel{}},
	{"802.1Q", pkttest.Eth().VLAN(100), flow.VLANs{100}, flow.Tunnel{}},
	{"802.1ad", pkttest.Eth().QinQ(200).VLAN(100), flow.VLANs{200, 100}, flow.Tunnel{}},
	{"two 802.1Q tags", pkttest.Eth().VLAN(200).VLAN(100), flow.VLANs{200, 100}, flow.Tunnel{}},
	{"MPLS", pkttest.Eth().MPLS(16).MPLS(17), flow.VLANs{}, flow.Tunnel{}},
	{"MPLS in a VLAN", pkttest.Eth().VLAN(7).MPLS(16), flow.VLANs{7}, flow.Tunnel{}},
	{"PPPoE", pkttest.Eth().PPPoE(1), flow.VLANs{}, flow.Tunnel{}},
	{"PPP", pkttest.PPP(), flow.VLANs{}, flow.Tunnel{}},
	{"Linux any", pkttest.SLL(), flow.VLANs{}, flow.Tunnel{}},
	{"Linux any 2", pkttest.SLL2(), flow.VLANs{}, flow.Tunnel{}},
	{"BSD loopback", pkttest.Null(), flow.VLANs{}, flow.Tunnel{}},
	{"GRE", outer().GRE(), flow.VLANs{}, flow.Tunnel{Kind: flow.TunnelGRE}},
	{"GRE with a key", outer().GREKey(7), flow.VLANs{}, flow.Tunnel{Kind: flow.TunnelGRE, ID: 7}},
	{"ERSPAN II", outer().GRE().ERSPAN(42).Eth(), flow.VLANs{}, flow.Tunnel{Kind: flow.TunnelERSPAN, ID: 42}},
	{"VXLAN", outer().UDP(50000, 4789).VXLAN(5001).Eth(), flow.VLANs{}, flow.Tunnel{Kind: flow.TunnelVXLAN, ID: 5001}},
	{"VXLAN with a VLAN in it", outer().UDP(50000, 4789).VXLAN(5001).Eth().VLAN(9), flow.VLANs{9}, flow.Tunnel{Kind: flow.TunnelVXLAN, ID: 5001}},
	{"Geneve", outer().UDP(50000, 6081).Geneve(5001).Eth(), flow.VLANs{}, flow.Tunnel{Kind: flow.TunnelGeneve, ID: 5001}},
	{"GTP-U", outer().UDP(2152, 2152).GTPU(0x01020304), flow.VLANs{}, flow.Tunnel{Kind: flow.TunnelGTPU}},
	{"EtherIP", outer().EtherIP().Eth(), flow.VLANs{}, flow.Tunnel{Kind: flow.TunnelEtherIP}},
}

func outer() pkttest.Packet { return pkttest.Eth().IPv4("203.0.113.1", "203.0.113.2") }

// The same conversation gives the same record over every link and in every
// tunnel, but for VLAN and tunnel; and in a tunnel there is the outer flow too,
// with its own packets.
func TestConversationIsTheSameOverEveryEncapsulation(t *testing.T) {
	for _, ends := range [][2]string{{"10.0.0.1:40000", "10.0.0.2:443"}, {"[fd00::1]:40000", "[fd00::2]:443"}} {
		talk := func(link pkttest.Packet) []pkttest.Frame {
			return pkttest.Between(epoch, ends[0], ends[1]).Over(link).Handshake().Send(3000).Recv(9000).Close().Frames()
		}
		bare := written(t, talk(pkttest.Raw()))
		if len(bare) != 1 || bare[0].Verdict != flow.Closed || bare[0].Sent.Octets < 3000 || bare[0].Recv.Octets < 9000 {
			t.Fatalf("without a link: %+v", bare)
		}
		for _, c := range carriers {
			t.Run(c.name+" "+ends[0], func(t *testing.T) {
				recs := written(t, talk(c.link))
				inner := recs[len(recs)-1]
				equal(t, "record", essence(inner), essence(bare[0]))
				equal(t, "VLAN", inner.VLAN, c.vlan)
				equal(t, "tunnel", inner.Tunnel, c.tunnel)
				if c.tunnel.Kind == flow.NoTunnel {
					equal(t, "number of flows", len(recs), 1)
					return
				}
				equal(t, "number of flows", len(recs), 2)
				var packets uint64
				for _, r := range recs[:1] {
					packets += r.Sent.Packets + r.Recv.Packets
					equal(t, "tunnel of the outer flow", r.Tunnel, flow.Tunnel{})
				}
				equal(t, "packets of the outer flow", packets, inner.Sent.Packets+inner.Recv.Packets)
			})
		}
	}
}

// However short the snap length, octets, packets and, as long as they are
// there, flags are those of the wire.
func TestSnapLengthDoesNotChangeCounters(t *testing.T) {
	talk := func(snap int) []pkttest.Frame {
		return pkttest.Between(epoch, "10.0.0.1:40000", "10.0.0.2:443").Over(pkttest.Eth()).Snap(snap).Handshake().Send(3000).Recv(9000).Close().Frames()
	}
	whole := written(t, talk(1<<16))[0]
	for snap := 14 + 20; snap <= 14+20+20; snap++ {
		recs := written(t, talk(snap))
		if len(recs) != 1 {
			t.Fatalf("%d octets captured: %d flows", snap, len(recs))
		}
		r := recs[0]
		sent, recv, flags, ports := whole.Sent, whole.Recv, whole.Flags(), whole.Src.Port
		if snap < 14+20+14 { // byte 13 of the TCP header is cut
			flags = 0
		}
		if snap < 14+20+4 {
			ports = 0
		}
		if r.Src.Addr != whole.Src.Addr && flags == 0 { // without flags and ports, who began is a guess
			sent, recv, ports = recv, sent, r.Src.Port
		}
		if r.Sent != sent || r.Recv != recv || r.Flags() != flags || r.Src.Port != ports {
			t.Errorf("%d octets captured: %+v", snap, r)
		}
	}
}

// Protocols, extension headers and odd lengths, a packet each way.
func TestEveryProtocolGivesAFlow(t *testing.T) {
	v4, v4back := pkttest.Eth().IPv4("10.0.0.1", "10.0.0.2"), pkttest.Eth().IPv4("10.0.0.2", "10.0.0.1")
	v6, v6back := pkttest.Eth().IPv6("fd00::1", "fd00::2"), pkttest.Eth().IPv6("fd00::2", "fd00::1")
	for _, c := range []struct {
		name        string
		there, back pkttest.Packet
		proto       flow.Proto
		port        uint16 // of the destination
		octets      uint64 // of the packet there
	}{
		{"UDP", v4.UDP(40000, 53).Payload(10), v4back.UDP(53, 40000), flow.UDP, 53, 38},
		{"UDP, padded", v4.UDP(40000, 53).Payload(10).Pad(60), v4back.UDP(53, 40000).Pad(60), flow.UDP, 53, 38},
		{"UDP-Lite", v4.UDPLite(40000, 53).Payload(10), v4back.UDPLite(53, 40000), flow.UDPLite, 53, 38},
		{"SCTP", v4.SCTP(40000, 443), v4back.SCTP(443, 40000), flow.SCTP, 443, 0},
		{"IPv4 options", v4.Options(1, 1, 1, 1).UDP(40000, 53), v4back.UDP(53, 40000), flow.UDP, 53, 32},
		{"IPv4 length 0, as the card fills it in", v4.TotalLen(0).TCP(40000, 443).PSH().Payload(4000), v4back.TCP(443, 40000).ACK(1), flow.TCP, 443, 4040},
		{"ESP", v4.Proto(flow.ESP).Payload(100), v4back.Proto(flow.ESP).Payload(50), flow.ESP, 0, 120},
		{"a protocol without a name", v4.Proto(253).Payload(100), v4back.Proto(253).Payload(50), 253, 0, 120},
		{"UDP over IPv6", v6.UDP(40000, 53).Payload(10), v6back.UDP(53, 40000), flow.UDP, 53, 58},
		{"extension headers", v6.HopByHop().Routing().DestOpts().UDP(40000, 53), v6back.UDP(53, 40000), flow.UDP, 53, 0},
		{"echo", v4.Ping(7, 1), v4back.Pong(7, 1), flow.ICMP, 0, 0},
		{"echo over IPv6", v6.Ping(7, 1), v6back.Pong(7, 1), flow.ICMPv6, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			recs := written(t, []pkttest.Frame{c.there.Frame(epoch), c.back.Frame(epoch.Add(ms))})
			if len(recs) != 1 {
				t.Fatalf("%d flows", len(recs))
			}
			r := recs[0]
			equal(t, "protocol", r.Proto, c.proto)
			equal(t, "port", r.Dst.Port, c.port)
			equal(t, "packets each way", [2]uint64{r.Sent.Packets, r.Recv.Packets}, [2]uint64{1, 1})
			if octets := cmp.Or(c.octets, uint64(len(c.there.Bytes())-14)); r.Sent.Octets != octets {
				t.Errorf("%d octets, want %d", r.Sent.Octets, octets)
			}
			if c.proto != flow.TCP {
				equal(t, "verdict", r.Verdict, flow.Answered)
			}
		})
	}
}

// Two hosts that ping each other with one identifier, as Windows hosts do with
// 1, have two conversations.
func TestTwoHostsThatPingEachOtherHaveTwoFlows(t *testing.T) {
	a, b := pkttest.Eth().IPv4("10.0.0.1", "10.0.0.2"), pkttest.Eth().IPv4("10.0.0.2", "10.0.0.1")
	var frames []pkttest.Frame
	for i, p := range []pkttest.Packet{a.Ping(1, 1), b.Ping(1, 1), b.Pong(1, 1), a.Pong(1, 1), a.Ping(1, 2)} {
		frames = append(frames, p.Frame(epoch.Add(time.Duration(i)*ms)))
	}
	recs := written(t, frames)
	slices.SortFunc(recs, func(x, y flow.Record) int { return x.Src.Addr.Compare(y.Src.Addr) })
	if len(recs) != 2 {
		t.Fatalf("%d flows: %+v", len(recs), recs)
	}
	equal(t, "pings of the first", recs[0].Sent.Packets, 2)
	equal(t, "pongs to the first", recs[0].Recv.Packets, 1)
	equal(t, "pings of the second", recs[1].Sent.Packets, 1)
	equal(t, "pongs to the second", recs[1].Recv.Packets, 1)
	equal(t, "identifier", recs[1].ICMPID, 1)
}
