package meter

import (
	"fmt"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/pkttest"
)

func TestFullCacheEvictsTheOldestHalfOpenFlowFirst(t *testing.T) {
	l := newLab(t, Config{MaxFlows: 4})
	conn := func(port uint16) pkttest.Packet { return pkttest.Raw().IPv4(client, server).TCP(port, 80) }
	answer := func(port uint16) pkttest.Packet { return pkttest.Raw().IPv4(server, client).TCP(80, port) }
	for i := range uint16(2) { // established, and the oldest
		l.see(0, conn(40000+i).SYN().Seq(1))
		l.see(0, answer(40000+i).SYN().Seq(1).ACK(2))
		l.see(0, conn(40000+i).Seq(2).ACK(2))
	}
	l.see(1*sec, conn(50000).SYN())
	l.see(2*sec, conn(50001).SYN())
	l.see(3*sec, conn(50002).SYN())
	l.see(4*sec, conn(50003).SYN())
	l.counts(2, 4)
	for i, r := range l.out {
		equal(t, "evicted", r.Src.Port, 50000+uint16(i))
		equal(t, "end reason", r.EndReason, flow.LackOfResources)
	}
	equal(t, "counter", l.evicted, 2)
}

func TestFullCacheOfEstablishedFlowsEvictsTheLongestIdle(t *testing.T) {
	l := newLab(t, Config{MaxFlows: 3})
	for i := range uint16(3) {
		l.see(time.Duration(i)*sec, udp(5000+i, 7000))
		l.see(time.Duration(i)*sec, udp(5000+i, 7000))
	}
	l.see(10*sec, udp(5000, 7000)) // the oldest is busy
	l.see(11*sec, udp(6000, 7000))
	l.counts(1, 3)
	equal(t, "evicted", l.out[0].Src.Port, 5001)
}

func TestClosedFlowIsEvictedFirstWithEndOfFlow(t *testing.T) {
	l := newLab(t, Config{MaxFlows: 2})
	l.see(0, udp(5000, 7000))
	l.handshake(1 * sec)
	l.closeTCP(2 * sec)
	l.see(3*sec, udp(5001, 7000))
	equal(t, "end reason", l.out[0].EndReason, flow.EndOfFlow)
	equal(t, "counter", l.evicted, 0)
}

func TestFloodEvictsItsOwnFlows(t *testing.T) {
	l := newLab(t, Config{MaxFlows: 100})
	l.handshake(0)
	for i := range 20_000 {
		src := fmt.Sprintf("172.16.%d.%d", i>>8, i&0xff)
		l.see(1*sec+time.Duration(i)*100*time.Microsecond, pkttest.Raw().IPv4(src, server).TCP(1024, 80).SYN().Seq(uint32(i)))
	}
	l.see(4*sec, up().Seq(1001).ACK(5001))
	equal(t, "flows open", l.table.live, 100)
	first := l.open()[0]
	equal(t, "the established flow", first.Verdict, flow.Established)
	equal(t, "its packets", first.Sent.Packets, 3)
}

func TestFloodDoesNotEvictRealFlows(t *testing.T) {
	l := newLab(t, Config{MaxFlows: 200})
	const legit = 50
	conn := func(n int) pkttest.Packet { return pkttest.Raw().IPv4(client, server).TCP(uint16(40000+n), 80) }
	for n := range legit {
		l.see(0, conn(n).SYN().Seq(1))
		l.see(0, pkttest.Raw().IPv4(server, client).TCP(80, uint16(40000+n)).SYN().Seq(1).ACK(2))
		l.see(0, conn(n).Seq(2).ACK(2))
	}
	f := newFeed(l.engine)
	f.at += int64(1 * sec)
	for n := range 200_000 {
		f.packet(n) // one packet each, of another address
		if n%1000 == 0 {
			l.see(1*sec, conn(n/1000%legit).PSH().Seq(2).ACK(2).Payload(10))
		}
	}
	equal(t, "flows open", l.table.live, 200)
	for n, r := range l.open()[:legit] {
		equal(t, "port", r.Src.Port, uint16(40000+n))
		equal(t, "verdict", r.Verdict, flow.Established)
		equal(t, "packets sent", r.Sent.Packets, 6)
	}
	equal(t, "evicted", l.evicted, l.ended)
}

