package meter

import (
	"testing"
	"time"

	"weir/flow"
	"weir/internal/pkttest"
)

func udp(srcPort, dstPort uint16) pkttest.Packet {
	return pkttest.Raw().IPv4(client, server).UDP(srcPort, dstPort)
}

func TestFlowsExpireAfterTheIdleTimeoutOfTheirState(t *testing.T) {
	for _, c := range []struct {
		name    string
		packets []pkttest.Packet
		timeout time.Duration
	}{
		{"half open", []pkttest.Packet{syn()}, 15 * sec},
		{"half open, answered", []pkttest.Packet{syn(), synAck()}, 15 * sec},
		{"established", []pkttest.Packet{syn(), synAck(), ack()}, 900 * sec},
		{"mid-stream", []pkttest.Packet{ack()}, 900 * sec},
		{"closing", []pkttest.Packet{syn(), synAck(), ack(), up().FIN().Seq(1001).ACK(5001)}, 60 * sec},
		{"closing by both", []pkttest.Packet{syn(), synAck(), ack(), srcFIN, dstFIN}, 60 * sec},
		{"UDP", []pkttest.Packet{udp(5000, 5001)}, 60 * sec},
		{"UDP-Lite", []pkttest.Packet{pkttest.Raw().IPv4(client, server).UDPLite(1, 2)}, 60 * sec},
		{"ICMP", []pkttest.Packet{pkttest.Raw().IPv4(client, server).Ping(1, 1)}, 5 * sec},
		{"ICMPv6", []pkttest.Packet{pkttest.Raw().IPv6("fd00::1", "fd00::2").Ping(1, 1)}, 5 * sec},
		{"other", []pkttest.Packet{pkttest.Raw().IPv4(client, server).Proto(flow.ESP).Payload(9)}, 60 * sec},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t, Config{})
			for _, p := range c.packets {
				l.see(0, p)
			}
			l.passTime(c.timeout - 1)
			l.counts(0, 1)
			l.passTime(200 * ms) // the wheel may be one tick late
			l.counts(1, 0)
			equal(t, "end reason", l.out[0].EndReason, flow.IdleTimeout)
			equal(t, "end", l.out[0].End(), epoch)
		})
		t.Run(c.name+", to the nanosecond for the next packet", func(t *testing.T) {
			for before := range 2 {
				l := newLab(t, Config{})
				for _, p := range c.packets {
					l.see(0, p)
				}
				l.see(c.timeout-time.Duration(before), c.packets[len(c.packets)-1])
				l.counts(1-before, 1)
			}
		})
	}
}

// Linux retransmits a SYN after 1, 3, 7, 15, 31 and 63 s (tcp_syn_retries 6), macOS five times a
// second apart and then at growing intervals. A host does the same with a SYN-ACK
// (tcp_synack_retries 5).
func TestRetransmittedSYNsStayOneFlow(t *testing.T) {
	linux := []time.Duration{0, 1, 3, 7, 15, 31, 63}
	for _, c := range []struct {
		name    string
		at      []time.Duration
		again   pkttest.Packet
		verdict flow.Verdict
		retries uint16
	}{
		{"Linux", linux, syn(), flow.NoAnswer, 6},
		{"macOS", []time.Duration{0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67}, syn(), flow.NoAnswer, 10},
		{"the client is gone", linux[:6], synAck(), flow.Established, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t, Config{})
			l.see(0, syn())
			for _, s := range c.at[1:] {
				l.see(s*sec, c.again)
			}
			l.counts(0, 1)
			l.passTime(15*sec + c.at[len(c.at)-1]*sec - ms)
			l.counts(0, 1)
			l.passTime(200 * ms)
			l.counts(1, 0)
			equal(t, "end reason", l.out[0].EndReason, flow.IdleTimeout)
			equal(t, "verdict", l.out[0].Verdict, c.verdict)
			equal(t, "SYNs sent again", l.out[0].SYNRetries, c.retries)
		})
		t.Run(c.name+", at a time that is not confirmed", func(t *testing.T) {
			l := newLab(t, Config{})
			l.see(0, udp(5000, 5001))
			l.see(24*time.Hour, syn())
			for _, s := range c.at[1:] {
				l.see(24*time.Hour+s*sec, c.again)
			}
			l.counts(0, 2)
		})
	}
}

