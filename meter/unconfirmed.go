package meter

import (
	"slices"

	"weir/flow"
)

// leap sees to flows with packets of a time that was not confirmed, before the
// frame f is counted. As long as it isn't, all such times are the same moment to
// the clock, so what f belongs to is judged by packet time: a capture may be a
// few packets of many days.
func (g *engine) expireUnconfirmed(f *frame) {
	if !g.clock.hasUnconfirmed() {
		g.resync()
		return
	}
	for i := range f.result.N {
		k := &f.result.Packets[i].Key
		slot := g.table.get(k, g.table.hash(k))
		if slot == none {
			continue
		}
		if e := g.table.at(slot); f.time-e.last >= g.timeout(e, e.class()) {
			g.end(slot, e, flow.IdleTimeout)
		}
	}
}

// noteAhead notes that a flow has a packet of a time that was not confirmed. Times
// that contradict each other may go on for ever, so slots that were noted more than
// once are dropped as soon as there may be many of them.
func (g *engine) noteUnconfirmed(slot uint32) {
	if len(g.unconfirmed) >= minUnconfirmed+2*int(g.table.highWater) {
		slices.Sort(g.unconfirmed)
		g.unconfirmed = slices.Compact(g.unconfirmed)
	}
	g.unconfirmed = append(g.unconfirmed, slot)
}

// settle brings flows back to the present whose packets were of a time that
// was not confirmed. If it was, it is the present, and they are there.
func (g *engine) resync() {
	g.now = g.clock.now
	for _, slot := range g.unconfirmed {
		if e := g.table.at(slot); e.bits.has(inUse) && int32(e.seen-coarseTimeOf(g.now)) > 0 {
			e.seen = coarseTimeOf(g.now)
			g.reschedule(slot, e)
		}
	}
	g.unconfirmed = g.unconfirmed[:0]
}
