package block

import (
	"encoding/binary"
	"math"
	"slices"

	"weir/search"
)

// PieceRows is a batch of flows from pieces.
type PieceRows struct {
	Tuples []*Tuple // in the order of Add
	memory []Tuple  // what Tuples points to
	dict   *Addresses
	table  addressTable // reused for dict
}

// NewPieceRows returns an empty batch with room for n flows.
func NewPieceRows(n int) *PieceRows { return &PieceRows{memory: make([]Tuple, 0, n)} }

// HasRoom reports whether the batch has room for any piece.
func (b *PieceRows) HasRoom() bool { return cap(b.memory)-len(b.memory) >= MaxPieceRows }

// Add adds the rows of a piece, for which there must be room, except superseded ones. It reads them as
// Piece.Read does.
func (b *PieceRows) Add(p *Piece, session int64, superseded Bitmap) error {
	return p.Read(session, func(row int) *Tuple {
		if superseded.Has(row) {
			return nil
		}
		b.memory = b.memory[:len(b.memory)+1]
		t := &b.memory[len(b.memory)-1]
		b.Tuples = append(b.Tuples, t)
		return t
	})
}

// Truncate removes all flows but the first n.
func (b *PieceRows) Truncate(n int) {
	b.Tuples, b.memory, b.dict = b.Tuples[:n], b.memory[:n], nil
}

// Clear empties the batch and keeps its room.
func (b *PieceRows) Clear() { b.Tuples, b.memory, b.dict = b.Tuples[:0], b.memory[:0], nil }

// Rows returns the number of flows in the batch.
func (b *PieceRows) Rows() int { return len(b.Tuples) }

// Zone returns the whole range: the numbers of a column can be any.
func (b *PieceRows) Zone(Column) Zone { return Zone{Min: math.MinInt64, Max: math.MaxInt64} }

// Addresses sorts the addresses of the flows, and sets their address columns to indexes in that list.
func (b *PieceRows) Addresses() (*Addresses, error) {
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
func (b *PieceRows) Cells(c Column) (Cells, error) {
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

func (b *PieceRows) narrowToAddresses(ranges []search.AddrRange, columns []Column, rows Bitmap) error {
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

func (b *PieceRows) sparseCells(c Column, _ Bitmap) (Cells, error) { return b.Cells(c) }
