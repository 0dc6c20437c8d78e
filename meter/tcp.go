package meter

import (
	"weir/decode"
	"weir/flow"
)

// tcpState is the state of one side of a TCP connection. States and transitions follow Zeek
// (TCPSessionAdapter.cc), so that the verdict can be Zeek's conn_state. The upper bits are flags
// for past events.
type tcpState uint8

const (
	inactive    tcpState = iota // sent nothing
	synSent                     // sent a SYN
	established                 // its SYN was answered, or it answered one
	partial                     // sent something, but its SYN was not captured
	closed                      // sent a FIN
	reset                       // sent a RST

	stateMask tcpState = 7

	sentSyn tcpState = 1 << 3 // SYN seen, the initial sequence number is known
	sentAck tcpState = 1 << 4 // sent an ACK without SYN, FIN or RST
	sentFin tcpState = 1 << 5 // has been in state closed
	hasNext tcpState = 1 << 6 // side.next is valid
	hasAck  tcpState = 1 << 7 // side.acked is valid
)

func (s tcpState) state() tcpState        { return s & stateMask }
func (s tcpState) has(mark tcpState) bool { return s&mark != 0 }
func (s *tcpState) become(state tcpState) { *s = *s&^stateMask | state }

// isSilent reports whether the side sent no handshake (Zeek's TCP_INACTIVE and TCP_PARTIAL).
func (s tcpState) isSilent() bool { return s.state() == inactive || s.state() == partial }

func (e *entry) bothFIN() bool { return (e.tcp[0] & e.tcp[1]).has(sentFin) }

func isSyn(f flow.Flags) bool     { return f&(flow.SYN|flow.ACK|flow.RST) == flow.SYN }
func isSynAck(f flow.Flags) bool  { return f&(flow.SYN|flow.ACK|flow.RST) == flow.SYN|flow.ACK }
func isControl(f flow.Flags) bool { return f&(flow.SYN|flow.FIN|flow.RST) != 0 }

// isRoutine reports whether a segment with flags f from that side only changes counters: it has
// no SYN, FIN or RST, is not the first ACK and doesn't end a handshake.
func (e *entry) isRoutine(f flow.Flags, from int) bool {
	switch e.tcp[from] &^ (sentSyn | hasNext | hasAck) {
	case established | sentAck, partial | sentAck:
		return !isControl(f) && !e.bits.has(timingSynAck)
	}
	return false
}

// segment updates e and c, the rest of it, with the TCP header of p, sent by side from at packet time t. The source has
// been decided.
func (e *entry) segment(c *coldEntry, p *decode.Packet, from int, t int64) {
	if p.Flags.Has(flow.SYN) {
		e.addSYN(c, p, from)
	}
	e.timeHandshake(c, p, from, t)
	e.finish(p, from)
	e.step(p.Flags, from)
	if !isControl(p.Flags) && p.Flags.Has(flow.ACK) {
		e.bits |= handshakeDone
		if e.tcp[from].state() != reset {
			e.tcp[from] |= sentAck
		}
	}
}

// addSYN stores the initial sequence number. Until the handshake is complete the last one
// counts: it is the one that the peer will accept.
func (e *entry) addSYN(c *coldEntry, p *decode.Packet, from int) {
	known := e.tcp[from].has(sentSyn)
	switch {
	case known && p.Seq == c.isn[from]:
		if isSyn(p.Flags) && from == e.src() {
			e.countRetry()
		}
	case !known || !e.bits.has(handshakeDone):
		c.isn[from] = p.Seq
		e.tcp[from] |= sentSyn
	}
	if peer := 1 - from; isSynAck(p.Flags) && !e.tcp[peer].has(sentSyn) {
		c.isn[peer] = p.Ack - 1 // its SYN was not seen yet
	}
}

// answers reports whether segment p acknowledges the SYN of the peer of side from, and perhaps data in
// it (RFC 7413).
func (e *entry) answers(c *coldEntry, p *decode.Packet, from int) bool {
	peer := 1 - from
	acked, sent := p.Ack-c.isn[peer], uint32(1)
	if e.tcp[peer].has(hasNext) {
		sent = e.side[peer].next - c.isn[peer]
	}
	return p.Flags.Has(flow.ACK) && acked-1 < sent
}

