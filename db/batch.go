package db

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"weir/search"
)

// batch is rows that a filter is applied to: a block, or some rows of the table hot.
type batch interface {
	zoned
	rows() int
	cells(column) (cells, error)
	some(column, bitmap) (cells, error) // of these rows at least
	addresses() (*addressList, error)   // address columns hold places in it

	// within takes those rows out of a set of whose addresses none is in the ranges.
	within(ranges []search.AddrRange, columns []column, rows bitmap) error
}

// zoned is what says between which numbers the cells of its columns lie.
type zoned interface{ zone(column) zone }

func (b *block) zone(c column) zone { return b.zones[c] }

// interval is the numbers from lo to hi, both included.
type interval struct{ lo, hi int64 }

// merge sorts intervals and joins those that overlap.
func merge(in []interval) []interval {
	slices.SortFunc(in, func(a, b interval) int { return cmp.Compare(a.lo, b.lo) })
	var out []interval
	for _, x := range in {
		switch n := len(out); {
		case x.lo > x.hi:
		case n > 0 && x.lo <= out[n-1].hi:
			out[n-1].hi = max(out[n-1].hi, x.hi)
		default:
			out = append(out, x)
		}
	}
	return out
}

// within reports whether a merged list has an interval that holds v.
func within(list []interval, v int64) bool {
	if len(list) > 4 {
		i, _ := slices.BinarySearchFunc(list, v, func(x interval, v int64) int { return cmp.Compare(x.hi, v) })
		return i < len(list) && list[i].lo <= v
	}
	for _, x := range list {
		if x.lo <= v && v <= x.hi {
			return true
		}
	}
	return false
}

// source hands out the parts of one block.
type source interface {
	// part returns a part without its checksum. It is valid as long as the block is being read.
	part(number int) ([]byte, error)
	// parts calls fn with the parts from one number to another, in order. Each is valid until fn returns.
	parts(from, to int, fn func(part []byte) error) error
	// memory returns n bytes, with anything in them, that are valid as long as the block is being read.
	memory(n int) []byte
}

// storedBatch is a block whose parts are read when they are asked for.
type storedBatch struct {
	*block
	from    source
	columns [numColumns]cells
	loaded  [numColumns]bool
	dict    *addressList
	list    addressList // what dict points to
}

// reset begins to read another block.
func (b *storedBatch) reset(k *block, from source) { *b = storedBatch{block: k, from: from} }

func (b *storedBatch) rows() int { return b.block.rows }

func (b *storedBatch) cells(c column) (cells, error) {
	if b.loaded[c] {
		return b.columns[c], nil
	}
	got, err := b.load(c)
	b.columns[c], b.loaded[c] = got, err == nil
	return got, err
}

func (b *storedBatch) load(c column) (cells, error) {
	z := &b.zones[c]
	switch {
	case z.width == 0:
		return constant(z.min), nil
	case c >= rowsOnly:
		return b.fromRows(c, rowRange(b.block.rows, 0, b.block.rows))
	}
	data, err := b.from.part(partColumn + int(c))
	if err == nil && len(data) != b.columnBytes(z) {
		err = errDamaged
	}
	return z.cells(data, 0, z.width), err
}

// some returns the cells of a column of which only those of some rows will be asked for.
func (b *storedBatch) some(c column, rows bitmap) (cells, error) {
	if c < rowsOnly || b.zones[c].width == 0 || b.loaded[c] || 4*rows.count() > b.block.rows {
		return b.cells(c)
	}
	return b.fromRows(c, rows)
}

// fromRows collects cells of a column out of the rows.
func (b *storedBatch) fromRows(c column, wanted bitmap) (cells, error) {
	z := &b.zones[c]
	data := b.from.memory(8*b.block.rows + padding)
	list := make([]int, 0, b.block.rows)
	wanted.each(func(row int) { list = append(list, row) })
	err := b.chunks(list, func(chunk []byte, k int) error {
		in := z.cells(chunk, z.offset, 8*b.rowBytes)
		binary.LittleEndian.PutUint64(data[8*list[k]:], uint64(in.at(list[k]%b.perChunk)))
		return nil
	})
	return cells{data: data, stride: 64, mask: math.MaxUint64}, err
}

