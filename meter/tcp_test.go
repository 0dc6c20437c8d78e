package meter

import (
	"testing"
	"time"

	"weir/decode"
	"weir/flow"
	"weir/internal/pkttest"
)

func TestHandshakeIsTimedOnBothSidesOfTheObservationPoint(t *testing.T) {
	l := newLab(t, Config{})
	l.handshake(0)
	r := l.only()
	equal(t, "server RTT", r.ServerRTT, 20*ms)
	equal(t, "client RTT", r.ClientRTT, 10*ms)
	equal(t, "client's ISN", r.SrcSide.ISN, flow.Seq32{Value: 1000, Seen: true})
	equal(t, "server's ISN", r.DstSide.ISN, flow.Seq32{Value: 5000, Seen: true})
	equal(t, "verdict", r.Verdict, flow.Established)
}

// TestHandshakeWithinOneTick: the timestamps of a fast network may be equal.
func TestHandshakeWithinOneTick(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, syn())
	l.see(0, synAck())
	l.see(0, up().Seq(1001).ACK(5001))
	r := l.only()
	equal(t, "server RTT", r.ServerRTT, 1)
	equal(t, "client RTT", r.ClientRTT, 1)
}

// TestTimesThatGoBackAreNotARoundTrip: nothing is known of it.
func TestTimesThatGoBackAreNotARoundTrip(t *testing.T) {
	l := newLab(t, Config{})
	l.see(1*ms, syn())
	l.see(0, synAck())
	equal(t, "server RTT", l.only().ServerRTT, 0)
}

func TestRetransmittedSYNIsCountedInItsFlow(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, syn())
	l.see(1*sec, syn())
	l.see(3*sec, syn())
	l.see(3*sec+20*ms, synAck())
	r := l.only()
	equal(t, "SYN retries", r.SYNRetries, 2)
	equal(t, "sent packets", r.Sent.Packets, 3)
	equal(t, "server RTT, from the last SYN", r.ServerRTT, 20*ms)
}

func TestMismatchedSYNACKIsNotTimed(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, syn())
	l.see(20*ms, down().SYN().Seq(5000).ACK(77))
	equal(t, "server RTT", l.only().ServerRTT, 0)
}

func TestClosedConnectionLingersForTrailingPackets(t *testing.T) {
	l := newLab(t, Config{})
	l.handshake(0)
	l.closeTCP(1 * sec)
	l.see(4*sec, down().FIN().Seq(5001).ACK(1002)) // retransmitted
	l.counts(0, 1)
	l.passTime(5*sec + 200*ms)
	l.counts(1, 0)
	r := l.out[0]
	equal(t, "end reason", r.EndReason, flow.EndOfFlow)
	equal(t, "End, the last packet", r.End(), epoch.Add(4*sec))
	equal(t, "packets", r.Sent.Packets+r.Recv.Packets, 7)
	equal(t, "verdict", r.Verdict, flow.Closed)
}

// TestRepeatedFINBelongsToTheClosedConnection: its record is exported once more. What comes later than a
// minute, or is new, begins another flow.
func TestRepeatedFINBelongsToTheClosedConnection(t *testing.T) {
	again, closed := down().FIN().Seq(5001).ACK(1002), 1*sec+2*ms
	for name, c := range map[string]struct {
		at     time.Duration
		packet pkttest.Packet
		isLate bool
	}{
		"a FIN":                      {8 * sec, again, true},
		"an ACK, to the millisecond": {closed + 5*sec, down().Seq(5002).ACK(1002), true},
		"data of before":             {8 * sec, down().PSH().Seq(4901).ACK(1002).Payload(100), true},
		"a FIN after a minute":       {closed + time.Minute, again, false},
		"new data":                   {8 * sec, down().PSH().Seq(5002).ACK(1002).Payload(1), false},
		"another SYN":                {8 * sec, up().SYN().Seq(77), false},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, Config{})
			l.handshake(0)
			l.closeTCP(1 * sec)
			l.passTime(closed + 5*sec - ms)
			l.see(c.at, c.packet)
			if !c.isLate {
				l.counts(1, 1)
				return
			}
			l.counts(1, 0)
			l.passTime(2 * time.Minute)
			l.counts(2, 0)
			equal(t, "flows left in the table", l.table.live, 0)
			equal(t, "id", l.out[1].ID, l.out[0].ID)
			equal(t, "packets received", l.out[1].Recv.Packets, l.out[0].Recv.Packets+1)
			equal(t, "last packet", l.out[1].Last, epoch.Add(c.at))
			equal(t, "verdict", l.out[1].Verdict, flow.Closed)
			equal(t, "ended", l.ended, l.created)
		})
	}
}