// timeHandshake measures SYN → SYN-ACK and SYN-ACK → ACK. Of retransmitted segments the last
// counts, since a retransmission timeout is not part of a round trip. Segments whose
// acknowledgment number doesn't match are ignored.
func (e *entry) timeHandshake(c *coldEntry, p *decode.Packet, from int, t int64) {
	fits := e.answers(c, p, from)
	if from == e.src() {
		switch {
		case isSyn(p.Flags) && e.timing() == 0:
			c.handshake[0] = compactDurationOf(t - e.start)
			e.bits |= timingSyn
		case isSyn(p.Flags) && e.bits.has(timingSyn):
			c.handshake[0] = compactDurationOf(t - e.start)
		case !isSyn(p.Flags) && e.bits.has(timingSynAck):
			e.bits &^= timingSynAck // this was the ACK, or the ACK was not captured
			if fits && (!isControl(p.Flags) || isSynAck(p.Flags)) {
				c.handshake[1] = roundTripOf(t - e.start - c.handshake[1].ns())
				e.bits |= hasClientRTT
			}
		}
		return
	}
	opens := isSynAck(p.Flags) || isSyn(p.Flags) && e.timing() == timingSyn // simultaneous open: RFC 9293, figure 7
	if !opens || e.bits.has(handshakeDone|hasClientRTT) {
		return
	}
	if e.bits.has(timingSyn) && fits {
		c.handshake[0] = roundTripOf(t - e.start - c.handshake[0].ns())
		e.bits = e.bits&^timingSyn | hasServerRTT
	}
	c.handshake[1] = compactDurationOf(t - e.start)
	e.bits |= timingSynAck
}

// roundTripOf returns a measured round trip. It is at least 1 ns, as 0 means that none was measured,
// unless the answer has an earlier timestamp than its cause.
func roundTripOf(ns int64) compactDuration {
	if ns == 0 {
		return 1
	}
	return compactDurationOf(ns)
}

func (e *entry) timing() entryBits {
	return e.bits & (timingSyn | timingSynAck | hasServerRTT | hasClientRTT)
}

// finish tracks FINs and detects the close, after which only trailing packets can follow: a RST,
// or after FINs of both sides an ACK from the side that sent its FIN first.
func (e *entry) finish(p *decode.Packet, from int) {
	switch {
	case p.Flags.Has(flow.RST):
		e.bits |= tcpFinished
	case e.bothFIN() && p.Flags.Has(flow.ACK) && (from == 1) != e.bits.has(lastFinB):
		e.bits |= tcpFinished
	case p.Flags.Has(flow.FIN):
		e.bits.set(lastFinB, from == 1)
	}
}

// step updates the state of side from for a segment with flags f.
func (e *entry) step(f flow.Flags, from int) {
	me, peer := &e.tcp[from], &e.tcp[1-from]
	switch me.state() {
	case inactive:
		e.firstStep(f, from)
	case synSent:
		switch {
		case f.Has(flow.RST):
			me.become(reset)
		case f.Has(flow.FIN):
			me.become(closed | sentFin)
		}
	case established, partial:
		if f&(flow.SYN|flow.ACK) == flow.SYN && me.state() == partial && peer.state() == inactive {
			me.become(synSent)
			*me &^= sentAck // of the previous connection
		}
		if f&(flow.FIN|flow.RST) == flow.FIN {
			me.become(closed | sentFin)
			if peer.state() == reset && peer.has(sentFin) {
				peer.become(closed) // FIN, RST, FIN: closed by both after all
			}
		}
		if f.Has(flow.RST) {
			me.become(reset)
		}
	case closed:
		if f.Has(flow.RST) && peer.state() != closed {
			me.become(reset)
		}
	case reset:
		if isSynAck(f) && peer.state() == synSent { // a later try of the peer is accepted
			me.become(established)
			peer.become(established)
			e.bits &^= tcpFinished
		}
		if isSyn(f) && !peer.has(sentSyn) { // its RST was about an older connection (RFC 5961 section 4)
			me.become(synSent)
			e.bits &^= tcpFinished
		}
	}
}

// firstStep is step for the first segment of a side.
func (e *entry) firstStep(f flow.Flags, from int) {
	me, peer := &e.tcp[from], &e.tcp[1-from]
	if f.Has(flow.SYN) {
		switch {
		case peer.state() == synSent: // answered, or simultaneous open
			peer.become(established)
			me.become(established)
		case f.Has(flow.ACK) || peer.state() == established: // the SYN was not captured, or is late
			me.become(established)
		case from != e.src(): // the destination opens too, whatever the state of the source
			me.become(established)
		default:
			me.become(synSent)
		}
	}
	switch {
	case f.Has(flow.RST):
		me.become(reset)
	case f.Has(flow.FIN):
		me.become(closed | sentFin)
	case f.Has(flow.SYN):
	case peer.state() == synSent && !f.Has(flow.PSH):
		// An ACK in reply to a SYN: a challenge ACK (RFC 5961 section 4), or the
		// SYN-ACK was not captured. It alone doesn't establish a connection.
	case f.Has(flow.ACK) && peer.state() == established:
		me.become(established)
	default:
		me.become(partial)
	}
}
