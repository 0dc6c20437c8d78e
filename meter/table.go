package meter

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"

	"weir/flow"
)

// none is the slot that no entry has.
const none = ^uint32(0)

// Entries are allocated in chunks, so that growing copies none of them and a
// pointer to an entry stays valid while the flow lives.
const (
	chunkBits = 12
	chunkSize = 1 << chunkBits
)

// table finds a flow's entry by its key. It is an index with open addressing
// over a slab of pointer-free entries: nothing in it is looked at by the
// garbage collector. The hash is seeded, so that nobody who picks addresses
// and ports can make keys collide.
//
// An entry is named by its slot, which stays the same until delete.
type table struct {
	index  []uint64 // hash<<32 | slot, or empty; a power of two, linear probing
	chunks [][]entry
	free   uint32 // first unused slot, linked by entry.next
	made   uint32 // slots in use or free
	live   int
	seed   [4]uint64
}

// empty marks an unused place of the index; no slot is that large.
const empty = ^uint64(0)

const minIndex = 1024

func newTable() *table {
	tb := &table{free: none, index: newIndex(minIndex)}
	for i := range tb.seed {
		tb.seed[i] = rand.Uint64()
	}
	return tb
}

func newIndex(n int) []uint64 {
	index := make([]uint64, n)
	for i := range index {
		index[i] = empty
	}
	return index
}

// at returns the entry in a slot.
func (tb *table) at(slot uint32) *entry {
	return &tb.chunks[slot>>chunkBits][slot&(chunkSize-1)]
}

// hash is 32 bits of a folded multiplication (as in wyhash) over the whole key.
func (tb *table) hash(k *flow.Key) uint32 {
	word := binary.LittleEndian.Uint64
	h := mix(word(k.A[:8])^tb.seed[0], word(k.A[8:])^tb.seed[1])
	h = mix(h^word(k.B[:8]), word(k.B[8:])^tb.seed[2])
	h = mix(h^(uint64(k.PortA)|uint64(k.PortB)<<16|uint64(k.VLAN[0])<<32|uint64(k.VLAN[1])<<48),
		tb.seed[3]^(uint64(k.Tunnel.ID)|uint64(k.Interface)<<32|uint64(k.Proto)<<48|uint64(k.ICMPClass)<<56))
	h = mix(h^uint64(k.Tunnel.Kind), tb.seed[0])
	return uint32(h ^ h>>32)
}

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// get returns the slot of the flow with key k, or none. h is hash(k).
func (tb *table) get(k *flow.Key, h uint32) uint32 {
	mask := uint32(len(tb.index) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		place := tb.index[i]
		if place == empty {
			return none
		}
		if uint32(place>>32) == h && tb.at(uint32(place)).key == *k {
			return uint32(place)
		}
	}
}

// insert adds an entry, zero but for its key, and returns its slot. The key
// must not be in the table.
func (tb *table) insert(k *flow.Key, h uint32) uint32 {
	if tb.live >= len(tb.index)/4*3 {
		tb.grow()
	}
	slot := tb.allocate()
	e := tb.at(slot)
	*e = entry{key: *k, bits: e.bits & listed}
	tb.place(uint64(h)<<32 | uint64(slot))
	tb.live++
	return slot
}

func (tb *table) allocate() uint32 {
	if slot := tb.free; slot != none {
		tb.free = tb.at(slot).next
		return slot
	}
	if int(tb.made) == len(tb.chunks)*chunkSize {
		tb.chunks = append(tb.chunks, make([]entry, chunkSize))
	}
	tb.made++
	return tb.made - 1
}

func (tb *table) place(value uint64) {
	mask := uint32(len(tb.index) - 1)
	i := uint32(value>>32) & mask
	for tb.index[i] != empty {
		i = (i + 1) & mask
	}
	tb.index[i] = value
}

func (tb *table) grow() {
	old := tb.index
	tb.index = newIndex(2 * len(old))
	for _, value := range old {
		if value != empty {
			tb.place(value)
		}
	}
}

// delete forgets the entry in slot, and the slot is free to be used again.
func (tb *table) delete(slot uint32) {
	e := tb.at(slot)
	mask := uint32(len(tb.index) - 1)
	i := tb.hash(&e.key) & mask
	for uint32(tb.index[i]) != slot {
		i = (i + 1) & mask
	}
	tb.closeGap(i, mask)
	*e = entry{next: tb.free, bits: e.bits & listed}
	tb.free = slot
	tb.live--
}

// closeGap empties place i and moves up what was probed past it.
func (tb *table) closeGap(i, mask uint32) {
	for j := (i + 1) & mask; tb.index[j] != empty; j = (j + 1) & mask {
		home := uint32(tb.index[j]>>32) & mask
		if (j-home)&mask >= (j-i)&mask { // its home is at or before the gap
			tb.index[i] = tb.index[j]
			i = j
		}
	}
	tb.index[i] = empty
}

// slots returns the slots of all entries.
func (tb *table) slots() []uint32 {
	all := make([]uint32, 0, tb.live)
	for _, value := range tb.index {
		if value != empty {
			all = append(all, uint32(value))
		}
	}
	return all
}
