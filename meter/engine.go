package meter

import (
	"slices"

	"weir/decode"
	"weir/flow"
)

// engine is the flow cache and its rules, in packet time. It uses neither wall clock nor sink:
// records of ended flows go to emit, changed open flows are marked dirty.
type engine struct {
	cfg           Config
	timeouts      [idleClasses]int64
	shortest      int64 // of timeouts: a flow with less idle time has not expired
	active        int64 // ns; 0: no active timeout
	interfaceName func(uint16) string
	names         []string                           // of interfaces, as far as resolved
	emit          func(isExported bool) *flow.Record // returns where to write the record of an ended flow

	clock       clock
	now         int64 // clock time of the current packet
	nextExpiry  int64 // clock time before which no flow can expire
	table       *table
	share       share  // the number of flows that the table may hold
	evictFirst  *wheel // flows that are evicted first
	flows       *wheel // all other flows
	fragments   *fragments
	reverse     reverseFlows
	duplicates  duplicates
	history     history
	errors      map[uint32]flow.ICMPError // by slot; valid iff the entry hasError
	extras      map[uint32]*extra         // by slot
	withMany    int                       // of them, those with hasMany
	live        bool                      // whether somebody waits for the records of closed connections
	late        int                       // number of late flows
	unconfirmed []uint32                  // slots of flows with unconfirmed timestamps
	exportFrom  uint32                    // slot from which exportChanged continues
	updates     []flow.Record             // buffer of exportChanged, empty

	created, ended, evicted uint64
}

func newEngine(cfg Config, interfaceName func(uint16) string, emit func(isExported bool) *flow.Record) *engine {
	timeouts := cfg.Timeouts.idleTimeouts()
	tb := newTable()
	return &engine{
		cfg:           cfg,
		timeouts:      timeouts,
		shortest:      slices.Min(timeouts[:]),
		active:        int64(cfg.Timeouts.Active),
		interfaceName: interfaceName,
		emit:          emit,
		table:         tb,
		share:         cfg.Budget.join(),
		flows:         newWheel(),
		evictFirst:    newWheel(),
		fragments:     newFragments(tb),
		duplicates:    newDuplicates(),
		errors:        make(map[uint32]flow.ICMPError),
		extras:        make(map[uint32]*extra),
	}
}

// frame is a decoded frame of packet time t.
type frame struct {
	time   int64
	result decode.Result
}

// lookup is the state of the batched look-up of a frame's first packet.
type lookup struct {
	hash  uint32  // of the packet's key
	slot  uint32  // of a flow with this hash before the batch, or none
	home  *uint64 // the first place of the index to probe
	entry *entry  // the entry in slot; nil if none
}

// observe processes frames in capture order. The look-ups of the whole batch come first, before
// the table changes: index places, then entries, so that their cache misses overlap.
func (g *engine) observe(frames []frame) {
	var touched uint64
	var memory [decodeBatch]lookup // on the stack, without write barriers for its pointers
	lookups := memory[:len(frames)]
	for i := range frames {
		l := &lookups[i]
		l.hash = g.table.hash(&frames[i].result.Packets[0].Key)
		l.home = g.table.home(l.hash)
		touched += *l.home
	}
	for i := range lookups {
		l := &lookups[i]
		l.slot = g.table.guess(l.hash, l.home)
		if l.slot != none {
			l.entry = g.table.at(l.slot)
			touched += l.entry.fetch()
		}
	}
	for i := range lookups {
		if l := &lookups[i]; l.entry != nil && l.entry.isMeasuring(&frames[i].result.Packets[0]) {
			touched += uint64(g.table.cold(l.slot).sentTo)
		}
	}
	g.table.sink += touched
	next := 0
	for ; next < len(frames) && !g.duplicates.on; next++ {
		g.frame(&frames[next], &lookups[next])
	}
	if g.duplicates.on {
		g.compare(frames, lookups, next)
	}
}

func (g *engine) frame(f *frame, l *lookup) {
	now := g.clock.packet(f.time)
	if len(g.unconfirmed) > 0 {
		g.expireUnconfirmed(f)
	}
	if g.clock.now >= g.nextExpiry {
		g.expire()
	}
	g.now = now
	r := &f.result
	if r.N == 0 {
		return
	}
	next := 0
	if p := &r.Packets[0]; !p.Fragment {
		if l.entry == nil || !l.entry.isOf(&p.Key) {
			l.slot, l.entry = g.table.find(&p.Key, l.hash)
		}
		if l.entry != nil && f.time-l.entry.start <= duplicateWindow && g.isFirstAgain(f, l.slot, l.entry) {
			return
		}
		g.countIn(l.slot, l.entry, p, l.hash, f.time)
		next = 1
	}
	for ; next < r.N; next++ {
		g.packet(&r.Packets[next], f.time)
	}
	if r.HasQuoted {
		g.noteError(&r.Quoted, &r.Packets[r.N-1])
	}
}

