package meter

import (
	"weir/decode"
	"weir/flow"
)

// isNewConnection reports whether SYN or SYN-ACK p, of packet time t, begins a new connection
// between the endpoints of e, the flow in slot. A segment that was overtaken or sent again
// doesn't.
func (g *engine) isNewConnection(slot uint32, e *entry, p *decode.Packet, t int64) bool {
	if t <= e.last {
		return false
	}
	from := sender(p)
	if isSynAck(p.Flags) {
		return g.answersAnother(slot, e, p, from)
	}
	if !isSyn(p.Flags) || e.hasISN(g.table.cold(slot), from, p.Seq) {
		return false
	}
	if e.isOver(from, g.now) {
		return true
	}
	if e.bits.has(handshakeDone) && e.tcp[from].has(sentSyn) {
		g.extra(slot, e).syn = &heldSyn{*p, t, e.last}
	}
	return false
}

// isOver reports whether the connection can be followed by another one that side from opens: it is
// closed or has been idle for long. Where only that side is seen, its FIN is all of the close.
func (e *entry) isOver(from int, now int64) bool {
	return e.bits.has(tcpFinished) || e.bothFIN() || e.silence(now) >= reuseSilence ||
		e.tcp[from].has(sentFin) && e.side[1-from].Packets == 0
}

// knowsISN reports whether the initial sequence number of a side is known, from its SYN or from the
// SYN-ACK that acknowledged it.
func (e *entry) knowsISN(side int) bool {
	return e.tcp[side].has(sentSyn) || e.dir == flow.BySynAck && side == e.src()
}

// hasISN reports whether isn is known to be the initial sequence number of a side. c is the rest of e.
func (e *entry) hasISN(c *coldEntry, side int, isn uint32) bool {
	return e.knowsISN(side) && c.isn[side] == isn
}

// answersAnother reports whether SYN-ACK p acknowledges the SYN of another connection than e. That
// SYN was not seen, or was held: then its packet moves to the new flow.
func (g *engine) answersAnother(slot uint32, e *entry, p *decode.Packet, from int) bool {
	peer, c := 1-from, g.table.cold(slot)
	if !e.tcp[from].has(sentSyn) || c.isn[from] == p.Seq || !e.knowsISN(peer) || e.answers(c, p, from) {
		return false
	}
	if x := g.extraOf(slot, e); x != nil && x.syn != nil && x.syn.packet.Seq+1 == p.Ack {
		return true
	}
	return e.isOver(from, g.now) || e.bits.has(handshakeDone)
}

// succeed ends e, the flow in slot, and begins the one of the next connection with p, or with the SYN
// that p answers. h is the hash of the key of p.
func (g *engine) succeed(slot uint32, e *entry, p *decode.Packet, h uint32, t int64) {
	held := g.takeHeld(slot, e, p)
	g.end(slot, e, flow.EndOfFlow)
	if held == nil {
		g.first(p, h, t)
		return
	}
	g.count(&held.packet, held.time) // its key may have another tag
	g.count(p, t)
}

// takeHeld returns the held SYN that p answers, which then no longer counts in e; nil: there is none.
func (g *engine) takeHeld(slot uint32, e *entry, p *decode.Packet) *heldSyn {
	x := g.extraOf(slot, e)
	if x == nil || x.syn == nil || !isSynAck(p.Flags) || x.syn.packet.Seq+1 != p.Ack {
		return nil
	}
	s := &e.side[sender(&x.syn.packet)]
	if s.Packets < 2 || s.octets < x.syn.packet.Octets || s.payload < x.syn.packet.Payload {
		return nil // a counter wrapped since then
	}
	s.Packets--
	s.octets -= x.syn.packet.Octets
	s.payload -= x.syn.packet.Payload
	if e.last == x.syn.time {
		e.last = x.syn.last
	}
	return x.syn
}
