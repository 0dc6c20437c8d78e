package meter

import (
	"testing"

	"weir/flow"
	"weir/internal/pkttest"
)

func TestSourceIsDecidedByTheMostReliableRule(t *testing.T) {
	raw := pkttest.Raw()
	for _, c := range []struct {
		name  string
		first pkttest.Packet
		src   string
		want  flow.Direction
	}{
		{"SYN", raw.IPv4(client, server).TCP(80, 40000).SYN(), client, flow.BySyn},
		{"SYN with ECN bits", raw.IPv4(client, server).TCP(80, 40000).Flags(flow.SYN | flow.ECE | flow.CWR), client, flow.BySyn},
		{"SYN-ACK", raw.IPv4(client, server).TCP(40000, 80).SYN().ACK(1), server, flow.BySynAck},
		{"echo request", raw.IPv4(client, server).Ping(7, 1), client, flow.ByRequest},
		{"echo reply", raw.IPv4(client, server).Pong(7, 1), server, flow.ByRequest},
		{"ICMPv6 echo reply", raw.IPv6("fd00::1", "fd00::2").Pong(7, 1), "fd00::2", flow.ByRequest},
		{"router advertisement to all", raw.IPv6("fe80::1", "ff02::1").ICMP(134, 0), "fe80::1", flow.ByMulticast},
		{"to multicast", raw.IPv4(server, "224.0.0.251").UDP(5353, 40000), server, flow.ByMulticast},
		{"to broadcast", raw.IPv4(server, "255.255.255.255").UDP(67, 68), server, flow.ByMulticast},
		{"answer of a service", raw.IPv4(server, client).UDP(53, 3333), client, flow.ByService},
		{"answer of a registered service", raw.IPv4(server, client).TCP(3306, 3333).ACK(1), client, flow.ByService},
		{"two services", raw.IPv4(server, client).UDP(123, 53), server, flow.ByFirstPacket},
		{"answer of a service between 600 and 1023", raw.IPv4(server, client).TCP(993, 3333).ACK(1), client, flow.ByService},
		{"NFS client that wants to be trusted", raw.IPv4(client, server).UDP(671, 1048), client, flow.ByFirstPacket},
		{"answer of a registered service", raw.IPv4(server, client).TCP(9100, 7124).ACK(1), client, flow.ByService},
		{"answer of a registered service above the ephemeral port", raw.IPv4(server, client).TCP(48000, 40001).ACK(1), client, flow.ByService},
		{"answer of an industrial service, to a registered port", raw.IPv4(server, client).TCP(44818, 3033).ACK(1), client, flow.ByService},
		{"answer of a service, to a registered port", raw.IPv4(server, client).TCP(443, 9100).ACK(1), client, flow.ByService},
		{"answer from a port of another protocol's service", raw.IPv4(server, client).TCP(36412, 36411).ACK(1), server, flow.ByFirstPacket},
		{"answer of an SCTP service", raw.IPv4(server, client).SCTP(2905, 5000), client, flow.ByService},
		{"lower port", raw.IPv4(server, client).TCP(10123, 50051).ACK(1), client, flow.ByHighPort},
		{"lower of two registered ports", raw.IPv4(server, client).TCP(9100, 40000).ACK(1), client, flow.ByHighPort},
		{"UDP to a registered service", raw.IPv4(client, server).UDP(51821, 20000), client, flow.ByService},
		{"UDP from a registered port", raw.IPv4(client, server).UDP(20000, 51821), client, flow.ByFirstPacket},
		{"UDP from a lower port", raw.IPv4(client, server).UDP(10123, 50051), client, flow.ByFirstPacket},
		{"UDP-Lite from a registered port", raw.IPv6("fd00::1", "fd00::2").UDPLite(20000, 51821), "fd00::1", flow.ByFirstPacket},
		{"two high ports", raw.IPv4(server, client).UDP(40000, 50000), server, flow.ByFirstPacket},
		{"two low ports", raw.IPv4(server, client).UDP(9999, 20000), server, flow.ByFirstPacket},
		{"no ports", raw.IPv4(server, client).Proto(flow.ESP).Payload(40), server, flow.ByFirstPacket},
		{"ICMP error", raw.IPv4(server, client).ICMP(3, 1).Quote(syn(), 8), server, flow.ByFirstPacket},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t, Config{})
			l.see(0, c.first)
			r := l.only()
			equal(t, "source", r.Src.Addr.String(), c.src)
			equal(t, "direction", r.Direction, c.want)
		})
	}
}

func TestLateSYNSwapsSentAndReceived(t *testing.T) {
	// The first packet comes from port 8080, which looks like a service.
	a, b := "10.9.9.9", "10.1.1.1"
	l := newLab(t, Config{})
	l.see(10*ms, pkttest.Raw().IPv4(a, b).TCP(8080, 50000).Seq(2).ACK(1).Payload(100))
	before := l.only()
	equal(t, "source at first", before.Src.Addr.String(), b)
	equal(t, "received at first", before.Recv.Octets, 140)

	l.see(0, pkttest.Raw().IPv4(a, b).TCP(8080, 50000).SYN().Seq(1))
	after := l.only()
	equal(t, "source", after.Src.Addr.String(), a)
	equal(t, "source port", after.Src.Port, 8080)
	equal(t, "direction", after.Direction, flow.BySyn)
	equal(t, "sent", after.Sent, flow.Counters{Packets: 2, Octets: 180})
	equal(t, "received", after.Recv, flow.Counters{})
	equal(t, "ID", after.ID, before.ID)
	equal(t, "ISN", after.SrcSide.ISN.Value, 1)
}

func TestFirstOfTwoSYNsDecides(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, syn())
	l.see(1*ms, down().SYN().Seq(5000))
	equal(t, "source", l.only().Src.Addr.String(), client)
}

func TestHostThatPingsItselfIsAnswered(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, pkttest.Raw().IPv4("127.0.0.1", "127.0.0.1").Ping(7, 1))
	l.see(0, pkttest.Raw().IPv4("127.0.0.1", "127.0.0.1").Pong(7, 1))
	r := l.only()
	equal(t, "sent", r.Sent.Packets, 1)
	equal(t, "received", r.Recv.Packets, 1)
	equal(t, "verdict", r.Verdict, flow.Answered)
}
