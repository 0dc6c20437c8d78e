package block

import (
	"encoding/binary"
	"math"
	"slices"

	"weir/search"
)

// HotRows is a batch of rows of the table hot.
type HotRows struct {
	Tuples []*Tuple // in the order of Add
	memory []Tuple  // what Tuples points to
	dict   *Addresses
	table  addressTable // reused for dict
}

// NewHotRows returns an empty batch with room for n flows.
func NewHotRows(n int) *HotRows { return &HotRows{memory: make([]Tuple, 0, n)} }

// Full reports whether the batch has no room left.
func (b *HotRows) Full() bool { return len(b.memory) == cap(b.memory) }

// Add adds a row, for which there must be room. The error is ErrDamaged.
func (b *HotRows) Add(id, start int64, record []byte) error {
	b.memory = append(b.memory, Tuple{})
	t := &b.memory[len(b.memory)-1]
	b.Tuples = append(b.Tuples, t)
	return t.Parse(id, start, record)
}

// Clear empties the batch and keeps its room.
func (b *HotRows) Clear() { b.Tuples, b.memory, b.dict = b.Tuples[:0], b.memory[:0], nil }

// Rows returns the number of flows in the batch.
func (b *HotRows) Rows() int { return len(b.Tuples) }

// Zone returns the whole range: the numbers of a column can be any.
func (b *HotRows) Zone(Column) Zone { return Zone{Min: math.MinInt64, Max: math.MaxInt64} }

// Addresses sorts the addresses of the flows, and sets their address columns to indexes in that list.
func (b *HotRows) Addresses() (*Addresses, error) {
	if b.dict == nil {
		list, err := readAddresses(appendAddresses(nil, b.table.collect(b.Tuples)))
		if err != nil {
			return nil, err
		}
		b.dict = &list
	}
	return b.dict, nil
}

// Cells collects the numbers of a column.
func (b *HotRows) Cells(c Column) (Cells, error) {
	if c.IsAddress() {
		if _, err := b.Addresses(); err != nil { // sets the column
			return Cells{}, err
		}
	}
	data := make([]byte, 8*len(b.Tuples)+padding)
	for i, t := range b.Tuples {
		binary.LittleEndian.PutUint64(data[8*i:], uint64(t.Nums[c]))
	}
	return Cells{data: data, stride: 64, mask: math.MaxUint64}, nil
}

func (b *HotRows) narrowToAddresses(ranges []search.AddrRange, columns []Column, rows Bitmap) error { //nolint:unparam // Batch has the error
	rows.Keep(func(i int) bool {
		for k, c := range addressColumns {
			a := b.Tuples[i].Addrs[k]
			if slices.Contains(columns, c) && inRanges(ranges, a) {
				return true
			}
		}
		return false
	})
	return nil
}

func (b *HotRows) sparseCells(c Column, _ Bitmap) (Cells, error) { return b.Cells(c) }