// pass advances the clock by ns without packets. late says that packets of that time may still come.
func (g *engine) pass(ns int64, late bool) {
	g.clock.pass(ns, late)
	g.expire()
}

// fetch prefetches the entries in some slots; the cache misses overlap.
func (g *engine) fetch(slots []uint32) {
	for _, slot := range slots {
		g.table.sink += g.table.at(slot).fetch()
	}
}

// packet counts p. A fragment counts in the flow of its first fragment, and may have to wait for
// it.
func (g *engine) packet(p *decode.Packet, t int64) {
	if !p.Fragment {
		g.count(p, t)
		return
	}
	if !g.fragments.resolve(p, g.now) {
		if g.fragments.full() {
			oldest, at := g.fragments.release()
			g.count(&oldest, at)
		}
		g.fragments.hold(p, t, g.now)
		return
	}
	g.count(p, t)
	if p.FirstFrag {
		g.fragments.releaseFor(p, g.count)
	}
}

// count adds p to its flow, which it may end, begin, or both.
func (g *engine) count(p *decode.Packet, t int64) {
	h := g.table.hash(&p.Key)
	slot, e := g.table.find(&p.Key, h)
	g.countIn(slot, e, p, h, t)
}

// countIn is count with the flow already looked up: its slot and entry (nil if none), and the
// hash h of the key.
func (g *engine) countIn(slot uint32, e *entry, p *decode.Packet, h uint32, t int64) {
	if e == nil {
		g.first(p, h, t)
		return
	}
	switch {
	case e.bits.has(late):
		if !g.addLate(slot, e, p, t) {
			g.end(slot, e, flow.EndOfFlow)
			g.first(p, h, t)
		}
		return
	case e.silence(g.now) >= g.shortest && g.isIdle(e):
		if !g.keepLate(slot, e) || !g.addLate(slot, e, p, t) {
			g.end(slot, e, flow.IdleTimeout)
			g.first(p, h, t)
		}
		return
	case p.Flags.Has(flow.SYN) && g.isNewConnection(slot, e, p, t):
		g.succeed(slot, e, p, h, t)
		return
	case g.active > 0 && t-e.start >= g.active:
		g.split(slot, e, t)
	}
	was := e.progress
	g.add(slot, e, p, t)
	if e.progress != was && g.needsReschedule(e, was) {
		g.reschedule(slot, e)
	}
	if !e.bits.has(dirty) || g.clock.hasUnconfirmed() {
		g.markChanged(slot, e)
	}
}

// first begins a flow with p, or adds p to the flow in the reverse direction that it replies to.
func (g *engine) first(p *decode.Packet, h uint32, t int64) {
	isLoose, untagged := g.reverse.mayMatch(&p.Key), uint32(0)
	if isLoose {
		untagged = untaggedHash(g.table, &p.Key, h)
		if slot := g.reverse.answered(g.table, p, untagged, t); slot != none {
			if i := p.Key.Interface; i != g.table.at(slot).key.Interface {
				g.table.cold(slot).replies = i
			}
			g.countIn(slot, g.table.at(slot), p, h, t)
			return
		}
	}
	if g.table.live >= g.share.flows && !g.share.grow() {
		g.evict()
	}
	slot, e := g.table.insert(&p.Key, h)
	*g.table.cold(slot) = coldEntry{id: g.cfg.NextID(), check: p.Check, replies: p.Key.Interface}
	e.begin(p, t)
	g.useHistory(e, p, h)
	g.add(slot, e, p, t)
	e.bits.set(evictFirst, true) // a single packet
	g.evictFirst.add(g.table, slot, g.deadline(e, e.class()))
	g.markChanged(slot, e)
	g.table.settle(slot, false)
	g.created++
	if isLoose {
		g.reverse.note(slot, untagged)
	}
}

// markChanged marks a flow for export.
func (g *engine) markChanged(slot uint32, e *entry) {
	if !e.bits.has(dirty) {
		g.table.markDirty(slot, e)
	}
	if g.clock.hasUnconfirmed() {
		g.unconfirmed = append(g.unconfirmed, slot)
	}
}