// TestClosedConnectionOfAFileIsExportedOnce: with the packets that were late, however many there are.
func TestClosedConnectionOfAFileIsExportedOnce(t *testing.T) {
	for _, late := range []int{0, 1, 3} {
		l := newLab(t, Config{})
		l.live = false
		l.handshake(0)
		l.closeTCP(1 * sec)
		for i := range late {
			l.see(time.Duration(8+10*i)*sec, down().FIN().Seq(5001).ACK(1002))
		}
		equal(t, "records while it may go on", len(l.out), 0)
		equal(t, "flows not exported", l.openFlows(), 1)
		l.passTime(3 * time.Minute)
		l.counts(1, 0)
		equal(t, "packets", l.out[0].Sent.Packets+l.out[0].Recv.Packets, uint64(6+late))
		equal(t, "end reason", l.out[0].EndReason, flow.EndOfFlow)
		equal(t, "flows not exported", l.openFlows(), 0)
		equal(t, "ended", l.ended, l.created)
	}
}

func TestRSTEndsAFlow(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, syn())
	l.see(10*ms, down().RST().Seq(0).ACK(1001))
	l.passTime(6 * sec)
	equal(t, "end reason", l.only().EndReason, flow.EndOfFlow)
	equal(t, "verdict", l.only().Verdict, flow.Refused)
}

func TestFlowIsClosingUntilTheLastACK(t *testing.T) {
	for name, fins := range map[string][]pkttest.Packet{
		"one":  {up().FIN().Seq(1001).ACK(5001)},
		"both": {up().FIN().Seq(1001).ACK(5001), down().FIN().Seq(5001).ACK(1001)},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, Config{})
			l.handshake(0)
			for _, p := range fins {
				l.see(1*sec, p)
			}
			l.passTime(59 * sec)
			l.counts(0, 1)
			l.passTime(1*sec + 200*ms)
			equal(t, "end reason", l.only().EndReason, flow.IdleTimeout)
		})
	}
}

func TestSYNWithANewSequenceNumberAfterTheCloseBeginsAFlow(t *testing.T) {
	l := newLab(t, Config{})
	l.handshake(0)
	l.closeTCP(1 * sec)
	l.see(2*sec, up().SYN().Seq(900_000))
	l.counts(1, 1)
	equal(t, "old end reason", l.out[0].EndReason, flow.EndOfFlow)
	equal(t, "old verdict", l.out[0].Verdict, flow.Closed)
	equal(t, "new ISN", l.open()[0].SrcSide.ISN.Value, 900_000)
	equal(t, "new start", l.open()[0].Start, epoch.Add(2*sec))
}

func TestSYNWithTheSameSequenceNumberAfterTheCloseDoesNot(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, syn())
	l.see(10*ms, down().RST().ACK(1001))
	l.see(500*ms, syn()) // Windows tries a refused connection again
	l.see(510*ms, down().RST().ACK(1001))
	r := l.only()
	equal(t, "packets", r.Sent.Packets+r.Recv.Packets, 4)
	equal(t, "SYN retries", r.SYNRetries, 1)
}

func TestSYNWithANewSequenceNumberEndsOnlyAnIdleFlow(t *testing.T) {
	for _, c := range []struct {
		silence time.Duration
		ended   int
	}{{14 * sec, 0}, {16 * sec, 1}} {
		l := newLab(t, Config{})
		l.handshake(0)
		l.see(30*ms+c.silence, up().SYN().Seq(900_000))
		l.counts(c.ended, 1)
	}
}

func TestHalfOpenFlowKeepsTheLastSequenceNumber(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, syn())
	l.see(1*sec, up().SYN().Seq(2000))
	r := l.only()
	equal(t, "ISN", r.SrcSide.ISN.Value, 2000)
	equal(t, "SYN retries, only the same number counts", r.SYNRetries, 0)
}

func TestOvertakenSYNIsNotAReuse(t *testing.T) {
	l := newLab(t, Config{})
	l.see(10*ms, down().RST().ACK(1001)) // arrives first, was sent later
	l.see(0, syn())
	r := l.only()
	equal(t, "start, the earliest packet", r.Start, epoch)
	equal(t, "last", r.Last, epoch.Add(10*ms))
}

func TestFlagsAreTheUnionOfEachDirection(t *testing.T) {
	l := newLab(t, Config{})
	l.handshake(0)
	l.see(1*sec, up().PSH().Seq(1001).ACK(5001).Payload(10))
	r := l.only()
	equal(t, "flags sent", r.SrcSide.Flags, flow.SYN|flow.ACK|flow.PSH)
	equal(t, "flags received", r.DstSide.Flags, flow.SYN|flow.ACK)
}

