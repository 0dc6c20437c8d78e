package meter

import (
	"cmp"
	"slices"

	"weir/decode"
	"weir/flow"
)

// engine is the flow table with its rules, in packet time. It knows neither
// wall clock nor sink: records of ended flows go to emit, open flows that
// changed wait in dirty.
type engine struct {
	cfg           Config
	timeouts      [idleClasses]int64
	active        int64 // ns; 0: no active timeout
	interfaceName func(uint16) string
	emit          func(flow.Record)

	clock     clock
	behind    bool // flows are due that expire didn't get to
	table     *table
	flows     *wheel // all flows, but for
	cheap     *wheel // those to evict first
	fragments *fragments
	errors    map[uint32]flow.ICMPError // by slot; valid iff the entry hasError
	dirty     []uint32                  // the listed slots; what is in them may have ended since

	created, ended, evicted uint64
}

func newEngine(cfg Config, interfaceName func(uint16) string, emit func(flow.Record)) *engine {
	return &engine{
		cfg:           cfg,
		timeouts:      cfg.Timeouts.idleTimeouts(),
		active:        int64(cfg.Timeouts.Active),
		interfaceName: interfaceName,
		emit:          emit,
		table:         newTable(),
		flows:         newWheel(),
		cheap:         newWheel(),
		fragments:     newFragments(),
		errors:        make(map[uint32]flow.ICMPError),
	}
}

// observe takes what the decoder found in a frame of packet time t.
func (g *engine) observe(t int64, r *decode.Result) {
	g.clock.packet(t)
	g.expire()
	for i := range r.N {
		g.packet(&r.Packets[i], t)
	}
	if r.HasQuoted && r.N > 0 {
		g.mark(&r.Quoted, &r.Packets[r.N-1])
	}
}

// pass lets ns of time go by without packets.
func (g *engine) pass(ns int64) {
	g.clock.pass(ns)
	g.expire()
}

// expire ends what has been silent for too long, or begins to: it reports
// whether it is done. Whoever sends meanwhile is judged by the exact time, so
// that is no hurry.
func (g *engine) expire() (done bool) {
	now := g.clock.now
	done = true
	if g.behind || now/tickNS > g.flows.tick {
		done = g.flows.advance(now, batchSize, g.due)
		done = g.cheap.advance(now, batchSize, g.due) && done
		g.behind = !done
	}
	for g.fragments.overdue(now) {
		p, t := g.fragments.release()
		g.count(&p, t)
	}
	return done
}

// due ends a flow whose bucket came up, or hangs it up again.
func (g *engine) due(slot uint32) {
	e := g.table.at(slot)
	if g.isIdle(e) {
		g.end(slot, flow.IdleTimeout)
		return
	}
	w := g.wheelOf(e)
	w.remove(g.table, slot)
	w.add(g.table, slot, g.deadline(e))
}

func (g *engine) deadline(e *entry) int64 { return e.seen + g.timeouts[e.idle] }
func (g *engine) isIdle(e *entry) bool    { return g.clock.now >= g.deadline(e) }

func (g *engine) wheelOf(e *entry) *wheel {
	if e.bits.has(cheap) {
		return g.cheap
	}
	return g.flows
}

// packet counts p, a fragment in the flow of its first fragment.
func (g *engine) packet(p *decode.Packet, t int64) {
	if !p.Fragment {
		g.count(p, t)
		return
	}
	now := g.clock.now
	if !g.fragments.resolve(p, now) {
		if g.fragments.full() {
			oldest, at := g.fragments.release()
			g.count(&oldest, at)
		}
		g.fragments.hold(p, t, now)
		return
	}
	g.count(p, t)
	if p.FirstFrag {
		g.fragments.releaseOf(p, g.count)
	}
}

// count adds p to its flow, which it may end, begin, or both.
func (g *engine) count(p *decode.Packet, t int64) {
	h := g.table.hash(&p.Key)
	slot := g.table.get(&p.Key, h)
	if slot != none {
		e := g.table.at(slot)
		switch {
		case g.isIdle(e):
			g.end(slot, flow.IdleTimeout)
			slot = none
		case e.reuses(p, t, g.clock.now):
			g.end(slot, flow.EndOfFlow)
			slot = none
		case g.active > 0 && t-e.start >= g.active:
			g.split(slot, t)
		}
	}
	isNew := slot == none
	if isNew {
		slot = g.open(p, h, t)
	}
	e := g.table.at(slot)
	e.add(p, t, g.clock.now)
	g.arm(slot, e, isNew)
	g.touch(slot, e)
}

