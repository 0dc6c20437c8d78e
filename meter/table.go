package meter

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"

	"weir/flow"
)

// none is a slot number that no entry has.
const none = ^uint32(0)

// table is the flow cache: an index with open addressing over a slab of entries. Neither
// contains pointers, so the garbage collector doesn't scan them. The hash is seeded, so that an
// attacker who chooses addresses and ports can't cause collisions.
//
// Growth is incremental, except for a bit per flow: the slab grows by a chunk, the index by one
// of its segments at a time, so that no packet waits for a copy of the whole table. compact
// shrinks it likewise.
//
// A slot number identifies an entry; it is stable until delete or compact.
type table struct {
	index     [segments]segment
	chunks    []*chunk
	free      []uint32 // first free slot of each chunk, linked by coldEntry.next
	withFree  []uint64 // bitmap of chunks with free slots
	allocFrom int      // chunk with free slots that allocate uses first; -1: none
	dirty     []uint64 // bitmap of slots
	settled   []uint64 // bitmap of slots: see settledAge
	round     uint32   // of exports
	highWater uint32   // slots ever allocated; those from it on are in the last chunk
	draining  int      // chunk that compact is emptying; -1: none
	trimNext  int      // next segment of the index for trim
	live      int
	changed   int // dirty entries
	seed      [7]uint64
	sink      uint64 // defeats the elimination of loads that only prefetch
}

// segment is the part of the index for one prefix of the hash. A place is hash<<32 | slot, or
// empty. Probing is linear from a home proportional to the hash, so a segment can have any size.
type segment struct {
	places []uint64
	used   int
}

// empty marks an unused place of the index; no slot number is that large.
const empty = ^uint64(0)

// chunk is a part of the slab, a whole number of pages. Its address never changes.
type chunk struct {
	slots [chunkSize]struct {
		entry
		cold coldEntry
	}
}

func newTable() *table {
	tb := &table{allocFrom: -1, draining: -1}
	for i := range tb.index {
		tb.index[i].resize(minSegment)
	}
	for i := range tb.seed {
		tb.seed[i] = rand.Uint64()
	}
	return tb
}

// at returns the entry in a slot.
func (tb *table) at(slot uint32) *entry {
	return &tb.chunks[slot/chunkSize].slots[slot%chunkSize].entry
}

// cold returns the rest of that entry.
func (tb *table) cold(slot uint32) *coldEntry {
	return &tb.chunks[slot/chunkSize].slots[slot%chunkSize].cold
}

// hash returns 32 bits of folded multiplications (as in wyhash) over the whole key. The first
// three are independent and execute in parallel.
func (tb *table) hash(k *flow.Key) uint32 {
	a := fold(word(k.A[:8])^tb.seed[0], word(k.A[8:])^tb.seed[1])
	b := fold(word(k.B[:8])^tb.seed[2], word(k.B[8:])^tb.seed[3])
	c := fold(ends(k)^tb.seed[4],
		uint64(k.Tunnel.ID)|uint64(k.Interface)<<32|uint64(k.Proto)<<48|uint64(k.ICMPClass)<<56^tb.seed[5])
	h := fold(a^bits.RotateLeft64(b, 32)^uint64(k.Tunnel.Kind), c^tb.seed[6])
	return uint32(h ^ h>>32)
}

// ends returns the ports and VLANs of k in one word.
func ends(k *flow.Key) uint64 {
	return uint64(k.PortA) | uint64(k.PortB)<<16 | uint64(k.VLAN[0])<<32 | uint64(k.VLAN[1])<<48
}

// isSame is *a == *b, compared word by word: the compiler calls a function to compare arrays in
// a struct.
func isSame(a, b *flow.Key) bool {
	return (word(a.A[:8])^word(b.A[:8]))|(word(a.A[8:])^word(b.A[8:]))|
		(word(a.B[:8])^word(b.B[:8]))|(word(a.B[8:])^word(b.B[8:]))|
		(ends(a)^ends(b)) == 0 && a.Tunnel == b.Tunnel && a.Interface == b.Interface && a.Proto == b.Proto && a.ICMPClass == b.ICMPClass
}