// add counts p, of packet time t, in the flow in slot.
func (g *engine) add(slot uint32, e *entry, p *decode.Packet, t int64) {
	from, c := sender(p), g.table.cold(slot)
	if carry := e.add(c, p, from, t, g.now); carry != 0 {
		g.carryOver(slot, e, from, carry)
	}
	if p.HasTCP {
		g.track(slot, e, c, p, from, t)
	}
}

// end ends a flow and removes it from the cache.
func (g *engine) end(slot uint32, e *entry, why flow.EndReason) {
	g.endHashed(slot, e, g.table.hash(&e.key), why)
}

// endHashed is end with h, the hash of the flow's key.
func (g *engine) endHashed(slot uint32, e *entry, h uint32, why flow.EndReason) {
	g.remember(e, h, why)
	g.reportEnd(slot, e, why)
	g.wheelOf(e).remove(g.table, slot)
	g.table.delete(slot, e, h)
	g.share.shrink(g.table.live)
}

// endLast is end for the flows that remain after the last packet. It doesn't update the index
// and the wheels, which are no longer used.
func (g *engine) endLast(slots []uint32) {
	for some := range slices.Chunk(slots, decodeBatch) {
		g.fetch(some)
		for _, slot := range some {
			g.reportEnd(slot, g.table.at(slot), flow.ForcedEnd)
			g.table.abandon(slot)
			g.share.shrink(g.table.live)
		}
	}
}

// reportEnd emits the last record of a flow. The end of a TCP connection takes precedence over
// why as flow end reason.
func (g *engine) reportEnd(slot uint32, e *entry, why flow.EndReason) {
	if e.bits.has(late) {
		g.endLate(slot, e)
		return
	}
	if e.bits.has(tcpFinished) {
		why = flow.EndOfFlow
	}
	if why == flow.LackOfResources {
		g.evicted++
	}
	g.report(slot, e, why)
	g.forget(slot, e)
}

// forget removes what is kept of a flow outside its entry.
func (g *engine) forget(slot uint32, e *entry) {
	if e.bits.has(hasError) {
		delete(g.errors, slot)
	}
	if e.bits.has(hasExtra) {
		g.releaseHoles(g.extras[slot])
		delete(g.extras, slot)
	}
}

// split ends the record of a flow at the active timeout and continues the flow in a new record
// from packet time t.
func (g *engine) split(slot uint32, e *entry, t int64) {
	if e.bits.has(evictFirst) {
		g.reschedule(slot, e) // while its packet count still shows that it is not part of a flood
	}
	g.report(slot, e, flow.ActiveTimeout)
	g.created++
	c := g.table.cold(slot)
	c.id, c.rtt = g.cfg.NextID(), [2]roundTrips{}
	if x := g.extraOf(slot, e); x != nil {
		x.excess, x.health = [2]excess{}, [2]health{}
	}
	e.restart(t)
	g.table.settle(slot, false)
}

// report emits a final record.
func (g *engine) report(slot uint32, e *entry, why flow.EndReason) {
	g.ended++
	g.snapshot(g.emit(e.bits.has(exported)), slot, e, why)
}

// remainingFlows returns the slots of all flows, after counting the fragments that still wait.
func (g *engine) remainingFlows() []uint32 {
	for g.fragments.waiting() {
		p, t := g.fragments.release()
		g.count(&p, t)
	}
	return g.table.slots()
}

// exportChanged passes a batch of changed open flows to take, and reports whether there may be
// more. It reports false if take refuses: the refused flows stay dirty, and are exported with
// their then current counters by a later round. A round passes through the table once; it leaves out
// most flows older than settledAge.
func (g *engine) exportChanged(take func([]flow.Record) bool) (more bool) {
	if g.updates == nil && g.table.changed > 0 {
		g.updates = make([]flow.Record, 0, updateBatch)
	}
	if g.exportFrom == 0 {
		g.table.round++
	}
	recs := g.updates
	slot := g.table.nextDirty(g.exportFrom)
	first := slot
	for ; slot != none && len(recs) < cap(recs); slot = g.table.nextDirty(slot + 1) {
		recs = append(recs, flow.Record{})
		g.snapshot(&recs[len(recs)-1], slot, g.table.at(slot), flow.StillOpen)
	}
	g.exportFrom = slot
	if len(recs) == 0 || !take(recs) {
		g.exportFrom = 0
		return false
	}
	for clean := first; clean < slot && clean != none; clean = g.table.nextDirty(clean + 1) {
		e := g.table.at(clean)
		e.bits |= exported
		g.table.settle(clean, e.last-e.start >= int64(settledAge))
		g.table.clearDirty(clean, e)
	}
	if slot == none {
		g.exportFrom = 0
	}
	return slot != none
}
