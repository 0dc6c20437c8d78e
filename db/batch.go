package db

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"weir/search"
)

// batch is rows that a filter is applied to: a block, or some rows of the table hot.
type batch interface {
	rows() int
	zone(column) zone
	cells(column) (cells, error)
	addresses() (*addressList, error) // address columns hold places in it
}

// codes returns the places of the addresses in ranges, as intervals in order.
func codes(b batch, ranges []search.AddrRange) ([]interval, error) {
	dict, err := b.addresses()
	if err != nil {
		return nil, err
	}
	var out []interval
	for _, r := range ranges {
		lo, _ := dict.find(r.Lo)
		hi, found := dict.find(r.Hi)
		if !found {
			hi--
		}
		if lo <= hi {
			out = append(out, interval{int64(lo), int64(hi)})
		}
	}
	return merge(out), nil
}

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

// storedBatch is a block whose parts are read when they are asked for.
type storedBatch struct {
	*block
	from    *partReader
	columns [numColumns]*cells
	dict    *addressList
}

func (b *storedBatch) rows() int          { return b.block.rows }
func (b *storedBatch) zone(c column) zone { return b.zones[c] }

func (b *storedBatch) cells(c column) (cells, error) {
	if b.columns[c] == nil {
		got, err := b.load(c)
		if err != nil {
			return cells{}, err
		}
		b.columns[c] = &got
	}
	return *b.columns[c], nil
}

func (b *storedBatch) load(c column) (cells, error) {
	z := &b.zones[c]
	switch {
	case z.width == 0:
		return z.constant(), nil
	case c >= rowsOnly:
		return b.fromRows(c)
	}
	data, err := b.from.part(b.id, partColumn+int(c))
	if err == nil && len(data) != b.block.rows*z.width+padding {
		err = errDamaged
	}
	return z.cells(data, z.width), err
}

// fromRows collects a column out of the rows.
func (b *storedBatch) fromRows(c column) (cells, error) {
	z := &b.zones[c]
	data := make([]byte, b.block.rows*z.width+padding)
	row := 0
	err := b.from.eachPart(b.id, partRows, partsPerBlock-1, func(chunk []byte) error {
		if err := b.checkChunk(row/b.perChunk, chunk); err != nil {
			return err
		}
		n := min(b.perChunk, b.block.rows-row)
		in := z.cells(chunk[z.offset:], b.rowBytes)
		for i := range n {
			put(data[row*z.width:], uint64(in.at(i))-uint64(z.min))
			row++
		}
		return nil
	})
	if err == nil && row != b.block.rows {
		err = errVanished
	}
	return z.cells(data, z.width), err
}

func (b *storedBatch) chunk(i int) ([]byte, error) {
	data, err := b.from.part(b.id, partRows+i)
	if err == nil {
		err = b.checkChunk(i, data)
	}
	return data, err
}

// checkChunk refuses a part of rows that has not the size that the header makes it.
func (b *storedBatch) checkChunk(i int, data []byte) error {
	if n := min(b.perChunk, b.block.rows-i*b.perChunk); len(data) != n*b.rowBytes+padding {
		return errDamaged
	}
	return nil
}

func (b *storedBatch) addresses() (*addressList, error) {
	if b.dict == nil {
		data, err := b.from.part(b.id, partDictionary)
		if err != nil {
			return nil, err
		}
		list, err := readAddresses(data[:len(data)-padding])
		if err != nil {
			return nil, err
		}
		b.dict = &list
	}
	return b.dict, nil
}

// readRow reads row i of a chunk, all but start and id.
func (b *storedBatch) readRow(chunk []byte, i int, t *tuple) error {
	dict, err := b.addresses()
	if err != nil {
		return err
	}
	row := chunk[i*b.rowBytes:]
	for c := columnsOnly; c < numColumns; c++ {
		z := &b.zones[c]
		t.nums[c] = z.min
		if z.width > 0 {
			t.nums[c] = int64(binary.LittleEndian.Uint64(row[z.offset:])&(1<<(8*z.width)-1) + uint64(z.min))
		}
	}
	for i, c := range addressColumns {
		if t.addrs[i], err = dict.at(t.nums[c]); err != nil {
			return err
		}
	}
	return nil
}

// hotBatch is rows of the table hot.
type hotBatch struct {
	tuples []*tuple
	dict   *addressList
}

func (b *hotBatch) rows() int        { return len(b.tuples) }
func (b *hotBatch) zone(column) zone { return zone{min: math.MinInt64, max: math.MaxInt64} }

func (b *hotBatch) addresses() (*addressList, error) {
	if b.dict == nil {
		list, err := readAddresses(appendAddresses(nil, collect(b.tuples)))
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
		put(data[8*i:], uint64(t.nums[c]))
	}
	return cells{data: data, stride: 8, mask: math.MaxUint64}, nil
}
