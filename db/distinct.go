package db

import (
	"encoding/binary"
	"math"
	"net/netip"
)

// distinct counts the distinct values of groups: a hash table of pairs of group and value. It holds pairs
// whose hashes are in a range. When there are more than limit, it halves the range and drops the pairs outside,
// which another pass has to count. A droppable set grows beyond the limit while there is room, then is dropped.
type distinct struct {
	limit       int
	droppable   bool
	room        func(slots int) bool // of a droppable set: whether it may get so many slots more
	dropped     bool
	ended       bool   // all values are counted
	first, last uint64 // the range of hashes, both included
	n           int
	hashes      []uint64 // of group and value, different for different values of a group
	rows        []int32  // row of the group in the table plus 1; 0: empty
}

// Slots of a distinct set, of which three quarters are used.
const (
	leastSlots = 1 << 10
	fewSlots   = 1 << 17 // of counts that can be had for the first groups alone, afterwards, however many groups there are: 1.5 MB
	mostSlots  = 1 << 20 // of counts by which groups are ordered: 12 MB
)

// newDistinct returns a set whose pairs fill three quarters of so many slots.
func newDistinct(slots int) distinct { return distinct{limit: slots / 4 * 3, last: math.MaxUint64} }

// newDroppable returns a droppable set with so many slots at least.
func newDroppable(slots int, room func(slots int) bool) distinct {
	return distinct{limit: slots / 4 * 3, droppable: true, room: room, last: math.MaxUint64}
}

// begin makes the range that of the first pass, end the set empty until then.
func (d *distinct) begin() { d.ended, d.first, d.last = false, 0, math.MaxUint64 }
func (d *distinct) end()   { d.ended = true }

// counting reports whether values are added.
func (d *distinct) counting() bool { return !d.dropped && !d.ended }

// reset empties the set and sets its range.
func (d *distinct) reset(first, last uint64) {
	if !d.counting() {
		return
	}
	if d.rows == nil {
		d.hashes, d.rows = make([]uint64, leastSlots), make([]int32, leastSlots)
	}
	d.first, d.last, d.n = first, last, 0
	clear(d.rows)
}

// drop gives the memory back.
func (d *distinct) drop() { d.dropped, d.hashes, d.rows, d.n = true, nil, nil, 0 }

// add adds a pair: the row of the group, and pairHash.
func (d *distinct) add(row int, hash uint64) {
	if hash < d.first || d.last < hash || !d.counting() {
		return
	}
	slot := d.slot(row, hash)
	if d.rows[slot] != 0 {
		return
	}
	if d.n >= d.limit {
		switch {
		case d.droppable && d.room(2*len(d.rows)):
			d.limit *= 2
			d.add(row, hash)
			return
		case d.droppable:
			d.drop()
			return
		}
		d.last = d.first + (d.last-d.first)/2
		d.rebuild(len(d.rows), func(row int, h uint64) int {
			if h > d.last {
				return -1
			}
			return row
		})
		d.add(row, hash)
		return
	}
	d.hashes[slot], d.rows[slot] = hash, int32(row+1)
	if d.n++; 4*d.n > 3*len(d.rows) {
		d.rebuild(2*len(d.rows), func(row int, _ uint64) int { return row })
	}
}

func (d *distinct) slot(row int, hash uint64) int {
	for at := int(hash); ; at++ {
		at &= len(d.rows) - 1
		if d.rows[at] == 0 || d.rows[at] == int32(row+1) && d.hashes[at] == hash {
			return at
		}
	}
}

// rebuild moves the pairs into so many slots. moved returns the row that a group has now, or -1 to drop
// the pair.
func (d *distinct) rebuild(slots int, moved func(row int, hash uint64) int) {
	hashes, rows := d.hashes, d.rows
	d.hashes, d.rows, d.n = make([]uint64, slots), make([]int32, slots), 0
	for i, r := range rows {
		if r == 0 {
			continue
		}
		row := moved(int(r)-1, hashes[i])
		if row < 0 {
			continue
		}
		slot := d.slot(row, hashes[i])
		d.hashes[slot], d.rows[slot] = hashes[i], int32(row+1)
		d.n++
	}
}

// each calls fn with the row of the group of every pair.
func (d *distinct) each(fn func(row int)) {
	for _, r := range d.rows {
		if r != 0 {
			fn(int(r) - 1)
		}
	}
}

// next sets the range of the next pass, and reports whether there is one.
func (d *distinct) next() bool {
	if d.last == math.MaxUint64 {
		return false
	}
	first := d.last + 1
	d.reset(first, first+min(d.last-d.first, math.MaxUint64-first))
	return true
}

// pairHash mixes the hash of a group and a value. For each group it is a bijection of the value (the
// finalizer of MurmurHash3), so different values have different hashes.
func pairHash(group, value uint64) uint64 {
	h := group ^ value
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// valueOf returns an address as a number: IPv4 as it is, IPv6 as a hash of 63 bits. So counts of IPv4
// addresses are exact, and n IPv6 addresses of a group are counted as fewer with a probability below n²/2⁶⁴.
func valueOf(a netip.Addr, seed hashSeed) uint64 {
	bytes := a.As16()
	hi, lo := binary.BigEndian.Uint64(bytes[:8]), binary.BigEndian.Uint64(bytes[8:])
	if a.Is4() {
		return lo & math.MaxUint32
	}
	return seed.hash(hi, lo) | 1<<63
}
