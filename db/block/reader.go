package block

import (
	"encoding/binary"
	"fmt"
	"math"

	"weir/search"
)

// Source provides the parts of one block.
type Source interface {
	// Part returns a part without its checksum. It is valid until the source moves to another block.
	// The error is ErrVanished if the part does not exist.
	Part(number int) ([]byte, error)
	// Parts calls fn with the existing parts of the numbers from to to, in order and without their
	// checksums. Each is valid until fn returns.
	Parts(from, to int, fn func(part []byte) error) error
	// Memory returns n bytes with arbitrary content, valid until the source moves to another block.
	Memory(n int) []byte
}

// Reader reads a block, each part on demand. Reset prepares it for a block; one Reader can read many
// blocks in turn.
type Reader struct {
	*Header
	source  Source
	columns [NumColumns]Cells
	loaded  [NumColumns]bool
	dict    *Addresses // nil: not read yet
	list    Addresses  // what dict points to
}

// Reset prepares b for the block of header k, with the parts of source.
func (b *Reader) Reset(k *Header, source Source) { *b = Reader{Header: k, source: source} }

// Rows returns the number of flows in the block.
func (b *Reader) Rows() int { return b.Header.Rows }

// Cells reads the numbers of a column, in the order of the rows. They are valid until the source moves
// to another block.
func (b *Reader) Cells(c Column) (Cells, error) {
	if b.loaded[c] {
		return b.columns[c], nil
	}
	got, err := b.load(c)
	b.columns[c], b.loaded[c] = got, err == nil
	return got, err
}

// load reads a column from its part, or from the rows if it has none or that is damaged.
func (b *Reader) load(c Column) (Cells, error) {
	z := &b.zones[c]
	if z.width == 0 {
		return Constant(z.Min), nil
	}
	err := error(nil)
	if c < rowsOnly {
		var got Cells
		if got, err = b.part(c); err == nil || c < b.firstInRows() {
			return got, err
		}
	}
	got, rowsErr := b.cellsFromRows(c, RowRange(b.Header.Rows, 0, b.Header.Rows))
	if rowsErr != nil && err != nil {
		return got, err
	}
	return got, rowsErr
}

// part reads the part of a column that has one.
func (b *Reader) part(c Column) (Cells, error) {
	z := &b.zones[c]
	if z.width == 0 {
		return Constant(z.Min), nil
	}
	data, err := b.source.Part(partColumn + int(c))
	if err == nil && len(data) != b.columnBytes(z) {
		err = ErrDamaged
	}
	return z.cells(data, 0, z.width), err
}

// sparseCells reads the cells of few rows of a column from these rows, if the block has no part for
// the column.
func (b *Reader) sparseCells(c Column, rows Bitmap) (Cells, error) {
	if c < rowsOnly || b.zones[c].width == 0 || b.loaded[c] || 4*rows.Count() > b.Header.Rows {
		return b.Cells(c)
	}
	return b.cellsFromRows(c, rows)
}

// cellsFromRows collects the wanted cells of a column from the rows.
func (b *Reader) cellsFromRows(c Column, wanted Bitmap) (Cells, error) {
	z := &b.zones[c]
	data := b.source.Memory(8*b.Header.Rows + padding)
	list := make([]int, 0, b.Header.Rows)
	wanted.Each(func(row int) { list = append(list, row) })
	err := b.eachRowChunk(list, func(chunk []byte, k int) error {
		in := z.cells(chunk, z.offset, 8*b.rowBytes)
		binary.LittleEndian.PutUint64(data[8*list[k]:], uint64(in.At(list[k]%b.perChunk)))
		return nil
	})
	return Cells{data: data, stride: 64, mask: math.MaxUint64}, err
}

