package db

import (
	"encoding/binary"
	"math/bits"
	"net/netip"

	"weir/db/block"
)

// groupKey identifies a group in all batches. It has no pointers, so that the garbage collector skips
// the table.
type groupKey interface {
	comparable
	hash(seed hashSeed) uint64
}

// hashSeed makes hashes unpredictable, so that an attacker can't choose addresses that collide.
type hashSeed [2]uint64

// hash folds a 64×64-bit product, as wyhash does.
func (s hashSeed) hash(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^s[0], b^s[1])
	return hi ^ lo
}

// numberKey identifies a node, or a protocol and port.
type numberKey int64

func (k numberKey) hash(seed hashSeed) uint64 { return seed.hash(uint64(k), 0) }

// addrKey is an address. family distinguishes IPv4 from ::ffff:0:0/96, which has the same bits.
type addrKey struct {
	hi, lo uint64
	family uint8 // 4, 6, or 0: no address
}

// addrKeyOf returns the key of an address of a batch.
func addrKeyOf(b block.Batch, index int64) (addrKey, error) {
	dict, err := b.Addresses()
	if err != nil {
		return addrKey{}, err
	}
	a, err := dict.At(index)
	if err != nil || !a.IsValid() {
		return addrKey{}, err
	}
	bytes := a.As16()
	k := addrKey{binary.BigEndian.Uint64(bytes[:8]), binary.BigEndian.Uint64(bytes[8:]), 6}
	if a.Is4() {
		k.family = 4
	}
	return k, nil
}

func (k addrKey) addr() netip.Addr {
	if k.family == 0 {
		return netip.Addr{}
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], k.hi)
	binary.BigEndian.PutUint64(b[8:], k.lo)
	a := netip.AddrFrom16(b)
	if k.family == 4 {
		a = a.Unmap()
	}
	return a
}

func (k addrKey) hash(seed hashSeed) uint64 { return seed.hash(k.hi^uint64(k.family), k.lo) }

// pairKey is two addresses.
type pairKey struct {
	srcHi, srcLo, dstHi, dstLo uint64
	srcFamily, dstFamily       uint8
}

func (k pairKey) src() addrKey { return addrKey{k.srcHi, k.srcLo, k.srcFamily} }
func (k pairKey) dst() addrKey { return addrKey{k.dstHi, k.dstLo, k.dstFamily} }

func (k pairKey) hash(seed hashSeed) uint64 {
	return seed.hash(k.src().hash(seed), bits.RotateLeft64(k.dst().hash(seed), 32))
}

// groupTable sums groups by their keys: a hash table with open addressing, whose entries are never
// copied as it grows. It holds only groups whose hashes are in a range. When there are more than limit, it
// halves the range and drops the groups outside, so memory is bounded and the remaining groups are
// complete.
type groupTable[K groupKey] struct {
	limit       int
	seed        hashSeed
	first, last uint64          // the range of hashes, both included
	chunks      [][]tableRow[K] // of chunkGroups rows each
	n           int             // rows in use
	slots       []int32         // number of a row plus 1; 0: empty
}

type tableRow[K groupKey] struct {
	key K
	sums
}

const chunkGroups = 4096

func newGroupTable[K groupKey](limit int, seed hashSeed) *groupTable[K] {
	return &groupTable[K]{limit: limit, seed: seed, slots: make([]int32, 1024)}
}

// reset empties the table and sets its range of hashes. It keeps its memory.
func (t *groupTable[K]) reset(first, last uint64) {
	t.first, t.last, t.n = first, last, 0
	clear(t.slots)
}

func (t *groupTable[K]) row(i int) *tableRow[K] { return &t.chunks[i/chunkGroups][i%chunkGroups] }

// add adds s to the group of a key, if its hash is in the range.
func (t *groupTable[K]) add(key K, s *sums) {
	h := key.hash(t.seed)
	if h < t.first || t.last < h {
		return
	}
	slot := t.slot(h, key)
	if *slot != 0 {
		t.row(int(*slot) - 1).sums.add(*s)
		return
	}
	if t.n == t.limit {
		t.halve()
		t.add(key, s)
		return
	}
	t.append(tableRow[K]{key, *s})
	*slot = int32(t.n)
	if 4*t.n > 3*len(t.slots) {
		t.slots = make([]int32, 2*len(t.slots))
		t.index()
	}
}

// slot returns the slot of a key.
func (t *groupTable[K]) slot(hash uint64, key K) *int32 {
	for at := hash; ; at++ {
		slot := &t.slots[at&uint64(len(t.slots)-1)]
		if *slot == 0 || t.row(int(*slot)-1).key == key {
			return slot
		}
	}
}

func (t *groupTable[K]) append(row tableRow[K]) {
	if t.n == len(t.chunks)*chunkGroups {
		t.chunks = append(t.chunks, make([]tableRow[K], chunkGroups))
	}
	*t.row(t.n) = row
	t.n++
}

// index fills the empty slots.
func (t *groupTable[K]) index() {
	for i := range t.n {
		key := t.row(i).key
		*t.slot(key.hash(t.seed), key) = int32(i + 1)
	}
}

// halve halves the range, and drops the groups outside of it.
func (t *groupTable[K]) halve() {
	t.last = t.first + (t.last-t.first)/2
	kept := 0
	for i := range t.n {
		if row := t.row(i); row.key.hash(t.seed) <= t.last {
			*t.row(kept) = *row
			kept++
		}
	}
	t.n = kept
	clear(t.slots)
	t.index()
}

// each calls fn with every group.
func (t *groupTable[K]) each(fn func(key K, s *sums)) {
	for i := range t.n {
		row := t.row(i)
		fn(row.key, &row.sums)
	}
}
