package meter

import (
	"weir/decode"
	"weir/flow"
)

// After the linger timeout a closed TCP connection stays in the cache for up to lateAfterClose: a FIN or an
// ACK that is repeated meanwhile, as by a host that did not get the last ACK, belongs to that connection and
// is no flow of its own. The record of a live source is exported as ended before, and again if there are such
// packets; nobody waits for that of a file, which is exported once.

// keepLate keeps a closed connection for late packets if there is room for it. A refused SYN may be sent again for a new connection, so it is not kept.
func (g *engine) keepLate(slot uint32, e *entry) bool {
	if !e.bits.has(tcpFinished) || !e.bits.has(handshakeDone) || g.late >= maxLate || e.bits.has(late) || e.silence(g.now) >= lateAfterClose {
		return false
	}
	e.bits |= late
	g.late++
	if g.live {
		g.report(slot, e, flow.EndOfFlow)
		e.bits |= exported
		if e.bits.has(dirty) {
			g.table.clearDirty(slot, e)
		}
	}
	g.reschedule(slot, e)
	return true
}

// addLate adds p to a flow that is kept for late packets, if it only repeats what was sent:
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

// endLate exports the record of a late flow, unless that was done and no packets were added since.
func (g *engine) endLate(slot uint32, e *entry) {
	switch {
	case !g.live:
		g.report(slot, e, flow.EndOfFlow)
	case e.bits.has(lateChanged):
		g.snapshot(g.emit(true), slot, e, flow.EndOfFlow)
	}
	g.late--
	g.forget(slot, e)
}

// openFlows returns the number of flows whose record has not been exported as ended.
func (g *engine) openFlows() int {
	if g.live {
		return g.table.live - g.late
	}
	return g.table.live
}
