package meter

import (
	"slices"

	"weir/flow"
)

// expireUnconfirmed handles flows with unconfirmed timestamps before the frame f is counted.
// Until they are confirmed they are all the same time to the clock, so idle timeouts are judged
// by packet time: a capture may hold a few packets of many days.
func (g *engine) expireUnconfirmed(f *frame) {
	if !g.clock.hasUnconfirmed() {
		g.resync()
		return
	}
	// Contradictory timestamps may continue indefinitely.
	if len(g.unconfirmed) >= minUnconfirmed+2*int(g.table.highWater) {
		slices.Sort(g.unconfirmed)
		g.unconfirmed = slices.Compact(g.unconfirmed)
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

// resync limits the last-seen time of flows with unconfirmed timestamps to the clock. If the
// timestamps were confirmed, the clock has reached them and nothing changes.
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
