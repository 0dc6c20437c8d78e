package db

import (
	"bytes"
	"hash/maphash"
	"math"
	"math/bits"
)

// hashSeed makes hashes unpredictable, so that an attacker can't choose addresses that collide.
type hashSeed [2]uint64

// hash folds a 64×64-bit product, as wyhash does.
func (s hashSeed) hash(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^s[0], b^s[1])
	return hi ^ lo
}

// groupTable sums groups by their keys: a hash table with open addressing, whose entries are never
// copied as it grows. It holds only groups whose hashes are in a range. When there are more than limit, it
// halves the range and drops the groups outside, so memory is bounded and the remaining groups are
// complete. It has no pointers, so that the garbage collector skips it.
type groupTable struct {
	limit       int
	seed        maphash.Seed
	first, last uint64       // the range of hashes, both included
	chunks      [][]tableRow // of chunkGroups rows each
	n           int          // rows in use
	slots       []int32      // number of a row plus 1; 0: empty
	tags        []uint8      // bits of the hash, by slot: most keys of other groups need no comparison
	keys        keyArena
}

type tableRow struct {
	sums
	key   uint32            // in the arena
	count [numCounts]uint32 // distinct values
}

const chunkGroups = 4096

func newGroupTable(limit int) *groupTable {
	return &groupTable{limit: limit, seed: maphash.MakeSeed(), last: math.MaxUint64, slots: make([]int32, 1024), tags: make([]uint8, 1024)}
}

// reset empties the table and sets its range of hashes. It keeps its memory.
func (t *groupTable) reset(first, last uint64) {
	t.first, t.last, t.n, t.keys.used = first, last, 0, 0
	clear(t.slots)
}

func (t *groupTable) row(i int) *tableRow { return &t.chunks[i/chunkGroups][i%chunkGroups] }

// hash returns the hash of a key.
func (t *groupTable) hash(key []byte) uint64 { return maphash.Bytes(t.seed, key) }

// find returns the row of a key, or -1.
func (t *groupTable) find(key []byte, hash uint64) int { return int(t.slots[t.slot(hash, key)]) - 1 }

// add adds s to the group of a key, and returns its row, or -1 if its hash is not in the range. If that
// moves rows, moved is called with the new number of every row, -1 for those that were dropped.
func (t *groupTable) add(key []byte, hash uint64, s *sums, moved func(rows []int32)) int {
	if hash < t.first || t.last < hash {
		return -1
	}
	slot := t.slot(hash, key)
	if row := int(t.slots[slot]) - 1; row >= 0 {
		t.row(row).sums.add(s)
		return row
	}
	if t.n == t.limit {
		moved(t.halve())
		return t.add(key, hash, s, moved)
	}
	if t.n == len(t.chunks)*chunkGroups {
		t.chunks = append(t.chunks, make([]tableRow, chunkGroups))
	}
	*t.row(t.n) = tableRow{sums: *s, key: t.keys.add(key)}
	t.n++
	t.slots[slot], t.tags[slot] = int32(t.n), tagOf(hash)
	if 4*t.n > 3*len(t.slots) {
		n := 2 * len(t.slots)
		t.slots, t.tags = make([]int32, n), make([]uint8, n)
		t.index()
	}
	return t.n - 1
}

// key returns the key of a row.
func (t *groupTable) key(i int) []byte { return t.keys.at(t.row(i).key) }

// tagOf returns bits of a hash that don't choose the slot.
func tagOf(hash uint64) uint8 { return uint8(hash >> 48) }

// slot returns the slot of a key.
func (t *groupTable) slot(hash uint64, key []byte) int {
	for at := int(hash); ; at++ {
		at &= len(t.slots) - 1
		row := int(t.slots[at]) - 1
		if row < 0 || t.tags[at] == tagOf(hash) && bytes.Equal(t.key(row), key) {
			return at
		}
	}
}

// index fills the empty slots.
func (t *groupTable) index() {
	for i := range t.n {
		hash := t.hash(t.key(i))
		at := int(hash) & (len(t.slots) - 1)
		for t.slots[at] != 0 { // all keys are different
			at = (at + 1) & (len(t.slots) - 1)
		}
		t.slots[at], t.tags[at] = int32(i+1), tagOf(hash)
	}
}

// halve halves the range, drops the groups outside of it, and returns the new number of every row, -1 for
// those that it dropped.
func (t *groupTable) halve() []int32 {
	t.last = t.first + (t.last-t.first)/2
	moved := make([]int32, t.n)
	kept := 0
	t.keys.used = 0
	for i := range t.n {
		row := *t.row(i)
		key := t.keys.at(row.key)
		if moved[i] = -1; t.hash(key) > t.last {
			continue
		}
		row.key = t.keys.add(key) // not behind its old place: all before it have moved forward, or not at all
		*t.row(kept) = row
		moved[i] = int32(kept)
		kept++
	}
	t.n = kept
	clear(t.slots)
	t.index()
	return moved
}

// keyArena holds keys of up to 255 bytes, each after its length.
type keyArena struct {
	chunks [][]byte
	used   int // bytes, those at the ends of chunks that are too few for a key included
}

const arenaChunk = 1 << 16

// add adds a key and returns its place.
func (a *keyArena) add(key []byte) uint32 {
	if a.used%arenaChunk+1+len(key) > arenaChunk {
		a.used += arenaChunk - a.used%arenaChunk
	}
	if a.used == len(a.chunks)*arenaChunk {
		a.chunks = append(a.chunks, make([]byte, arenaChunk))
	}
	at := a.used
	chunk := a.chunks[at/arenaChunk][at%arenaChunk:]
	n := len(key)
	copy(chunk[1:], key) // before the length, which may overwrite the end of the key's old place
	chunk[0] = byte(n)
	a.used += 1 + n
	return uint32(at)
}

// at returns the key at a place.
func (a *keyArena) at(place uint32) []byte {
	chunk := a.chunks[place/arenaChunk][place%arenaChunk:]
	return chunk[1 : 1+int(chunk[0])]
}