func word(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// segment returns the segment for hash h.
func (tb *table) segment(h uint32) *segment { return &tb.index[h>>(32-segmentBits)] }

// home returns the place where probing for h starts.
func (s *segment) home(h uint32) int {
	return int(uint64(h<<segmentBits) * uint64(len(s.places)) >> 32)
}

// after returns the place after place i.
func (s *segment) after(i int) int {
	if i++; i < len(s.places) {
		return i
	}
	return 0
}

// get returns the slot of the flow with key k, or none. h is hash(k).
func (tb *table) get(k *flow.Key, h uint32) uint32 {
	s := tb.segment(h)
	for i := s.home(h); ; i = s.after(i) {
		place := s.places[i]
		if place == empty {
			return none
		}
		if uint32(place>>32) == h && isSame(&tb.at(uint32(place)).key, k) {
			return uint32(place)
		}
	}
}

// find returns the flow with key k and its slot, or nil and none. h is hash(k).
func (tb *table) find(k *flow.Key, h uint32) (uint32, *entry) {
	slot := tb.get(k, h)
	if slot == none {
		return none, nil
	}
	return slot, tb.at(slot)
}

// home returns the place of the index where probing for h starts.
func (tb *table) home(h uint32) *uint64 {
	s := tb.segment(h)
	return &s.places[s.home(h)]
}

// guess returns the slot of an entry with hash h, most likely the one that get will return, or
// none, and moves it to home, its home place. It reads only the index, no entry.
func (tb *table) guess(h uint32, home *uint64) uint32 {
	if place := *home; uint32(place>>32) == h || place == empty {
		return uint32(place)
	}
	return tb.guessFarther(h, home)
}

// guessFarther is the slow path of guess: another hash is at home. The two are swapped, so that
// active flows move to their home places and idle ones away from theirs. No place becomes empty,
// and each segment has an empty one, so both are still found.
func (tb *table) guessFarther(h uint32, home *uint64) uint32 {
	s := tb.segment(h)
	for i := s.after(s.home(h)); ; i = s.after(i) {
		place := s.places[i]
		if place == empty {
			return none
		}
		if uint32(place>>32) == h {
			s.places[i], *home = *home, place
			return uint32(place)
		}
	}
}

// insert adds an entry, zero except for its key, and returns it and its slot. The key must not
// be in the table.
func (tb *table) insert(k *flow.Key, h uint32) (uint32, *entry) {
	s := tb.segment(h)
	if s.used >= len(s.places)*maxLoadPercent/100 {
		s.resize(len(s.places) * 3 / 2)
	}
	slot := tb.allocate()
	e := tb.at(slot)
	e.key, e.bits = *k, inUse
	s.place(uint64(h)<<32 | uint64(slot))
	s.used++
	tb.live++
	return slot, e
}

// allocate returns a free slot, whose entry is zero: from the chunk of the last release, which
// is likely in the processor's cache, else from the first chunk with free slots.
func (tb *table) allocate() uint32 {
	if tb.allocFrom < 0 {
		tb.allocFrom = tb.firstWithFree()
	}
	if c := tb.allocFrom; c >= 0 {
		slot := tb.free[c]
		if tb.free[c] = tb.cold(slot).next; tb.free[c] == none {
			tb.withFree[c/64] &^= 1 << (c % 64)
			tb.allocFrom = -1
		}
		return slot
	}
	if tb.draining >= 0 {
		tb.cancelDrain()
		return tb.allocate()
	}
	if int(tb.highWater) == len(tb.chunks)*chunkSize {
		tb.addChunk()
	}
	tb.highWater++
	return tb.highWater - 1
}

// firstWithFree returns the first chunk with free slots, or -1.
func (tb *table) firstWithFree() int {
	for i, word := range tb.withFree {
		if word != 0 {
			return i*64 + bits.TrailingZeros64(word)
		}
	}
	return -1
}

func (tb *table) addChunk() {
	if len(tb.chunks)%64 == 0 {
		tb.withFree = append(tb.withFree, 0)
	}
	tb.chunks = append(tb.chunks, new(chunk))
	tb.free = append(tb.free, none)
	tb.dirty = append(tb.dirty, make([]uint64, chunkSize/64)...)
	tb.settled = append(tb.settled, make([]uint64, chunkSize/64)...)
}

// release makes a slot available to allocate, unless its chunk is draining.
func (tb *table) release(slot uint32) {
	c := int(slot / chunkSize)
	if c == tb.draining {
		return
	}
	tb.allocFrom = c
	tb.cold(slot).next = tb.free[c]
	tb.free[c] = slot
	tb.withFree[c/64] |= 1 << (c % 64)
}

// place stores value in the first empty place from its home on.
func (s *segment) place(value uint64) {
	i := s.home(uint32(value >> 32))
	for s.places[i] != empty {
		i = s.after(i)
	}
	s.places[i] = value
}

func (s *segment) resize(n int) {
	old := s.places
	s.places = make([]uint64, n)
	for i := range s.places {
		s.places[i] = empty
	}
	for _, value := range old {
		if value != empty {
			s.place(value)
		}
	}
}

// delete removes e, the entry in slot, and frees the slot. h is the hash of its key.
func (tb *table) delete(slot uint32, e *entry, h uint32) {
	s := tb.segment(h)
	s.closeGap(s.placeOf(h, slot))
	s.used--
	tb.clearDirty(slot, e)
	*e = entry{}
	tb.release(slot)
	tb.live--
}

// placeOf returns the place of a flow with hash h, which is in slot and in the segment.
func (s *segment) placeOf(h, slot uint32) int {
	i := s.home(h)
	for uint32(s.places[i]) != slot {
		i = s.after(i)
	}
	return i
}

// abandon removes the entry in slot from slots but not from the index, after which the table
// supports no other operation. Finding a million places of the index, each a cache miss, would
// delay the end of a capture with a flood.
func (tb *table) abandon(slot uint32) {
	e := tb.at(slot)
	tb.clearDirty(slot, e)
	e.bits &^= inUse
	tb.live--
}

// closeGap empties place i and shifts back entries that were probed past it.
func (s *segment) closeGap(i int) {
	for j := s.after(i); s.places[j] != empty; j = s.after(j) {
		home := s.home(uint32(s.places[j] >> 32))
		if s.distance(home, j) >= s.distance(i, j) { // its home is at or before the gap
			s.places[i] = s.places[j]
			i = j
		}
	}
	s.places[i] = empty
}

// distance returns the number of steps from place i to place j.
func (s *segment) distance(i, j int) int {
	if j -= i; j >= 0 {
		return j
	}
	return j + len(s.places)
}

// slots returns the slots of all entries.
func (tb *table) slots() []uint32 {
	all := make([]uint32, 0, tb.live)
	for slot := range tb.highWater {
		if tb.at(slot).bits.has(inUse) {
			all = append(all, slot)
		}
	}
	return all
}

// markDirty marks e, the entry in slot, which must be clean.
func (tb *table) markDirty(slot uint32, e *entry) {
	e.bits |= dirty
	tb.dirty[slot/64] |= 1 << (slot % 64)
	tb.changed++
}

// clearDirty clears the mark of e, the entry in slot, if it is dirty.
func (tb *table) clearDirty(slot uint32, e *entry) {
	if !e.bits.has(dirty) {
		return
	}
	e.bits &^= dirty
	tb.dirty[slot/64] &^= 1 << (slot % 64)
	tb.changed--
}

// settle records whether the flow in slot is exported only in every settledRounds-th round.
func (tb *table) settle(slot uint32, on bool) {
	tb.settled[slot/64] &^= 1 << (slot % 64)
	if on {
		tb.settled[slot/64] |= 1 << (slot % 64)
	}
}

// nextDirty returns the first slot at or after from that is dirty and to be exported in this round, or
// none.
func (tb *table) nextDirty(from uint32) uint32 {
	for ; from < tb.highWater; from = (from | 63) + 1 {
		word := tb.dirty[from/64]
		if (from/64+tb.round)%settledRounds != 0 {
			word &^= tb.settled[from/64]
		}
		if word >>= from % 64; word != 0 {
			return from + uint32(bits.TrailingZeros64(word))
		}
	}
	return none
}
