package meter

// compact gives memory back of a table that has many more slots than flows, as after
// a flood: it moves the flows in the last slots to free ones before, until their chunk
// is empty. It looks at compactStep slots.
func (g *engine) compact() {
	tb := g.table
	if len(g.unconfirmed) > 0 { // they are slots
		return
	}
	for range compactStep {
		if !tb.isSparse() {
			return
		}
		if last := len(tb.chunks) - 1; tb.draining != last {
			tb.drain(last)
		}
		slot := tb.highWater - 1
		if e := tb.at(slot); e.bits.has(inUse) {
			g.move(slot, e)
		}
		if tb.highWater = slot; slot%chunkSize == 0 {
			tb.dropChunk()
		}
	}
	tb.trim()
}

// move puts e, the flow in slot, into another slot.
func (g *engine) move(slot uint32, e *entry) {
	tb := g.table
	to := tb.allocate()
	h := tb.hash(&e.key)
	tb.replace(h, slot, to)
	*tb.cold(to) = *tb.cold(slot)
	g.wheelOf(e).relink(tb, to)
	if e.bits.has(dirty) {
		tb.dirty[slot/64] &^= 1 << (slot % 64)
		tb.dirty[to/64] |= 1 << (to % 64)
	}
	if e.bits.has(hasError) {
		g.errors[to] = g.errors[slot]
		delete(g.errors, slot)
	}
	if n, ok := g.overflows[slot]; ok {
		g.overflows[to] = n
		delete(g.overflows, slot)
	}
	if g.reverse.recent != nil {
		g.reverse.move(untaggedHash(tb, &e.key, h), slot, to)
	}
	*tb.at(to), *e = *e, entry{}
}

// isSparse reports whether more than half of the slots, and more than some chunks, are free.
func (tb *table) isSparse() bool {
	return len(tb.chunks) > keptChunks && int(tb.highWater) > 2*tb.live+chunkSize
}

// leave begins to empty chunk c: its free slots are used no more.
func (tb *table) drain(c int) {
	tb.draining = c
	tb.free[c] = none
	tb.withFree[c/64] &^= 1 << (c % 64)
	if tb.allocFrom == c {
		tb.allocFrom = -1
	}
}

// stay ends that before the chunk is empty: its free slots are used again.
func (tb *table) cancelDrain() {
	first := uint32(tb.draining) * chunkSize
	tb.draining = -1
	for slot := first; slot < tb.highWater; slot++ {
		if !tb.at(slot).bits.has(inUse) {
			tb.release(slot)
		}
	}
}

// dropChunk forgets the last chunk, which is empty.
func (tb *table) dropChunk() {
	last := len(tb.chunks) - 1
	tb.chunks[last] = nil // or the array keeps it
	tb.chunks = tb.chunks[:last]
	tb.free = tb.free[:last]
	tb.withFree = tb.withFree[:(last+63)/64]
	tb.dirty = tb.dirty[:last*(chunkSize/64)]
	tb.draining = -1
}

// replace makes the index name slot to where it named slot, whose key has hash h.
func (tb *table) replace(h, slot, to uint32) {
	s := tb.segment(h)
	i := s.home(h)
	for uint32(s.places[i]) != slot {
		i = s.after(i)
	}
	s.places[i] = uint64(h)<<32 | uint64(to)
}

// trim makes the next segments of the index smaller, those that are nearly empty.
func (tb *table) trim() {
	for range trimStep {
		s := &tb.index[tb.trimNext]
		tb.trimNext = (tb.trimNext + 1) % segments
		if n := len(s.places); n > minSegment && s.used < n*maxLoadPercent/100/4 {
			s.resize(max(2*s.used, minSegment))
		}
	}
}

// relink makes the neighbours of a slot its neighbours, which were those of another.
func (w *wheel) relink(tb *table, slot uint32) {
	l := tb.cold(slot).links
	w.of(tb, l.prev).next, w.of(tb, l.next).prev = slot, slot
}

// moved notes that a flow, whose loose hash is h, went from a slot to another.
func (x *reverseFlows) move(h, slot, to uint32) {
	set := &x.recent[h%(reverseSlots/reverseWays)]
	for i, place := range set {
		if place == uint64(h)<<32|uint64(slot) {
			set[i] = uint64(h)<<32 | uint64(to)
		}
	}
}
