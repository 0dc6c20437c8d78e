package meter

import (
	"slices"

	"weir/flow"
)

// leap sees to flows with packets of a time that was not confirmed, before the
// frame f is counted. As long as it isn't, all such times are the same moment to
// the clock, so what f belongs to is judged by packet time: a capture may be a
// few packets of many days.
func (g *engine) leap(f *frame) {
	if !g.clock.isLeaping() {
		g.settle()
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
func (g *engine) noteAhead(slot uint32) {
	if len(g.ahead) >= minAhead+2*int(g.table.made) {
		slices.Sort(g.ahead)
		g.ahead = slices.Compact(g.ahead)
	}
	g.ahead = append(g.ahead, slot)
}

// settle brings flows back to the present whose packets were of a time that
// was not confirmed. If it was, it is the present, and they are there.
func (g *engine) settle() {
	g.now = g.clock.now
	for _, slot := range g.ahead {
		if e := g.table.at(slot); e.bits.has(inUse) && int32(e.seen-momentOf(g.now)) > 0 {
			e.seen = momentOf(g.now)
			g.rehang(slot, e)
		}
	}
	g.ahead = g.ahead[:0]
}