func TestFINShortensTheTimeoutOfAnAttempt(t *testing.T) {
	l := newLab(t, Config{})
	for s := time.Duration(0); s <= 400; s += 10 {
		l.see(s*sec, syn())
	}
	l.passTime(30 * sec) // rescheduled for its deadline now
	l.see(430*sec, srcFIN)
	l.passTime(60*sec - ms)
	l.counts(0, 1)
	l.passTime(200 * ms)
	l.counts(1, 0)
}

func TestAttemptTimeoutIsBoundedByTheEstablishedTimeout(t *testing.T) {
	l := newLab(t, Config{})
	for s := time.Duration(0); s <= 1_000; s += 10 {
		l.see(s*sec, syn())
	}
	l.passTime(900*sec - ms)
	l.counts(0, 1)
	l.passTime(200 * ms)
	l.counts(1, 0)

	l = newLab(t, Config{Timeouts: Timeouts{HalfOpen: 20 * sec, Established: 10 * sec}})
	l.see(0, syn())
	l.passTime(20*sec - 1)
	l.counts(0, 1)
}

func TestLingerTimeoutStartsAtTheLastPacket(t *testing.T) {
	for name, packets := range map[string][]pkttest.Packet{
		"closed":                 {syn(), synAck(), ack(), srcFIN, dstFIN, lastACK},
		"refused":                {syn(), dstRST},
		"reset":                  {syn(), synAck(), ack(), srcRST},
		"a reset and no more":    {dstRST},
		"reset, mid-stream":      {reply, data, down().RST().Seq(5101)},
		"closed without its SYN": {reply, srcFIN, dstFIN, lastACK},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, Config{})
			for _, p := range packets {
				l.see(0, p)
			}
			trailing := packets[len(packets)-1]
			l.see(5*sec-1, trailing)
			l.see(9*sec, trailing)
			l.counts(0, 1)
			l.passTime(5*sec - ms)
			l.counts(0, 1)
			l.passTime(200 * ms)
			l.counts(1, 0)
			equal(t, "end reason", l.out[0].EndReason, flow.EndOfFlow)
			equal(t, "end", l.out[0].End(), epoch.Add(9*sec))
		})
	}
}

func TestActiveTimeoutStartsWithTheRecord(t *testing.T) {
	for before := range time.Duration(2) {
		l := newLab(t, Config{Timeouts: Timeouts{Active: 60 * sec}})
		for _, at := range []time.Duration{0, 30 * sec, 60*sec - before} {
			l.see(at, udp(5000, 5001))
		}
		l.counts(1-int(before), 1)
	}
}

// Packets from several queues are out of order, and a clock may be set: in any order, a flow
// ends no earlier than it starts.
func TestPacketsInAnyOrderGiveTheSameFlow(t *testing.T) {
	times := []time.Duration{0, 1 * ms, 20 * ms, 3 * sec}
	for _, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}, {2, 0, 3, 1}} {
		l := newLab(t, Config{})
		for _, i := range order {
			l.see(times[i], udp(5000, 53))
		}
		r := l.only()
		equal(t, "start", r.Start, epoch)
		equal(t, "last", r.Last, epoch.Add(3*sec))
		equal(t, "packets", r.Sent.Packets, 4)
	}
}

func TestTimeoutsCanBeConfiguredBeyondTheWheel(t *testing.T) {
	l := newLab(t, Config{Timeouts: Timeouts{UDP: 3 * time.Hour}})
	l.see(0, udp(5000, 5001))
	for range 10 {
		l.passTime(17 * time.Minute)
	}
	l.counts(0, 1)
	l.passTime(11 * time.Minute)
	l.counts(1, 0)
}