// eachRowChunk calls fn for every k with the part that holds rows[k], valid until fn returns; rows
// ascend. If most parts between the first and the last hold a row, it reads them all in one query,
// which is cheaper than a query for each.
func (b *Reader) eachRowChunk(rows []int, fn func(chunk []byte, k int) error) error {
	if len(rows) == 0 {
		return nil
	}
	k, n := 0, rows[0]/b.perChunk
	take := func(chunk []byte) error {
		if size := min(b.perChunk, b.Header.Rows-n*b.perChunk); len(chunk) != size*b.rowBytes+padding {
			return ErrDamaged
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
		err := b.source.Parts(partRows+n, partRows+last, take)
		if err == nil && k < len(rows) {
			err = ErrVanished
		}
		return err
	}
	for k < len(rows) {
		before := k
		n = rows[k] / b.perChunk
		err := b.source.Parts(partRows+n, partRows+n, take)
		if err == nil && k == before {
			err = ErrVanished
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Addresses reads the address list of the block. Address columns hold indexes in it.
func (b *Reader) Addresses() (*Addresses, error) {
	if b.dict == nil {
		data, err := b.source.Part(partDictionary)
		if err != nil {
			return nil, err
		}
		if len(data) < padding {
			return nil, ErrDamaged
		}
		if b.list, err = readAddresses(data[:len(data)-padding]); err != nil {
			return nil, err
		}
		b.dict = &b.list
	}
	return b.dict, nil
}

// Each calls fn with k and the flow of rows[k], valid until fn returns, for every k; rows ascend. Id
// and start are set only if StartsInRows. It stops at an error of fn and returns it.
func (b *Reader) Each(rows []int, fn func(k int, t *Tuple) error) error {
	dict, err := b.Addresses()
	if err != nil {
		return err
	}
	var t Tuple
	return b.eachRowChunk(rows, func(chunk []byte, k int) error {
		row := rows[k] % b.perChunk
		for c := b.firstInRows(); c < NumColumns; c++ {
			z := &b.zones[c]
			t.Nums[c] = z.Min
			if z.width > 0 {
				in := z.cells(chunk, z.offset, 8*b.rowBytes)
				t.Nums[c] = in.At(row)
			}
		}
		for i, c := range addressColumns {
			var err error
			if t.Addrs[i], err = dict.At(t.Nums[c]); err != nil {
				return err
			}
		}
		return fn(k, &t)
	})
}

// narrowToAddresses looks the ranges up in the address list, then compares the columns as numbers.
func (b *Reader) narrowToAddresses(ranges []search.AddrRange, columns []Column, rows Bitmap) error {
	dict, err := b.Addresses()
	if err != nil {
		return err
	}
	var indexes []Interval
	for _, r := range ranges {
		lo, found := dict.find(r.Lo)
		hi := lo
		if r.Hi != r.Lo {
			hi, found = dict.find(r.Hi)
		}
		if !found {
			hi--
		}
		if lo <= hi {
			indexes = append(indexes, Interval{int64(lo), int64(hi)})
		}
	}
	if len(indexes) == 0 {
		rows.Clear()
		return nil
	}
	return numberFilter{anyColumn(columns...), mergeIntervals(indexes)}.Narrow(b, rows)
}

// Check reads the whole block. Its rows must be in order, columns, rows and header must agree, and
// named must know the node of each row. The error describes the first problem.
func (b *Reader) Check(named func(node int64) bool) error {
	var columns [rowsOnly]Cells
	for c := range rowsOnly {
		var err error
		if columns[c], err = b.part(c); err != nil {
			return err
		}
	}
	for row := 1; row < b.Header.Rows; row++ {
		before, now := columns[ColStart].At(row-1), columns[ColStart].At(row)
		if before > now || before == now && columns[ColID].At(row-1) >= columns[ColID].At(row) {
			return fmt.Errorf("row %d is out of order: %w", row, ErrInconsistent)
		}
	}
	if b.HasUnknownColumns() { // only their checksums can be checked
		if err := b.source.Parts(partColumn+int(NumColumns), partRows-1, func([]byte) error { return nil }); err != nil {
			return err
		}
	}
	return b.Each(b.allRows(), func(row int, t *Tuple) error {
		for c := range NumColumns {
			v := t.Nums[c]
			if c < rowsOnly {
				v = columns[c].At(row)
			}
			if z := &b.zones[c]; v < z.Min || z.Max < v {
				return fmt.Errorf("row %d has %d in column %d, outside of the range %d to %d of the header: %w", row, v, c, z.Min, z.Max, ErrInconsistent)
			}
			if b.firstInRows() <= c && v != t.Nums[c] {
				return fmt.Errorf("row %d has %d in column %d, but the column's part has %d: %w", row, t.Nums[c], c, v, ErrInconsistent)
			}
		}
		if !named(t.Nums[ColNode]) {
			return fmt.Errorf("row %d has an unknown node: %w", row, ErrInconsistent)
		}
		return nil
	})
}

// All reads all flows of the block.
func (b *Reader) All() ([]*Tuple, error) {
	start, err := b.Cells(ColStart)
	if err != nil {
		return nil, err
	}
	id, err := b.Cells(ColID)
	if err != nil {
		return nil, err
	}
	out := make([]*Tuple, b.Header.Rows)
	return out, b.Each(b.allRows(), func(row int, t *Tuple) error {
		out[row] = new(Tuple)
		*out[row] = *t
		out[row].Nums[ColStart], out[row].Nums[ColID] = start.At(row), id.At(row)
		return nil
	})
}

func (b *Reader) allRows() []int {
	rows := make([]int, b.Header.Rows)
	for i := range rows {
		rows[i] = i
	}
	return rows
}