// chunks calls fn for each of rows, which ascend, with the part that holds it, valid until fn
// returns. Where they are in most of the parts, it reads all of them one after the other, which is cheaper than to look for each.
func (b *storedBatch) chunks(rows []int, fn func(chunk []byte, k int) error) error {
	if len(rows) == 0 {
		return nil
	}
	k, n := 0, rows[0]/b.perChunk
	take := func(chunk []byte) error {
		if size := min(b.perChunk, b.block.rows-n*b.perChunk); len(chunk) != size*b.rowBytes+padding {
			return errDamaged
		}
		for ; k < len(rows) && rows[k]/b.perChunk == n; k++ {
			if err := fn(chunk, k); err != nil {
				return err
			}
		}
		n++
		return nil
	}
	last := rows[len(rows)-1] / b.perChunk
	parts := 1
	for i := 1; i < len(rows); i++ {
		if rows[i]/b.perChunk != rows[i-1]/b.perChunk {
			parts++
		}
	}
	if parts*4 > (last-n+1)*3 {
		err := b.from.parts(partRows+n, partRows+last, take)
		if err == nil && k < len(rows) {
			err = errVanished
		}
		return err
	}
	for k < len(rows) {
		before := k
		n = rows[k] / b.perChunk
		err := b.from.parts(partRows+n, partRows+n, take)
		if err == nil && k == before {
			err = errVanished
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *storedBatch) addresses() (*addressList, error) {
	if b.dict == nil {
		data, err := b.from.part(partDictionary)
		if err != nil {
			return nil, err
		}
		if len(data) < padding {
			return nil, errDamaged
		}
		if b.list, err = readAddresses(data[:len(data)-padding]); err != nil {
			return nil, err
		}
		b.dict = &b.list
	}
	return b.dict, nil
}

// tuples calls fn with the flows of rows, which ascend. Id and start are missing in a block of the old format.
func (b *storedBatch) tuples(rows []int, fn func(k int, t *tuple) error) error {
	dict, err := b.addresses()
	if err != nil {
		return err
	}
	var t tuple
	return b.chunks(rows, func(chunk []byte, k int) error {
		row := rows[k] % b.perChunk
		for c := b.firstInRows(); c < numColumns; c++ {
			z := &b.zones[c]
			t.nums[c] = z.min
			if z.width > 0 {
				in := z.cells(chunk, z.offset, 8*b.rowBytes)
				t.nums[c] = in.at(row)
			}
		}
		for i, c := range addressColumns {
			var err error
			if t.addrs[i], err = dict.at(t.nums[c]); err != nil {
				return err
			}
		}
		return fn(k, &t)
	})
}

// within looks for the ranges in the list of addresses: then the columns are compared as numbers.
func (b *storedBatch) within(ranges []search.AddrRange, columns []column, rows bitmap) error {
	dict, err := b.addresses()
	if err != nil {
		return err
	}
	var places []interval
	for _, r := range ranges {
		lo, _ := dict.find(r.Lo)
		hi, found := dict.find(r.Hi)
		if !found {
			hi--
		}
		if lo <= hi {
			places = append(places, interval{int64(lo), int64(hi)})
		}
	}
	if len(places) == 0 {
		rows.clear()
		return nil
	}
	return numberFilter{either(columns...), merge(places)}.narrow(b, rows)
}

// check reads a block whole: its columns must be in order and say the same as its rows, and
// named must know the name of each node.
func (b *storedBatch) check(named func(node int64) bool) error {
	var columns [rowsOnly]cells
	for c := range rowsOnly {
		var err error
		if columns[c], err = b.cells(c); err != nil {
			return err
		}
	}
	for row := 1; row < b.block.rows; row++ {
		before, now := columns[colStart].at(row-1), columns[colStart].at(row)
		if before > now || before == now && columns[colID].at(row-1) >= columns[colID].at(row) {
			return fmt.Errorf("row %d is not behind the one before", row)
		}
	}
	return b.tuples(b.allRows(), func(row int, t *tuple) error {
		for c := b.firstInRows(); c < rowsOnly; c++ {
			if columns[c].at(row) != t.nums[c] {
				return fmt.Errorf("row %d says %d in column %d, the column %d", row, t.nums[c], c, columns[c].at(row))
			}
		}
		if !named(t.nums[colNode]) {
			return fmt.Errorf("row %d has a node without a name", row)
		}
		return nil
	})
}

// whole reads all flows of a block.
func (b *storedBatch) whole() ([]*tuple, error) {
	start, err := b.cells(colStart)
	if err != nil {
		return nil, err
	}
	id, err := b.cells(colID)
	if err != nil {
		return nil, err
	}
	out := make([]*tuple, b.block.rows)
	return out, b.tuples(b.allRows(), func(row int, t *tuple) error {
		out[row] = new(tuple)
		*out[row] = *t
		out[row].nums[colStart], out[row].nums[colID] = start.at(row), id.at(row)
		return nil
	})
}

func (b *storedBatch) allRows() []int {
	rows := make([]int, b.block.rows)
	for i := range rows {
		rows[i] = i
	}
	return rows
}

// hotBatch is rows of the table hot.
type hotBatch struct {
	tuples []*tuple
	memory []tuple // of the tuples
	dict   *addressList
	places addressTable // memory of dict
}

// newHotBatch is an empty batch with room for n flows.
func newHotBatch(n int) *hotBatch { return &hotBatch{memory: make([]tuple, 0, n)} }

// full reports whether there is no more room.
func (b *hotBatch) full() bool { return len(b.memory) == cap(b.memory) }

// add adds a row of the table. There must be room for it.
func (b *hotBatch) add(id, start int64, record []byte) error {
	b.memory = append(b.memory, tuple{})
	t := &b.memory[len(b.memory)-1]
	b.tuples = append(b.tuples, t)
	return t.parse(id, start, record)
}

func (b *hotBatch) clear() { b.tuples, b.memory, b.dict = b.tuples[:0], b.memory[:0], nil }

func (b *hotBatch) rows() int        { return len(b.tuples) }
func (b *hotBatch) zone(column) zone { return zone{min: math.MinInt64, max: math.MaxInt64} }

func (b *hotBatch) addresses() (*addressList, error) {
	if b.dict == nil {
		list, err := readAddresses(appendAddresses(nil, b.places.collect(b.tuples)))
		if err != nil {
			return nil, err
		}
		b.dict = &list
	}
	return b.dict, nil
}

func (b *hotBatch) cells(c column) (cells, error) {
	if slices.Contains(addressColumns[:], c) {
		if _, err := b.addresses(); err != nil { // sets the column
			return cells{}, err
		}
	}
	data := make([]byte, 8*len(b.tuples)+padding)
	for i, t := range b.tuples {
		binary.LittleEndian.PutUint64(data[8*i:], uint64(t.nums[c]))
	}
	return cells{data: data, stride: 64, mask: math.MaxUint64}, nil
}

func (b *hotBatch) within(ranges []search.AddrRange, columns []column, rows bitmap) error {
	rows.keep(func(i int) bool {
		for k, c := range addressColumns {
			a := b.tuples[i].addrs[k]
			if slices.Contains(columns, c) && slices.ContainsFunc(ranges, func(r search.AddrRange) bool {
				return a.IsValid() && a.Is4() == r.Lo.Is4() && r.Lo.Compare(a) <= 0 && a.Compare(r.Hi) <= 0
			}) {
				return true
			}
		}
		return false
	})
	return nil
}

func (b *hotBatch) some(c column, _ bitmap) (cells, error) { return b.cells(c) }
