package db

import (
	"math/rand/v2"

	"weir/db/block"
	"weir/flow"
	"weir/search"
)

// The distinct values that are counted in each group.
const (
	countPeers = iota
	countPorts
	numCounts
)

// batchGroups finds the groups of one batch after another. It reuses its memory.
type batchGroups struct {
	parts  []int64 // of the keys, so many for each group as the grouping has
	sums   []sums
	keys   []byte
	ends   []int                  // of the keys
	values [numCounts][]pairValue // distinct ones
	slots  []int32                // index of a group plus 1; 0: empty
	seen   []uint64               // pairs of group and value of the batch; 0: empty
	groups []int32                // by row
	seed   hashSeed
}

// pairValue is a value of a group.
type pairValue struct {
	group int32
	value uint64
}

func newBatchGroups(seed hashSeed) *batchGroups { return &batchGroups{seed: seed} }

// read aggregates rows by a grouping, with what falls into a span of their counters, and finds the distinct
// values that are counted.
func (f *batchGroups) read(b block.Batch, rows block.Bitmap, clip span, g search.Grouping, counted [numCounts]bool) error {
	var cells []block.GroupCells
	for _, by := range g {
		more, err := block.GroupCellsOf(b, by, rows)
		if err != nil {
			return err
		}
		cells = append(cells, more...)
	}
	if err := f.sum(b, rows, clip, cells); err != nil {
		return err
	}
	if err := f.encode(b, cells); err != nil {
		return err
	}
	for i := range f.values {
		f.values[i] = f.values[i][:0]
	}
	if counted[countPeers] {
		if err := f.findPeers(b, rows, g.PeersAreSources()); err != nil {
			return err
		}
	}
	if counted[countPorts] {
		return f.findPorts(b, rows)
	}
	return nil
}

// sum finds the groups and their sums.
func (f *batchGroups) sum(b block.Batch, rows block.Bitmap, clip span, cells []block.GroupCells) error {
	counts, err := countersOf(b, clip)
	if err != nil {
		return err
	}
	f.parts, f.sums = f.parts[:0], f.sums[:0]
	if len(f.groups) < b.Rows() {
		f.groups = make([]int32, b.Rows())
	}
	slotOf := f.index(cells, rows.Count())
	parts := make([]int64, len(cells))
	rows.Each(func(i int) {
		for k := range cells {
			parts[k] = cells[k].At(i)
		}
		slot := slotOf(parts)
		if slot == nil {
			err = block.ErrDamaged
			return
		}
		if *slot == 0 {
			f.parts = append(f.parts, parts...)
			f.sums = append(f.sums, noSums)
			*slot = int32(len(f.sums))
		}
		f.groups[i] = *slot - 1
		row := counts.at(i)
		f.sums[*slot-1].add(&row)
	})
	return err
}

// index returns a function that returns the slot of a key. For a single column with few values the slots
// are an array of these values, which halves the time of a query. The function returns nil for a value
// outside of the column's zone, which a damaged header with a valid checksum can make too narrow.
func (f *batchGroups) index(cells []block.GroupCells, rows int) func(parts []int64) *int32 {
	z := cells[0].Zone
	if size := uint64(z.Max) - uint64(z.Min); len(cells) == 1 && cells[0].Raw && size < 1<<16 {
		f.clearSlots(int(size) + 1)
		return func(parts []int64) *int32 {
			if i := uint64(parts[0]) - uint64(z.Min); i < uint64(len(f.slots)) {
				return &f.slots[i]
			}
			return nil
		}
	}
	size := slotsFor(rows)
	f.clearSlots(size)
	return func(parts []int64) *int32 {
		var h uint64
		for _, v := range parts {
			h = f.seed.hash(uint64(v), h)
		}
		for at := h; ; at++ {
			slot := &f.slots[at&uint64(size-1)]
			if *slot == 0 || f.hasParts(int(*slot)-1, parts) {
				return slot
			}
		}
	}
}

func (f *batchGroups) hasParts(group int, parts []int64) bool {
	for k, v := range parts {
		if f.parts[group*len(parts)+k] != v {
			return false
		}
	}
	return true
}

// slotsFor returns the size of a hash table for n entries.
func slotsFor(n int) int {
	size := 64
	for size < 2*n {
		size *= 2
	}
	return size
}

func (f *batchGroups) clearSlots(n int) {
	if cap(f.slots) < n {
		f.slots = make([]int32, n)
	}
	f.slots = f.slots[:n]
	clear(f.slots)
}

// encode makes the keys of the groups.
func (f *batchGroups) encode(b block.Batch, cells []block.GroupCells) error {
	var dict *block.Addresses
	for _, c := range cells {
		if c.Address && dict == nil {
			var err error
			if dict, err = b.Addresses(); err != nil {
				return err
			}
		}
	}
	f.keys, f.ends = f.keys[:0], f.ends[:0]
	for i, part := range f.parts {
		k := i % len(cells)
		var err error
		if f.keys, err = appendKeyPart(f.keys, part, cells[k].Address, dict); err != nil {
			return err
		}
		if k == len(cells)-1 {
			f.ends = append(f.ends, len(f.keys))
		}
	}
	return nil
}

// key returns the key of a group.
func (f *batchGroups) key(group int) []byte {
	from := 0
	if group > 0 {
		from = f.ends[group-1]
	}
	return f.keys[from:f.ends[group]]
}

// findPeers finds the addresses of the other side of every group.
func (f *batchGroups) findPeers(b block.Batch, rows block.Bitmap, sources bool) error {
	column := block.ColDst
	if sources {
		column = block.ColSrc
	}
	cells, err := b.Cells(column)
	if err != nil {
		return err
	}
	dict, err := b.Addresses()
	if err != nil {
		return err
	}
	return f.find(countPeers, rows, cells.At, func(index int64) (uint64, bool, error) {
		a, err := dict.At(index)
		if err != nil || !a.IsValid() {
			return 0, false, err
		}
		return valueOf(a, f.seed), true, nil
	})
}

// findPorts finds the destination ports of every group.
func (f *batchGroups) findPorts(b block.Batch, rows block.Bitmap) error {
	ports, err := block.Ports(b)
	if err != nil {
		return err
	}
	return f.find(countPorts, rows, ports, func(port int64) (uint64, bool, error) {
		return uint64(port), flow.Proto(port >> 16).HasPorts(), nil
	})
}

// find collects the distinct numbers of every group as values.
func (f *batchGroups) find(count int, rows block.Bitmap, at func(row int) int64, value func(n int64) (uint64, bool, error)) error {
	size := slotsFor(rows.Count())
	if cap(f.seen) < size {
		f.seen = make([]uint64, size)
	}
	f.seen = f.seen[:size]
	clear(f.seen)
	var failed error
	rows.Each(func(i int) {
		n := at(i)
		pair := uint64(f.groups[i]+1)<<32 | uint64(uint32(n+1))
		for k := f.seed.hash(pair, 0); ; k++ {
			slot := &f.seen[k&uint64(size-1)]
			if *slot == pair {
				return
			}
			if *slot == 0 {
				*slot = pair
				break
			}
		}
		v, ok, err := value(n)
		if err != nil {
			failed = err
		} else if ok {
			f.values[count] = append(f.values[count], pairValue{f.groups[i], v})
		}
	})
	return failed
}

func newSeed() hashSeed { return hashSeed{rand.Uint64(), rand.Uint64()} }
