package meter

import (
	"weir/decode"
	"weir/flow"
)

// seqBefore reports whether sequence number a is before b, modulo 2^32 (RFC 9293 section 3.4).
func seqBefore(a, b uint32) bool { return int32(a-b) < 0 }

// seqLen returns how many sequence numbers p takes.
func seqLen(p *decode.Packet) uint32 {
	n := p.Payload
	if p.Flags.Has(flow.SYN) {
		n++
	}
	if p.Flags.Has(flow.FIN) {
		n++
	}
	return n
}

// farthest is the largest receive window (RFC 7323 section 2.3): what is farther ahead is invalid.
const farthest = 1 << 30

// resetKind is what a RST does to the connection of its receiver.
type resetKind uint8

const (
	resetAccepted   resetKind = iota // it ends the connection
	resetChallenged                  // inside the window, but not at its edge: what follows decides
	resetIgnored                     // outside the window
)

// judgeReset says whether the receiver of RST p accepts its sequence number (RFC 9293 section
// 3.10.7.4, RFC 5961 section 3). RCV.NXT of the receiver is between its latest acknowledgment
// and the end of what was sent to it. Without either there is nothing to compare with.
func (e *entry) judgeReset(c *coldEntry, p *decode.Packet, from int) resetKind {
	to := 1 - from
	if e.tcp[to].state() == synSent && !e.tcp[from].has(hasNext) {
		if !p.Flags.Has(flow.ACK) || p.Ack-c.isn[to]-1 < e.side[to].next-c.isn[to] {
			return resetAccepted
		}
		return resetIgnored // of another connection: SYN-SENT compares the acknowledgment
	}
	low, high := e.side[to].acked, e.side[from].next
	switch acked, sent := e.tcp[to].has(hasAck), e.tcp[from].has(hasNext); {
	case !acked && !sent:
		return resetAccepted
	case !acked: // an answer has the sequence number that its cause acknowledged, which was not seen
		if p.Seq == high {
			return resetAccepted
		}
		if p.Seq-high+farthest < 2*farthest {
			return resetChallenged
		}
		return resetIgnored
	case !sent || seqBefore(high, low):
		high = low
	}
	switch {
	case p.Seq-low <= high-low:
		return resetAccepted
	case p.Seq-low < farthest:
		return resetChallenged
	}
	return resetIgnored
}

// track updates the state of the TCP connection e, the flow in slot, with its segment p of packet
// time t. c is the rest of e. A RST that its receiver ignores only counts.
func (g *engine) track(slot uint32, e *entry, c *coldEntry, p *decode.Packet, from int, t int64) {
	s := &e.side[from]
	inOrder := p.Seq == s.next && e.tcp[from].has(hasNext)
	switch {
	case inOrder && e.isRoutine(p.Flags, from):
		s.next += p.Payload
	case p.Flags.Has(flow.RST):
		if !g.reset(slot, e, c, p, from) {
			return
		}
		e.segment(c, p, from, t)
	default:
		inOrder = g.sequence(slot, e, c, p, from)
		if !e.isRoutine(p.Flags, from) {
			e.segment(c, p, from, t)
		}
		g.reconsiderReset(slot, e, from)
	}
	if p.Payload > 0 && inOrder {
		e.startProbe(c, from, t)
	}
	if p.Flags.Has(flow.ACK) {
		e.acknowledge(c, p, from, t)
	}
	if p.ZeroWindow {
		g.extra(slot, e).health[from].zeroWindows++
	}
}

// acknowledge notes the acknowledgment number of p, and ends the round trip of what it covers.
func (e *entry) acknowledge(c *coldEntry, p *decode.Packet, from int, t int64) {
	if s := &e.side[from]; !e.tcp[from].has(hasAck) || seqBefore(s.acked, p.Ack) {
		e.tcp[from] |= hasAck
		s.acked = p.Ack
	}
	if e.side[1-from].probing {
		e.endProbe(c, 1-from, p.Ack, t)
	}
}

// sequence compares the sequence numbers of p with those seen before, and reports whether p
// continues them.
func (g *engine) sequence(slot uint32, e *entry, c *coldEntry, p *decode.Packet, from int) (inOrder bool) {
	me, s, n := e.tcp[from], &e.side[from], seqLen(p)
	end := p.Seq + n
	isNew := p.Flags.Has(flow.SYN) && (!me.has(sentSyn) || c.isn[from] != p.Seq)
	switch {
	case isNew && me.has(sentSyn) && e.bits.has(handshakeDone):
		return false // of another connection, if it gets an answer
	case isNew && !me.has(hasAck), !me.has(hasNext):
		s.next = end
		e.tcp[from] |= hasNext
		return true
	}
	switch ahead := p.Seq - s.next; {
	case ahead == 0:
		s.next = end
		return true
	case ahead < farthest:
		g.addHole(g.extra(slot, e), from, hole{s.next, p.Seq}, e.side[1-from].acked)
		s.next = end
	case -ahead < farthest:
		if isKeepAlive := ahead == ^uint32(0) && p.Payload <= 1 && n == p.Payload; n > 0 && !isKeepAlive {
			g.seenAgain(slot, e, p, from, n)
		}
	}
	return false
}

// seenAgain counts a segment of n sequence numbers that begins before the last one seen: it fills a
// hole, or repeats what was seen.
func (g *engine) seenAgain(slot uint32, e *entry, p *decode.Packet, from int, n uint32) {
	x, s := g.extra(slot, e), &e.side[from]
	h := &x.health[from]
	old := min(n, s.next-p.Seq)
	if x.fill(from, hole{p.Seq, p.Seq + old}) {
		h.outOfOrder++
	} else {
		h.retransmitted.Packets++
		h.retransmitted.Octets += uint64(min(old, p.Payload))
		s.probing = false // an acknowledgment may be of either segment
	}
	if old < n {
		s.next = p.Seq + n
	}
}

// reset judges RST p and reports whether it changes the state of the connection. If what follows
// decides, the state before is kept for reconsiderReset.
func (g *engine) reset(slot uint32, e *entry, c *coldEntry, p *decode.Packet, from int) bool {
	switch e.judgeReset(c, p, from) {
	case resetIgnored:
		return false
	case resetChallenged:
		if e.tcp[from].state() != reset {
			g.extra(slot, e).challenge = &challenge{seq: p.Seq, next: e.side[from].next, from: from, before: e.progress}
		}
	}
	return true
}

// challenge is a RST inside the window of its receiver, but not at its edge (RFC 5961 section 3).
type challenge struct {
	seq    uint32 // of the RST
	next   uint32 // what its sender had sent up to
	from   int
	before progress
}

// reconsiderReset takes a challenged RST back when its sender goes on. If it goes on up to the RST,
// segments were only out of order.
func (g *engine) reconsiderReset(slot uint32, e *entry, from int) {
	x := g.extraOf(slot, e)
	if x == nil || x.challenge == nil || x.challenge.from != from || e.side[from].next == x.challenge.next {
		return
	}
	c := x.challenge
	x.challenge = nil
	if e.side[from].next == c.seq {
		return
	}
	marks := e.tcp[from] &^ stateMask
	e.tcp[from] = c.before.tcp[from]&stateMask | marks
	e.bits.set(tcpFinished, c.before.bits.has(tcpFinished))
}
