package db

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// A block is a few thousand ended flows, in the order of (start, id), that never
// change again. It is stored three times over, in parts: its addresses, each once
// (the dictionary); the columns that filters look at, one part each; and whole
// rows, as many to a part as fit into a page of the file, from which results are read.
//
// In both, a number takes the bits that the largest of its column needs once the
// smallest is subtracted, and none if all are equal. So any cell can be read
// without its neighbours: see cells.
type block struct {
	id       int64
	stored   int64 // when, ns since 1970
	format   format
	rows     int
	zones    [numColumns]zone
	rowBytes int
	perChunk int // rows in a part of rows
	sums     []nodeSum
}

// format is how the numbers of a block are laid out.
type format int64

const (
	inBytes format = iota // of schema 2: whole bytes; start and id are no part of a row
	inBits
)

// errVanished is what reading a part of a block answers that is not there any more: retention
// or a compaction took the block away after the reader learned of it.
var errVanished = errors.New("a block of flows is gone")

// zone is what a block says of a column.
type zone struct {
	min, max int64
	width    int // bits a cell
	offset   int // of the cell in a row, in bits
}

// nodeSum is what one node reported of a block.
type nodeSum struct {
	node, flows int64
	octets      uint64
}

// The parts of a block, by number.
const (
	partDictionary = 0
	partColumn     = 1   // and one for each column
	partRows       = 128 // and one for each chunk of rows
	partsPerBlock  = 1024
)

// layout works out what follows from the zones. A cell never reaches beyond the 8 bytes that
// begin with the one in which it begins.
func (b *block) layout() {
	row := 0
	for c := range b.zones {
		z := &b.zones[c]
		z.width = bits.Len64(uint64(z.max) - uint64(z.min))
		switch {
		case b.format == inBytes:
			z.width = (z.width + 7) / 8 * 8
		case z.width > 57:
			z.width = 64
		}
		if column(c) < b.firstInRows() {
			continue
		}
		if row%8+z.width > 64 {
			row = (row + 7) / 8 * 8
		}
		z.offset = row
		row += z.width
	}
	b.rowBytes = (row + 7) / 8
	b.perChunk = (chunkBytes - padding) / max(1, b.rowBytes)
}

// startsInRows reports whether the rows have the columns id and start.
func (b *block) startsInRows() bool { return b.format != inBytes }

// firstInRows is the first column that rows have.
func (b *block) firstInRows() column {
	if b.startsInRows() {
		return colID
	}
	return colStart + 1
}

// columnBytes is the size of a column's part.
func (b *block) columnBytes(z *zone) int { return (b.rows*z.width+7)/8 + padding }

// cells are the numbers of one column, or of one place in rows: in bits that mask lets through,
// beginning at the bit first, stride bits apart, little-endian, less base. There
// are padding bytes behind the last one.
type cells struct {
	data       []byte
	first      int
	stride     int
	mask, base uint64
}

// padding is how far the 8 bytes that cells.at reads can reach beyond a cell.
const padding = 8

func (c *cells) at(i int) int64 { return int64(c.bits(i) + c.base) }

func (c *cells) bits(i int) uint64 {
	bit := uint(c.first + i*c.stride)
	return binary.LittleEndian.Uint64(c.data[bit/8:]) >> (bit % 8) & c.mask
}

func (z *zone) cells(data []byte, first, stride int) cells {
	return cells{data, first, stride, 1<<z.width - 1, uint64(z.min)} // in Go 1<<64 - 1 is all ones
}

var zeroes [padding]byte

// constant is a column whose cells are all the same.
func constant(v int64) cells { return cells{data: zeroes[:], base: uint64(v)} }

// keep takes those rows out of a set whose cell is not in x.
func (c *cells) keep(rows bitmap, x interval) {
	span := uint64(x.hi) - uint64(x.lo)
	base := c.base - uint64(x.lo)
	for i, w := range rows {
		for rest := w; rest != 0; rest &= rest - 1 {
			bit := bits.TrailingZeros64(rest)
			if c.bits(i*64+bit)+base > span {
				w &^= 1 << bit
			}
		}
		rows[i] = w
	}
}

// addUp is a + b, or the largest number if that is more.
func addUp(a, b uint64) uint64 {
	if sum := a + b; sum >= a {
		return sum
	}
	return 1<<64 - 1
}