// The verdicts, as Zeek's conn_state: packets in order, 10 ms apart.
func TestVerdictOfBothStates(t *testing.T) {
	var (
		srcFin = up().FIN().Seq(1001).ACK(5001)
		dstFin = down().FIN().Seq(5001).ACK(1001)
		srcRst = up().RST().Seq(1001)
		dstRst = down().RST().Seq(5001).ACK(1001)
		data   = down().PSH().Seq(5001).ACK(1001).Payload(5)
	)
	for _, c := range []struct {
		name    string
		want    flow.Verdict
		packets []pkttest.Packet
	}{
		{"SYN alone", flow.NoAnswer, []pkttest.Packet{syn()}},
		{"SYN, SYN", flow.NoAnswer, []pkttest.Packet{syn(), syn()}},
		{"SYN, RST from the other side", flow.Refused, []pkttest.Packet{syn(), dstRst}},
		{"SYN, RST from both", flow.Refused, []pkttest.Packet{syn(), dstRst, srcRst}},
		{"handshake", flow.Established, []pkttest.Packet{syn(), synAck(), ack()}},
		{"SYN, SYN-ACK", flow.Established, []pkttest.Packet{syn(), synAck()}},
		{"closed by both", flow.Closed, []pkttest.Packet{syn(), synAck(), ack(), srcFin, dstFin}},
		{"closed by both, then RST", flow.Closed, []pkttest.Packet{syn(), synAck(), ack(), srcFin, dstFin, srcRst}},
		{"FIN, RST, FIN", flow.Closed, []pkttest.Packet{syn(), synAck(), ack(), srcFin, srcRst, dstFin}},
		{"RST by the source", flow.ResetBySource, []pkttest.Packet{syn(), synAck(), ack(), srcRst}},
		{"SYN scan", flow.ResetBySource, []pkttest.Packet{syn(), synAck(), srcRst}},
		{"RST by the destination", flow.ResetByDest, []pkttest.Packet{syn(), synAck(), ack(), dstRst}},
		{"RST by both without data", flow.ResetByDest, []pkttest.Packet{syn(), synAck(), ack(), srcRst, dstRst}},
		{"FIN of the source", flow.HalfClosedBySource, []pkttest.Packet{syn(), synAck(), ack(), srcFin}},
		{"FIN of the destination", flow.HalfClosedByDest, []pkttest.Packet{syn(), synAck(), ack(), dstFin}},
		{"SYN, RST from the same side", flow.Aborted, []pkttest.Packet{syn(), srcRst}},
		{"SYN-ACK, RST, no SYN", flow.ResetByDest, []pkttest.Packet{synAck(), ack(), dstRst}},
		{"RST of a service, out of nothing", flow.ResetByDest, []pkttest.Packet{dstRst}},
		{"data, RST of the source", flow.MidStream, []pkttest.Packet{data, srcRst}},
		{"data, RST of the destination", flow.ResetByDest, []pkttest.Packet{data, up().Seq(1001).ACK(5006), down().RST().Seq(5006)}},
		{"data, FIN of the source", flow.HalfClosedBySource, []pkttest.Packet{data, srcFin}},
		{"data, FIN of the destination", flow.HalfClosedByDest, []pkttest.Packet{data, dstFin}},
		{"FIN alone", flow.HalfClosedBySource, []pkttest.Packet{srcFin}},
		{"FIN of the destination alone", flow.HalfClosedByDest, []pkttest.Packet{dstFin}},
		{"SYN, challenge ACK", flow.MidStream, []pkttest.Packet{syn(), down().Seq(7).ACK(9)}},
		{"SYN-ACK, RST of the destination", flow.SynAckThenReset, []pkttest.Packet{synAck(), dstRst}},
		{"SYN, FIN", flow.SynThenFin, []pkttest.Packet{syn(), srcFin}},
		{"SYN-ACK, FIN, no SYN", flow.SynAckOnly, []pkttest.Packet{synAck(), dstFin}},
		{"SYN-ACK alone", flow.MidStream, []pkttest.Packet{synAck()}},
		{"data alone", flow.MidStream, []pkttest.Packet{data}},
		{"SYN and ACK of one direction", flow.MidStream, []pkttest.Packet{syn(), ack()}},
		{"SYN-ACK before SYN", flow.Established, []pkttest.Packet{synAck(), syn(), ack()}},
		{"both opened at once", flow.Established, []pkttest.Packet{syn(), down().SYN().Seq(5000), synAck()}},
		{"challenge ACK, RST", flow.Aborted, []pkttest.Packet{syn(), down().Seq(7).ACK(9), srcRst}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t, Config{})
			for i, p := range c.packets {
				l.see(time.Duration(i)*10*ms, p)
			}
			equal(t, "verdict", l.only().Verdict, c.want)
		})
	}
}