func TestSinglePacketFlowsAreEvictedBeforeFlowsOfTwo(t *testing.T) {
	l := newLab(t, Config{MaxFlows: 2})
	l.see(0, udp(5000, 7000))
	l.see(1*ms, udp(5000, 7000))
	for i := range uint16(3) {
		l.see(1*sec, udp(6000+i, 7000))
	}
	l.counts(2, 2)
	equal(t, "the first that is open", l.open()[0].Src.Port, 5000)
}

func TestFlowSplitByTheActiveTimeoutIsNotEvictedFirst(t *testing.T) {
	l := newLab(t, Config{MaxFlows: 2, Timeouts: Timeouts{Active: time.Minute, UDP: time.Hour}})
	for at := time.Duration(0); at <= 60*sec; at += sec {
		l.see(at, udp(5000, 7000)) // the last one is the first of another record
	}
	for i := range uint16(3) {
		l.see(60*sec, udp(6000+i, 7000)) // single ones
	}
	equal(t, "the first that is open", l.open()[0].Src.Port, 5000)
}

func TestFloodDoesNotEvictRealFlowsThatWereSinglePackets(t *testing.T) {
	const legit = 500
	l := newLab(t, Config{MaxFlows: legit + 10})
	for n := range 2 { // each was a single packet once, and none has been rescheduled since
		for i := range uint16(legit) {
			l.see(time.Duration(n)*ms, udp(20_000+i, 7000))
		}
	}
	for i := range uint16(2000) {
		l.see(1*sec, udp(21_000+i, 7000))
	}
	for i, r := range l.open()[:legit] {
		equal(t, "port", r.Src.Port, 20_000+uint16(i))
	}
}

func TestClosedFlowIsEvictedFirstWithALongLingerTimeout(t *testing.T) {
	l := newLab(t, Config{MaxFlows: 2, Timeouts: Timeouts{Linger: time.Hour}})
	l.handshake(0)
	l.see(19*sec, udp(5000, 7000)) // after the handshake's own timeout
	l.see(19*sec+ms, udp(5000, 7000))
	l.see(20*sec, up().PSH().Seq(1001).ACK(5001))
	l.closeTCP(21 * sec)
	l.see(22*sec, udp(6000, 7000))
	equal(t, "evicted", l.out[0].Verdict, flow.Closed)
}

func TestEvictFirstIsKeptWhenRescheduled(t *testing.T) {
	l := newLab(t, Config{MaxFlows: 2, Timeouts: Timeouts{UDP: 30 * sec, Active: time.Minute}})
	for at := time.Duration(0); at <= 60*sec; at += sec {
		l.see(at, udp(5000, 7000)) // the last one is the first of another record
	}
	for i := range uint16(3) {
		l.see(60*sec+500*ms, udp(6000+i, 7000))
	}
	equal(t, "the first that is open", l.open()[0].Src.Port, 5000)

	l = newLab(t, Config{MaxFlows: 2, Timeouts: Timeouts{UDP: time.Hour}})
	l.see(0, udp(5000, 7000))
	l.see(1*ms, udp(5000, 7000))
	l.see(1*sec, udp(6000, 7000))
	for range 39 { // beyond the horizon of the wheel
		l.passTime(time.Minute)
	}
	l.see(40*time.Minute, udp(6001, 7000))
	equal(t, "evicted", l.out[0].Src.Port, 6000)
}

func TestFlowsBeyondTheHorizonAreNotRescheduledForEachEviction(t *testing.T) {
	const legit = 2000
	l := newLab(t, Config{MaxFlows: legit, Timeouts: Timeouts{UDP: 2 * time.Hour}})
	for n := range 2 {
		for i := range uint16(legit) {
			l.see(time.Duration(n)*ms, udp(20_000+i, 7000))
		}
	}
	for i := range uint16(20) { // each in another tick
		l.see(time.Duration(i+1)*200*ms, udp(10_000+i, 7000))
		l.see(time.Duration(i+1)*200*ms+ms, udp(10_000+i, 7000))
	}
	farthest := l.flows.bucket(1 << 62)
	moved := 0
	for at := l.flows.rings[farthest].next; at < bucketBase; at = l.table.cold(at).next {
		moved++
	}
	if moved > legit/2 {
		t.Errorf("%d of %d flows were rescheduled", moved, legit)
	}
}
