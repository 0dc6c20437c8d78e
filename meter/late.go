package meter

import (
	"weir/decode"
	"weir/flow"
)

// After the linger timeout the record of a closed TCP connection is exported as ended. The flow then
// stays in the cache for up to lateAfterClose: a FIN or an ACK that is repeated meanwhile, as by a host
// that did not get the last ACK, belongs to that connection and is no flow of its own. If there are such
// packets, the record is exported again.

// keepLate exports the record of a closed connection, and keeps the flow for late packets if there is
// room for it. A refused SYN may be sent again for a new connection, so it is not kept.
func (g *engine) keepLate(slot uint32, e *entry) bool {
	if !e.bits.has(tcpFinished) || !e.bits.has(handshakeDone) || g.late >= maxLate || e.bits.has(late) || e.silence(g.now) >= lateAfterClose {
		return false
	}
	g.report(slot, e, flow.EndOfFlow)
	e.bits |= exported | late
	g.late++
	if e.bits.has(dirty) {
		g.table.clearDirty(slot, e)
	}
	g.reschedule(slot, e)
	return true
}

// addLate adds p to a flow whose record has been exported as ended, if it only repeats what was sent:
// no SYN, no new data, not after lateAfterClose.
func (g *engine) addLate(slot uint32, e *entry, p *decode.Packet, t int64) bool {
	from := sender(p)
	isOtherSyn := p.Flags.Has(flow.SYN) && !e.hasISN(g.table.cold(slot), from, p.Seq)
	if !p.HasTCP || isOtherSyn || e.silence(g.now) >= lateAfterClose || !e.tcp[from].has(hasNext) ||
		seqBefore(e.side[from].next, p.Seq+seqLen(p)) {
		return false
	}
	g.add(slot, e, p, t)
	e.bits |= lateChanged
	return true
}

// endLate removes the mark of a late flow, and exports its record again if late packets were added.
func (g *engine) endLate(slot uint32, e *entry) {
	if e.bits.has(lateChanged) {
		g.snapshot(g.emit(true), slot, e, flow.EndOfFlow)
	}
	g.late--
	g.forget(slot, e)
}
