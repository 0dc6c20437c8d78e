package db

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"weir/db/block"
	"weir/flow"
	"weir/search"
)

// Top returns the n groups with the most octets among the flows of q, largest first; ties are ordered by
// flows, then by key. All matching flows count: q.Limit is ignored.
//
// It holds at most a million groups at a time. If there are more, it reads the flows several times, each
// time for other groups; flows written meanwhile count only in groups of later passes.
func (r *Reader) Top(ctx context.Context, q search.Request, by search.By, n int) ([]search.Talker, error) {
	top, err := r.top(ctx, q, by, n, maxGroups)
	if !search.Answered(err) {
		return nil, fmt.Errorf("sum flows: %w", err)
	}
	return top, err
}

// top is Top with at most limit groups in memory.
func (r *Reader) top(ctx context.Context, q search.Request, by search.By, n, limit int) ([]search.Talker, error) {
	switch by {
	case search.BySrc:
		return topOf(ctx, r, q, addressGroups(block.ColSrc, func(t *search.Talker, k addrKey) { t.Src = k.addr() }), by, n, limit)
	case search.ByDst:
		return topOf(ctx, r, q, addressGroups(block.ColDst, func(t *search.Talker, k addrKey) { t.Dst = k.addr() }), by, n, limit)
	case search.ByPair:
		return topOf(ctx, r, q, pairGroups, by, n, limit)
	case search.ByPort:
		return topOf(ctx, r, q, portGroups, by, n, limit)
	case search.ByNode:
		return topOf(ctx, r, q, nodeGroups, by, n, limit)
	}
	return nil, fmt.Errorf("unknown grouping %q", by)
}

// grouping describes the groups of a kind: which columns their flows share, and what identifies a group
// in all batches.
type grouping[K groupKey] struct {
	columns []block.Column // one or two
	key     func(b block.Batch, values [2]int64) (K, error)
	set     func(t *search.Talker, key K, names *dictionary)
}

func addressGroups(c block.Column, set func(*search.Talker, addrKey)) grouping[addrKey] {
	return grouping[addrKey]{
		columns: []block.Column{c},
		key:     func(b block.Batch, values [2]int64) (addrKey, error) { return addrKeyOf(b, values[0]) },
		set:     func(t *search.Talker, k addrKey, _ *dictionary) { set(t, k) },
	}
}

var pairGroups = grouping[pairKey]{
	columns: []block.Column{block.ColSrc, block.ColDst},
	key: func(b block.Batch, values [2]int64) (pairKey, error) {
		src, err := addrKeyOf(b, values[0])
		if err != nil {
			return pairKey{}, err
		}
		dst, err := addrKeyOf(b, values[1])
		return pairKey{src.hi, src.lo, dst.hi, dst.lo, src.family, dst.family}, err
	},
	set: func(t *search.Talker, k pairKey, _ *dictionary) { t.Src, t.Dst = k.src().addr(), k.dst().addr() },
}

var portGroups = grouping[numberKey]{
	columns: []block.Column{block.ColProto, block.ColDport},
	key: func(_ block.Batch, values [2]int64) (numberKey, error) {
		k := numberKey(values[0] << 16)
		if flow.Proto(values[0]).HasPorts() {
			k |= numberKey(values[1])
		}
		return k, nil
	},
	set: func(t *search.Talker, k numberKey, _ *dictionary) { t.Proto, t.Port = flow.Proto(k>>16), uint16(k) },
}

var nodeGroups = grouping[numberKey]{
	columns: []block.Column{block.ColNode},
	key:     func(_ block.Batch, values [2]int64) (numberKey, error) { return numberKey(values[0]), nil },
	set:     func(t *search.Talker, k numberKey, names *dictionary) { t.Node = names.name(int64(k)) },
}