func TestActiveTimeoutSplitsAFlow(t *testing.T) {
	l := newLab(t, Config{Timeouts: Timeouts{Active: 60 * sec}})
	l.handshake(0)
	for i := range 3 {
		l.see(time.Duration(i+1)*30*sec, up().PSH().Seq(1001).ACK(5001).Payload(100))
	}
	l.counts(1, 1)
	first, second := l.out[0], l.open()[0]
	equal(t, "end reason", first.EndReason, flow.ActiveTimeout)
	equal(t, "packets of the first", first.Sent.Packets, 3)
	equal(t, "packets of the second", second.Sent.Packets, 2)
	equal(t, "start of the second", second.Start, epoch.Add(60*sec))
	equal(t, "verdict of the second", second.Verdict, flow.Established)
	equal(t, "flags of the second", second.SrcSide.Flags, flow.PSH|flow.ACK)
	equal(t, "ISN of the second", second.SrcSide.ISN.Value, 1000)
	if first.ID >= second.ID {
		t.Errorf("IDs %d and %d do not ascend", first.ID, second.ID)
	}
}

func TestLongFlowIsOneRecordWithoutAnActiveTimeout(t *testing.T) {
	l := newLab(t, Config{})
	for i := range 500 {
		l.see(time.Duration(i)*50*sec, udp(5000, 5001))
	}
	equal(t, "packets", l.only().Sent.Packets, 500)
}

func TestClockStepBackNeitherEndsNorCorruptsFlows(t *testing.T) {
	l := newLab(t, Config{})
	l.handshake(2 * time.Hour)
	for i := range 300 { // the clock was set back by an hour
		l.see(time.Hour+time.Duration(i)*100*ms, up().PSH().Seq(1001).ACK(5001).Payload(1))
	}
	r := l.only()
	equal(t, "start, the earliest", r.Start, epoch.Add(time.Hour))
	equal(t, "last, the latest", r.Last, epoch.Add(2*time.Hour+30*ms))
	equal(t, "packets", r.Sent.Packets, 302)
}

func TestClockContinuesAfterAStepBack(t *testing.T) {
	l := newLab(t, Config{})
	l.see(2*time.Hour, udp(5000, 5001))
	for i := range 2000 { // another file, from earlier on
		l.see(time.Duration(i)*100*ms, udp(6000, 6001))
	}
	l.counts(1, 1)
	equal(t, "ended", l.out[0].Src.Port, 5000)
	equal(t, "its end", l.out[0].End(), epoch.Add(2*time.Hour))
}

func TestInterleavedClocksDoNotAdvanceTime(t *testing.T) {
	l := newLab(t, Config{})
	for i := range 1000 { // two files merged unsorted, an hour apart, each a second long
		l.see(time.Duration(i)*ms, udp(5000, 5001))
		l.see(time.Hour+time.Duration(i)*ms, udp(6000, 6001))
	}
	// The first step from one to the other is an hour like any other hour.
	l.counts(1, 2)
}

func TestEndOfSourceEndsClosedFlowsWithEndOfFlow(t *testing.T) {
	l := newLab(t, Config{})
	l.handshake(0)
	l.closeTCP(0)
	l.see(0, udp(5000, 5001))
	for _, slot := range l.remainingFlows() {
		l.end(slot, l.table.at(slot), flow.ForcedEnd)
	}
	equal(t, "TCP", l.out[0].EndReason, flow.EndOfFlow)
	equal(t, "UDP", l.out[1].EndReason, flow.ForcedEnd)
}

func TestManyDueFlowsExpireWithTheNextPackets(t *testing.T) {
	const flows = 10 * expireBatch
	l := newLab(t, Config{})
	f := newFeed(l.engine)
	f.at = epoch.UnixNano()
	for n := range flows {
		f.packet(n)
	}
	l.observe(f.batch)
	for range 12 { // a time at which all are due, and no tick between
		l.see(1*time.Hour, udp(5000, 7000))
	}
	l.counts(flows, 1)
}

func TestFlowExpiresWhileOthersAreActive(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, udp(5000, 7000))
	for at := time.Duration(0); at < 60*sec+2*time.Duration(tickNS); at += 10 * ms {
		l.see(at, udp(6000, 7000))
	}
	l.counts(1, 1)
}