func TestTCPFragmentWithoutHeaderChangesNoState(t *testing.T) {
	l := newLab(t, Config{})
	for _, p := range up().SYN().Seq(1).Payload(100).Fragments(48)[1:] {
		l.see(0, p)
	}
	l.passTime(sec)
	equal(t, "flags", l.only().SrcSide.Flags, flow.Flags(0))
}

// TestRoutineSegmentChangesOnlyCounters tries all sequences of five segments with these flags and
// two sequence numbers, from either side. For each segment that isRoutine accepts, it checks what
// the slow path would have changed.
func TestRoutineSegmentChangesOnlyCounters(t *testing.T) {
	var segments []decode.Packet
	for _, flags := range []flow.Flags{flow.SYN, flow.SYN | flow.ACK, flow.ACK, flow.FIN | flow.ACK, flow.RST, flow.PSH, 0} {
		for _, fromB := range []bool{false, true} {
			for _, seq := range []uint32{0, 5} {
				segments = append(segments, decode.Packet{HasTCP: true, Flags: flags, FromB: fromB, Seq: seq, Ack: seq + 1})
			}
		}
	}
	routine := 0
	var follow func(e entry, c coldEntry, n int)
	follow = func(e entry, c coldEntry, n int) {
		for i := range segments {
			p, e, c, at := &segments[i], e, c, int64(1e9+n*1e6)
			if n == 0 {
				e.begin(p, at)
			}
			isRoutine := e.isRoutine(p.Flags, sender(p))
			e.add(&c, p, sender(p), at, at)
			if !isRoutine {
				e.segment(&c, p, sender(p), at)
			} else {
				routine++
				after, rest := e, c
				if after.segment(&rest, p, sender(p), at); after != e || rest != c {
					t.Fatalf("a segment with %v from side %d changes %+v to %+v", p.Flags, sender(p), e, after)
				}
			}
			if n < 4 {
				follow(e, c, n+1)
			}
		}
	}
	follow(entry{key: flow.Key{Proto: flow.TCP, PortA: 50000, PortB: 80}}, coldEntry{}, 0)
	if routine < 10_000 {
		t.Errorf("only %d segments were routine", routine)
	}
}

// TestSentFinMarksAClosedSide tries all sequences of five segments. A RST takes precedence over a
// FIN in the same segment.
func TestSentFinMarksAClosedSide(t *testing.T) {
	letters := []flow.Flags{flow.SYN, flow.SYN | flow.ACK, flow.ACK, flow.FIN | flow.ACK, flow.RST, flow.FIN | flow.RST, flow.PSH}
	var follow func(e entry, was [2]bool, n int)
	follow = func(e entry, was [2]bool, n int) {
		for i := range 2 * len(letters) {
			p, e, was := decode.Packet{HasTCP: true, Flags: letters[i/2], FromB: i%2 == 1}, e, was
			if n == 0 {
				e.begin(&p, 1)
			}
			before := e.tcp[i%2].state()
			e.add(new(coldEntry), &p, i%2, 1, 1)
			e.segment(new(coldEntry), &p, i%2, 1)
			if before == synSent && p.Flags.Has(flow.RST) && e.tcp[i%2].state() != reset {
				t.Fatalf("%v after a SYN leads to state %v", p.Flags, e.tcp[i%2].state())
			}
			for side, s := range e.tcp {
				if was[side] = was[side] || s.state() == closed; was[side] != s.has(sentFin) {
					t.Fatalf("%v from side %d: side %d was closed %v, marked %v", p.Flags, i%2, side, was[side], s.has(sentFin))
				}
			}
			if n < 4 {
				follow(e, was, n+1)
			}
		}
	}
	follow(entry{key: flow.Key{Proto: flow.TCP, PortA: 50000, PortB: 80}}, [2]bool{}, 0)
}

func TestSourceDecidedLateCompletesTheHandshake(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0*ms, up().SYN().Seq(1000).ACK(1)) // the other side is never seen: its number is 0
	l.see(10*ms, up().Seq(1001).ACK(1))
	l.see(20*ms, up().SYN().Seq(1000)) // now this side is the source
	l.see(30*ms, up().Seq(1001).ACK(1))
	equal(t, "client RTT", l.only().ClientRTT, 30*ms)
}