// topOf reads the groups in as many passes as it takes with a table of limit groups.
func topOf[K groupKey](ctx context.Context, r *Reader, q search.Request, g grouping[K], by search.By, n, limit int) ([]search.Talker, error) {
	now := r.now()
	best := ranking{n: max(n, 0), by: by}
	var incomplete error
	var keys []K
	table := newGroupTable[K](limit, hashSeed{rand.Uint64(), rand.Uint64()})
	for first, last := uint64(0), uint64(math.MaxUint64); ; {
		var names *dictionary
		err := r.read(ctx, q.Progress, func(sn *snapshot) error {
			names = sn.names
			table.reset(first, last)
			sel, err := compile(q.Query, sn.names, now)
			if err != nil || sel.matchesNothing() {
				return err
			}
			return sn.group(sel, g.columns, func(b block.Batch, found []group) error {
				keys = keys[:0] // read all keys first: a damaged block must not count in part
				for i := range found {
					key, err := g.key(b, found[i].key)
					if err != nil {
						return err
					}
					keys = append(keys, key)
				}
				for i, key := range keys {
					table.add(key, &found[i].sums)
				}
				return nil
			})
		})
		if !search.Answered(err) {
			return nil, err
		}
		incomplete = search.JoinIncomplete(incomplete, err)
		var t search.Talker // one, because each would be an allocation
		table.each(func(key K, s *sums) {
			t = search.Talker{Flows: s.flows, Octets: s.octets, Packets: s.packets}
			g.set(&t, key, names)
			best.add(&t)
		})
		if table.last == math.MaxUint64 {
			return best.sorted(), incomplete
		}
		// Hashes are distributed evenly: a range of the same size has about as many groups.
		width := table.last - first
		first = table.last + 1
		last = first + min(width, math.MaxUint64-first)
	}
}

// group is the sums of the rows that share the values of one or two columns.
type group struct {
	key [2]int64
	sums
}

// group calls fn with the groups of every batch, valid until fn returns, one batch at a time.
func (sn *snapshot) group(sel selection, columns []block.Column, fn func(b block.Batch, found []group) error) error {
	var mu sync.Mutex
	var free sync.Pool // of *batchGroups, one for each worker
	return sn.visit(sel, func(b block.Batch, rows block.Bitmap) error {
		found, _ := free.Get().(*batchGroups)
		if found == nil {
			found = new(batchGroups)
		}
		defer free.Put(found)
		if err := found.read(b, rows, columns); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		return fn(b, found.groups)
	})
}

// batchGroups finds the groups of one batch after another. It reuses its memory.
type batchGroups struct {
	groups []group
	slots  []int32 // index in groups plus 1; 0: empty
	seed   hashSeed
}

// read aggregates rows by the values of one or two columns.
func (f *batchGroups) read(b block.Batch, rows block.Bitmap, columns []block.Column) error {
	counts, err := countersOf(b)
	if err != nil {
		return err
	}
	first, err := b.Cells(columns[0])
	if err != nil {
		return err
	}
	second := block.Constant(0)
	if len(columns) > 1 {
		if second, err = b.Cells(columns[1]); err != nil {
			return err
		}
	}
	f.groups = f.groups[:0]
	slotOf := f.index(b, columns, rows.Count())
	rows.Each(func(i int) {
		key := [2]int64{first.At(i), second.At(i)}
		slot := slotOf(key)
		if slot == nil {
			err = block.ErrDamaged
			return
		}
		if *slot == 0 {
			f.groups = append(f.groups, group{key: key})
			*slot = int32(len(f.groups))
		}
		f.groups[*slot-1].add(counts.at(i))
	})
	return err
}

// index returns a function that returns the slot of a key. For a single column with few values the slots
// are an array of these values, which halves the time of a query. The function returns nil for a value
// outside of the column's zone, which a damaged header with a valid checksum can make too narrow.
func (f *batchGroups) index(b block.Batch, columns []block.Column, rows int) func(key [2]int64) *int32 {
	z := b.Zone(columns[0])
	if size := uint64(z.Max) - uint64(z.Min); len(columns) == 1 && size < 1<<16 {
		f.clearSlots(int(size) + 1)
		return func(key [2]int64) *int32 {
			if i := uint64(key[0]) - uint64(z.Min); i < uint64(len(f.slots)) {
				return &f.slots[i]
			}
			return nil
		}
	}
	if f.seed == (hashSeed{}) {
		f.seed = hashSeed{rand.Uint64(), rand.Uint64()}
	}
	size := 64
	for size < 2*rows {
		size *= 2
	}
	f.clearSlots(size)
	return func(key [2]int64) *int32 {
		for at := f.seed.hash(uint64(key[0]), uint64(key[1])); ; at++ {
			slot := &f.slots[at&uint64(size-1)]
			if *slot == 0 || f.groups[*slot-1].key == key {
				return slot
			}
		}
	}
}

func (f *batchGroups) clearSlots(n int) {
	if cap(f.slots) < n {
		f.slots = make([]int32, n)
	}
	f.slots = f.slots[:n]
	clear(f.slots)
}
