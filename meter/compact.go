package meter

// compact releases memory of a table with many more slots than flows, as after a flood: it moves
// flows from the last chunk to free slots of others until that chunk is empty. A call examines
// up to compactStep slots.
func (g *engine) compact() {
	tb := g.table
	if len(g.unconfirmed) > 0 { // it holds slots, which would change
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

// move relocates e, the flow in slot, to another slot.
func (g *engine) move(slot uint32, e *entry) {
	tb := g.table
	to := tb.allocate()
	h := tb.hash(&e.key)
	tb.replace(h, slot, to)
	*tb.cold(to) = *tb.cold(slot)
	g.wheelOf(e).relink(tb, to)
	if e.bits.has(dirty) {
		tb.clearDirty(slot, e)
		tb.markDirty(to, e)
	}
	tb.settle(to, false)
	if e.bits.has(hasError) {
		g.errors[to] = g.errors[slot]
		delete(g.errors, slot)
	}
	if e.bits.has(hasExtra) {
		g.extras[to] = g.extras[slot]
		delete(g.extras, slot)
	}
	if g.reverse.recent != nil {
		g.reverse.move(untaggedHash(tb, &e.key, h), slot, to)
	}
	*tb.at(to), *e = *e, entry{}
}

// isSparse reports whether more than half of the slots, and more than keptChunks chunks, are
// free.
func (tb *table) isSparse() bool {
	return len(tb.chunks) > keptChunks && int(tb.highWater) > 2*tb.live+chunkSize
}

// drain starts to empty chunk c: its free slots are no longer allocated.
func (tb *table) drain(c int) {
	tb.draining = c
	tb.free[c] = none
	tb.withFree[c/64] &^= 1 << (c % 64)
	if tb.allocFrom == c {
		tb.allocFrom = -1
	}
}

// cancelDrain makes the free slots of the draining chunk available again.
func (tb *table) cancelDrain() {
	first := uint32(tb.draining) * chunkSize
	tb.draining = -1
	for slot := first; slot < tb.highWater; slot++ {
		if !tb.at(slot).bits.has(inUse) {
			tb.release(slot)
		}
	}
}

// dropChunk removes the last chunk, which is empty.
func (tb *table) dropChunk() {
	last := len(tb.chunks) - 1
	tb.chunks[last] = nil // so that the garbage collector can free it
	tb.chunks = tb.chunks[:last]
	tb.free = tb.free[:last]
	tb.withFree = tb.withFree[:(last+63)/64]
	tb.dirty = tb.dirty[:last*(chunkSize/64)]
	tb.settled = tb.settled[:last*(chunkSize/64)]
	tb.draining = -1
}

// replace changes the index entry of a flow with hash h from slot to another slot.
func (tb *table) replace(h, slot, to uint32) {
	s := tb.segment(h)
	s.places[s.placeOf(h, slot)] = uint64(h)<<32 | uint64(to)
}

// trim shrinks nearly empty segments of the index, trimStep segments per call.
func (tb *table) trim() {
	for range trimStep {
		s := &tb.index[tb.trimNext]
		tb.trimNext = (tb.trimNext + 1) % segments
		if n := len(s.places); n > minSegment && s.used < n*maxLoadPercent/100/4 {
			s.resize(max(2*s.used, minSegment))
		}
	}
}

// relink points the neighbours of a moved entry to its new slot.
func (w *wheel) relink(tb *table, slot uint32) {
	l := tb.cold(slot).links
	w.of(tb, l.prev).next, w.of(tb, l.next).prev = slot, slot
}

// move updates the slot of a flow whose untagged hash is h.
func (x *reverseFlows) move(h, slot, to uint32) {
	set := &x.recent[h%(reverseSlots/reverseWays)]
	for i, place := range set {
		if place == uint64(h)<<32|uint64(slot) {
			set[i] = uint64(h)<<32 | uint64(to)
		}
	}
}
