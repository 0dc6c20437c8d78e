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
func (e *entry) judgeReset(st *stream, p *decode.Packet, from int) resetKind {
	to := 1 - from
	if e.tcp[to].state() == synSent && !e.tcp[from].has(hasNext) {
		if !p.Flags.Has(flow.ACK) || p.Ack-e.side[to].isn-1 < st.next[to]-e.side[to].isn {
			return resetAccepted
		}
		return resetIgnored // of another connection: SYN-SENT compares the acknowledgment
	}
	low, high := st.acked[to], st.next[from]
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

// hole is a range of sequence numbers that were not seen, although later ones were.
type hole struct{ from, to uint32 }

// maxHoles is the number of holes remembered for a side: losses of more segments in one window are
// rare. What fills a forgotten hole counts as retransmitted.
const maxHoles = 32

// track updates the state of the TCP connection e, the flow in slot, with its segment p of packet
// time t. A RST that its receiver ignores only counts.
func (g *engine) track(slot uint32, e *entry, p *decode.Packet, from int, t int64) {
	st := g.table.stream(slot)
	inOrder := p.Seq == st.next[from] && e.tcp[from].has(hasNext)
	switch {
	case inOrder && e.isRoutine(p.Flags, from):
		st.next[from] += p.Payload
	case p.Flags.Has(flow.RST):
		if !g.reset(slot, e, st, p, from) {
			return
		}
		e.segment(st, p, from, t)
	default:
		inOrder = g.sequence(slot, e, st, p, from)
		if !e.isRoutine(p.Flags, from) {
			e.segment(st, p, from, t)
		}
		if len(g.extras) > 0 {
			g.reconsiderReset(slot, e, st, from)
		}
	}
	if p.Payload > 0 && inOrder {
		st.startProbe(from, st.next[from], t)
	}
	if p.Flags.Has(flow.ACK) {
		e.acknowledge(st, p, from, t)
	}
	if p.ZeroWindow {
		g.extra(slot).health[from].zeroWindows++
	}
}

// acknowledge notes the acknowledgment number of p, and ends the round trip of what it covers.
func (e *entry) acknowledge(st *stream, p *decode.Packet, from int, t int64) {
	if !e.tcp[from].has(hasAck) || seqBefore(st.acked[from], p.Ack) {
		e.tcp[from] |= hasAck
		st.acked[from] = p.Ack
	}
	st.endProbe(1-from, p.Ack, t)
}

// sequence compares the sequence numbers of p with those seen before, and reports whether p
// continues them.
func (g *engine) sequence(slot uint32, e *entry, st *stream, p *decode.Packet, from int) (inOrder bool) {
	me, n := e.tcp[from], seqLen(p)
	end := p.Seq + n
	isNew := p.Flags.Has(flow.SYN) && (!me.has(sentSyn) || e.side[from].isn != p.Seq)
	switch {
	case isNew && me.has(sentSyn) && e.bits.has(handshakeDone):
		return false // of another connection, if it gets an answer
	case isNew && !me.has(hasAck), !me.has(hasNext):
		st.next[from] = end
		e.tcp[from] |= hasNext
		return true
	}
	switch ahead := p.Seq - st.next[from]; {
	case ahead == 0:
		st.next[from] = end
		return true
	case ahead < farthest:
		g.extra(slot).addHole(st, from, hole{st.next[from], p.Seq})
		st.next[from] = end
	case -ahead < farthest:
		if isKeepAlive := ahead == ^uint32(0) && p.Payload <= 1 && n == p.Payload; n > 0 && !isKeepAlive {
			g.seenAgain(slot, st, p, from, n)
		}
	}
	return false
}

// seenAgain counts a segment of n sequence numbers that begins before the last one seen: it fills a
// hole, or repeats what was seen.
func (g *engine) seenAgain(slot uint32, st *stream, p *decode.Packet, from int, n uint32) {
	x := g.extra(slot)
	h := &x.health[from]
	old := min(n, st.next[from]-p.Seq)
	if x.fill(from, hole{p.Seq, p.Seq + old}) {
		h.outOfOrder++
	} else {
		h.retransmitted.Packets++
		h.retransmitted.Octets += uint64(min(old, p.Payload))
		st.cancelProbe(from)
	}
	if old < n {
		st.next[from] = p.Seq + n
	}
}

// addHole remembers a hole of a side. It forgets those that the peer has acknowledged: their
// segments did not pass here.
func (x *extra) addHole(st *stream, from int, h hole) {
	kept := x.holes[from][:0]
	for _, old := range x.holes[from] {
		if seqBefore(st.acked[1-from], old.to) {
			kept = append(kept, old)
		}
	}
	if len(kept) == maxHoles {
		kept = append(kept[:0], kept[1:]...)
	}
	x.holes[from] = append(kept, h)
}

// fill removes the range r from the holes of a side, and reports whether any of it was one.
func (x *extra) fill(from int, r hole) (filled bool) {
	kept := make([]hole, 0, len(x.holes[from])+1)
	for _, h := range x.holes[from] {
		if !seqBefore(h.from, r.to) || !seqBefore(r.from, h.to) {
			kept = append(kept, h)
			continue
		}
		filled = true
		if seqBefore(h.from, r.from) {
			kept = append(kept, hole{h.from, r.from})
		}
		if seqBefore(r.to, h.to) {
			kept = append(kept, hole{r.to, h.to})
		}
	}
	if filled {
		x.holes[from] = kept[:min(len(kept), maxHoles)]
	}
	return filled
}

// reset judges RST p and reports whether it changes the state of the connection. If what follows
// decides, the state before is kept for reconsiderReset.
func (g *engine) reset(slot uint32, e *entry, st *stream, p *decode.Packet, from int) bool {
	switch e.judgeReset(st, p, from) {
	case resetIgnored:
		return false
	case resetChallenged:
		if e.tcp[from].state() != reset {
			g.extra(slot).challenge = &challenge{seq: p.Seq, next: st.next[from], from: from, before: e.progress}
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
func (g *engine) reconsiderReset(slot uint32, e *entry, st *stream, from int) {
	x := g.extras[slot]
	if x == nil || x.challenge == nil || x.challenge.from != from || st.next[from] == x.challenge.next {
		return
	}
	c := x.challenge
	x.challenge = nil
	if st.next[from] == c.seq {
		return
	}
	marks := e.tcp[from] &^ stateMask
	e.tcp[from] = c.before.tcp[from]&stateMask | marks
	e.bits.set(tcpFinished, c.before.bits.has(tcpFinished))
}
