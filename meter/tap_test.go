package meter

import (
	"fmt"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/pkttest"
)

func TestAnswersAtTheOtherPortOfATapJoin(t *testing.T) {
	l := newLab(t, Config{})
	l.seeOn(0, 0, syn())
	l.seeOn(1, 10*ms, synAck())
	l.seeOn(0, 20*ms, ack())
	l.seeOn(0, 100*ms, up().PSH().Seq(1001).ACK(5001).Payload(100))
	l.seeOn(1, 110*ms, down().PSH().Seq(5001).ACK(1101).Payload(300))
	r := l.only()
	equal(t, "verdict", r.Verdict, flow.Established)
	equal(t, "sent, received", [2]uint64{r.Sent.Packets, r.Recv.Packets}, [2]uint64{3, 2})
	equal(t, "round trip", r.ServerRTT, 10*ms)
	equal(t, "interfaces, of the question and of the reply", [2]string{r.Interface, r.ReplyInterface}, [2]string{"eth0", "eth1"})
}

func TestDatagramsAnsweredAtTheOtherPortOfATapJoin(t *testing.T) {
	l := newLab(t, Config{})
	l.seeOn(1, 0, pkttest.Raw().IPv4(client, server).UDP(40001, 53).Payload(40))
	l.seeOn(0, 10*ms, pkttest.Raw().IPv4(server, client).UDP(53, 40001).Payload(90))
	l.seeOn(0, 20*ms, pkttest.Raw().IPv4(server, client).UDP(53, 40001).Payload(90))
	r := l.only()
	equal(t, "source", r.Src.Addr.String(), client)
	equal(t, "sent, received", [2]uint64{r.Sent.Packets, r.Recv.Packets}, [2]uint64{1, 2})
	equal(t, "interfaces", [2]string{r.Interface, r.ReplyInterface}, [2]string{"eth1", "eth0"})
}

func TestRepliesAtTheSameInterfaceNameNoOther(t *testing.T) {
	l := newLab(t, Config{})
	l.seeOn(1, 0, syn())
	l.seeOn(1, 10*ms, synAck())
	l.seeOn(1, 20*ms, ack())
	r := l.only()
	equal(t, "interfaces", [2]string{r.Interface, r.ReplyInterface}, [2]string{"eth1", ""})
}

func TestOnlyRepliesJoinAcrossInterfaces(t *testing.T) {
	for _, c := range []struct {
		name  string
		at    time.Duration
		reply pkttest.Packet
	}{
		{"another acknowledgment", 10 * ms, down().SYN().Seq(5000).ACK(900_000_000)},
		{"no acknowledgment", 10 * ms, down().SYN().Seq(5000)},
		{"too late", tapWait + sec, synAck()},
		{"the same direction", 10 * ms, syn()},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t, Config{})
			l.seeOn(0, 0, syn())
			l.seeOn(1, c.at, c.reply)
			equal(t, "flows", len(l.conversations()), 2)
		})
	}
}

// A router forwards every packet from one interface to the other, the TTL one less. The capture
// begins with any packet of the connection.
func TestRoutedConnectionsDoNotJoin(t *testing.T) {
	const connections = 10_000
	for from := range 6 {
		l := newLab(t, Config{})
		for i := range connections {
			at := time.Duration(i) * 10 * ms
			port := uint16(10_000 + i)
			out := func() pkttest.Packet { return pkttest.Raw().IPv4(client, server).TCP(port, 80) }
			back := func() pkttest.Packet { return pkttest.Raw().IPv4(server, client).TCP(80, port) }
			seen := []struct {
				iface uint16
				p     pkttest.Packet
			}{
				{0, out().SYN().Seq(1000)}, {1, out().SYN().Seq(1000)},
				{1, back().SYN().Seq(5000).ACK(1001)}, {0, back().SYN().Seq(5000).ACK(1001)},
				{0, out().Seq(1001).ACK(5001)}, {1, out().Seq(1001).ACK(5001)},
				{1, back().PSH().Seq(5001).ACK(1001).Payload(10)}, {0, back().PSH().Seq(5001).ACK(1001).Payload(10)},
				{0, out().Seq(1001).ACK(5011)}, {1, out().Seq(1001).ACK(5011)},
			}
			for j, s := range seen[from:] {
				l.seeOn(s.iface, at+time.Duration(j)*ms/10, s.p)
			}
		}
		equal(t, fmt.Sprint("observations from packet ", from), len(l.conversations()), 2*connections)
	}
}
