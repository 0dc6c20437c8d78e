package block

import (
	"encoding/binary"
	"math/bits"
)

// Cells are the numbers of one column. A cell has the bits that mask lets through, less base; the first
// begins at the bit first, the others stride bits apart, the lowest bit first. There are padding bytes
// behind the last one.
type Cells struct {
	data       []byte
	first      int
	stride     int
	mask, base uint64
}

// padding is how far the 8 bytes that Cells.At reads can reach beyond a cell.
const padding = 8

// At returns the number of a row, which must be one of the batch's.
func (c *Cells) At(row int) int64 { return int64(c.bits(row) + c.base) }

func (c *Cells) bits(i int) uint64 {
	bit := uint(c.first + i*c.stride)
	return binary.LittleEndian.Uint64(c.data[bit/8:]) >> (bit % 8) & c.mask
}

func (z *Zone) cells(data []byte, first, stride int) Cells {
	return Cells{data, first, stride, 1<<z.width - 1, uint64(z.Min)} // in Go 1<<64 - 1 is all ones
}

var zeroes [padding]byte

// Constant is a column whose cells are all the same, in any number of rows.
func Constant(v int64) Cells { return Cells{data: zeroes[:], base: uint64(v)} }

// Keep takes those rows out of a set whose number is not in x.
func (c *Cells) Keep(rows Bitmap, x Interval) {
	span := uint64(x.Hi) - uint64(x.Lo)
	base := c.base - uint64(x.Lo)
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