// open begins a flow with its first packet.
func (g *engine) open(p *decode.Packet, h uint32, t int64) uint32 {
	if g.table.live >= g.cfg.MaxFlows {
		g.evict()
	}
	slot := g.table.insert(&p.Key, h)
	e := g.table.at(slot)
	e.id = g.cfg.NextID()
	e.begin(p, t)
	g.created++
	return slot
}

// arm hangs a flow up for its deadline if it is new, or under another timeout
// than before. A deadline that only moved on is seen to when the old one comes up.
func (g *engine) arm(slot uint32, e *entry, isNew bool) {
	class, wasCheap := e.class(), e.bits.has(cheap)
	if !isNew {
		if class == e.idle && e.isCheap() == wasCheap {
			return
		}
		g.wheelOf(e).remove(g.table, slot)
	}
	e.idle = class
	e.bits.set(cheap, e.isCheap())
	g.wheelOf(e).add(g.table, slot, g.deadline(e))
}

// touch notes that a flow has to be handed over again.
func (g *engine) touch(slot uint32, e *entry) {
	if !e.bits.has(listed) {
		g.dirty = append(g.dirty, slot)
	}
	e.bits |= dirty | listed
}

// end ends a flow and forgets it. TCP's own end outranks why.
func (g *engine) end(slot uint32, why flow.EndReason) {
	e := g.table.at(slot)
	if e.bits.has(finished) {
		why = flow.EndOfFlow
	}
	if why == flow.LackOfResources {
		g.evicted++
	}
	g.ended++
	g.emit(g.snapshot(slot, why))
	if e.bits.has(hasError) {
		delete(g.errors, slot)
	}
	g.wheelOf(e).remove(g.table, slot)
	g.table.delete(slot)
}

// split ends a flow's record and goes on with the flow in a new one, from
// packet time t on.
func (g *engine) split(slot uint32, t int64) {
	e := g.table.at(slot)
	g.emit(g.snapshot(slot, flow.ActiveTimeout))
	g.ended++
	g.created++
	e.id = g.cfg.NextID()
	e.restart(t)
}

// evict makes room for one flow: a cheap one if there is any, else the one
// that is closest to its own timeout. Deadlines in the wheels may be out of
// date; a few are put right on the way, then the next one must go.
func (g *engine) evict() {
	w := g.cheap
	if w.len == 0 {
		w = g.flows
	}
	for range evictTries {
		slot := w.first()
		e := g.table.at(slot)
		if w.bucket(g.deadline(e)) == e.bucket {
			break
		}
		w.remove(g.table, slot)
		w.add(g.table, slot, g.deadline(e))
	}
	g.end(w.first(), flow.LackOfResources)
}

// mark notes on the flow with key quoted what the ICMP error p says about it.
// A flow that is not in the table is none of ours any more.
func (g *engine) mark(quoted *flow.Key, p *decode.Packet) {
	slot := g.table.get(quoted, g.table.hash(quoted))
	if slot == none {
		return
	}
	from := p.Key.A
	if p.FromB {
		from = p.Key.B
	}
	e := g.table.at(slot)
	e.bits |= hasError
	g.errors[slot] = flow.ICMPError{From: from.Netip(), Type: p.ICMP}
	g.touch(slot, e)
}

// remaining returns the slots of all flows, in the order in which they began, after the last fragment found
// its flow.
func (g *engine) remaining() []uint32 {
	for g.fragments.waiting() {
		p, t := g.fragments.release()
		g.count(&p, t)
	}
	slots := g.table.slots()
	slices.SortFunc(slots, func(a, b uint32) int { return cmp.Compare(g.table.at(a).id, g.table.at(b).id) })
	return slots
}

// handOver gives the open flows that changed to take, at most batchSize at a
// time, until there are none left or take refuses. What is refused stays
// dirty, and is handed over later as it is then.
func (g *engine) handOver(take func([]flow.Record) bool) {
	for done := 0; done < len(g.dirty); {
		n, recs := g.batch(g.dirty[done:])
		if len(recs) > 0 && !take(recs) {
			g.dirty = g.dirty[:copy(g.dirty, g.dirty[done:])]
			return
		}
		for _, slot := range g.dirty[done : done+n] {
			g.table.at(slot).bits &^= dirty | listed
		}
		done += n
	}
	g.dirty = g.dirty[:0]
}

// batch takes snapshots of the flows in slots that are dirty, up to batchSize.
// They stand in the first n slots.
func (g *engine) batch(slots []uint32) (n int, recs []flow.Record) {
	recs = make([]flow.Record, 0, min(len(slots), batchSize))
	for n < len(slots) && len(recs) < batchSize {
		slot := slots[n]
		n++
		if g.table.at(slot).bits.has(dirty) {
			recs = append(recs, g.snapshot(slot, flow.StillOpen))
		}
	}
	return n, recs
}
