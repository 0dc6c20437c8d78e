package meter

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"

	"weir/flow"
)

// none is the slot that no entry has.
const none = ^uint32(0)

// table finds a flow's entry by its key. It is an index with open addressing
// over a slab of pointer-free entries: nothing in it is looked at by the
// garbage collector. The hash is seeded, so that nobody who picks addresses
// and ports can make keys collide.
//
// Nothing in it grows at once but a bit a flow: the slab grows by a chunk, the index
// by one of its segments at a time, so that no packet waits for a table to be copied.
// When there are far fewer flows than before, compact gives memory back likewise.
//
// An entry is named by its slot, which stays the same until delete or compact.
type table struct {
	index     [segments]segment
	chunks    []*chunk
	free      []uint32 // first unused slot of each chunk, linked by shadow.next
	withFree  []uint64 // a bit for each chunk that has one
	allocFrom int      // one of them, where allocate takes from; -1: none
	dirty     []uint64 // a bit for each slot
	highWater uint32   // slots in use or free; those behind are in the last chunk
	draining  int      // the chunk that is being emptied, see compact; -1: none
	trimNext  int      // segment of the index that was looked at last by trim
	live      int
	changed   int // entries that are dirty
	seed      [7]uint64
	sink      uint64 // keeps what is only to be fetched from being optimized away
}

// segment is the part of the index for the hashes that begin with its number:
// places, each hash<<32 | slot or empty, linear probing from a home that is
// proportional to the hash. So a segment can have any size, and is made larger in one go.
type segment struct {
	places []uint64
	used   int
}

// empty marks an unused place of the index; no slot is that large.
const empty = ^uint64(0)

// chunk is a piece of the slab, a whole number of pages. A pointer into it stays valid.
type chunk struct {
	entries [chunkSize]entry
	cold    [chunkSize]coldEntry
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
	return &tb.chunks[slot/chunkSize].entries[slot%chunkSize]
}

// shadow returns the rest of that entry.
func (tb *table) cold(slot uint32) *coldEntry {
	return &tb.chunks[slot/chunkSize].cold[slot%chunkSize]
}

// hash is 32 bits of folded multiplications (as in wyhash) over the whole key.
// The first three depend on nothing and run side by side.
func (tb *table) hash(k *flow.Key) uint32 {
	a := fold(word(k.A[:8])^tb.seed[0], word(k.A[8:])^tb.seed[1])
	b := fold(word(k.B[:8])^tb.seed[2], word(k.B[8:])^tb.seed[3])
	c := fold(ends(k)^tb.seed[4],
		uint64(k.Tunnel.ID)|uint64(k.Interface)<<32|uint64(k.Proto)<<48|uint64(k.ICMPClass)<<56^tb.seed[5])
	h := fold(a^bits.RotateLeft64(b, 32)^uint64(k.Tunnel.Kind), c^tb.seed[6])
	return uint32(h ^ h>>32)
}

// ends are the ports and VLANs of k in one word.
func ends(k *flow.Key) uint64 {
	return uint64(k.PortA) | uint64(k.PortB)<<16 | uint64(k.VLAN[0])<<32 | uint64(k.VLAN[1])<<48
}

// isSame is *a == *b, compared word by word in line: as arrays in a struct they
// would be compared by a call each.
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

// segment is the one for hash h.
func (tb *table) segment(h uint32) *segment { return &tb.index[h>>(32-segmentBits)] }

// home is where the search for h begins.
func (s *segment) home(h uint32) int {
	return int(uint64(h<<segmentBits) * uint64(len(s.places)) >> 32)
}

// after is the place behind place i.
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

// home is the place of the index where the search for h begins.
func (tb *table) home(h uint32) *uint64 {
	s := tb.segment(h)
	return &s.places[s.home(h)]
}

// guess returns the slot of an entry with hash h, likely the one that get will
// return, or none, and moves it to its home(h). It looks at no entry, only at the index.
func (tb *table) guess(h uint32, home *uint64) uint32 {
	if place := *home; uint32(place>>32) == h || place == empty {
		return uint32(place)
	}
	return tb.guessFarther(h, home)
}

// guessFarther is guess where another hash is at home. The two exchange their
// places: so flows with packets come to be at home, one look away, and those that
// are silent to be farther from theirs. No place gets empty by that, and each
// segment has one that is, so that both are still found.
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

// insert adds an entry, zero but for its key, and returns its slot and itself. The
// key must not be in the table.
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

// allocate takes a slot, whose entry is zero: of the chunk whose slot was released
// last, for that is in the cache, else of the first one that has any.
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

// firstRoomy is the first chunk with a slot that was released, or -1.
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
}

// release makes a slot one that allocate returns, unless its chunk is being emptied.
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

// place puts value into the first place that is empty from its home on.
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

// delete forgets e, the entry in slot, and the slot is free to be used again. h is the
// hash of its key.
func (tb *table) delete(slot uint32, e *entry, h uint32) {
	s := tb.segment(h)
	i := s.home(h)
	for uint32(s.places[i]) != slot {
		i = s.after(i)
	}
	s.closeGap(i)
	s.used--
	tb.clearDirty(slot, e)
	*e = entry{}
	tb.release(slot)
	tb.live--
}

// abandon takes the entry in slot out of slots and leaves it in the index. The
// table can do nothing else from then on. To look for a million places of the
// index, each to be fetched from memory, is what a flood's end would wait for.
func (tb *table) abandon(slot uint32) {
	e := tb.at(slot)
	tb.clearDirty(slot, e)
	e.bits &^= inUse
	tb.live--
}

// closeGap empties place i and moves up what was probed past it.
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

// distance is the number of steps from place i on to place j.
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

// soil makes e, the entry in slot, dirty.
func (tb *table) markDirty(slot uint32, e *entry) {
	e.bits |= dirty
	tb.dirty[slot/64] |= 1 << (slot % 64)
	tb.changed++
}

// clean undoes soil, if e, the entry in slot, is dirty.
func (tb *table) clearDirty(slot uint32, e *entry) {
	if !e.bits.has(dirty) {
		return
	}
	e.bits &^= dirty
	tb.dirty[slot/64] &^= 1 << (slot % 64)
	tb.changed--
}

// nextDirty returns the first slot from a given one on whose entry is dirty,
// or none.
func (tb *table) nextDirty(from uint32) uint32 {
	for ; from < tb.highWater; from = (from | 63) + 1 {
		word := tb.dirty[from/64] >> (from % 64)
		if word != 0 {
			return from + uint32(bits.TrailingZeros64(word))
		}
	}
	return none
}
