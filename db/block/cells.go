package block

import (
	"encoding/binary"
	"math/bits"
)

// Cells are the numbers of one column. A cell is the number less base, in the bits of mask. The first
// cell starts at bit first, the others follow every stride bits, least significant bit first. At least
// padding bytes follow the last one.
type Cells struct {
	data       []byte
	first      int
	stride     int
	mask, base uint64
}

// padding is how many bytes the 8-byte load of Cells.At can reach beyond a cell.
const padding = 8

// At returns the number of a row, which must be a row of the batch.
func (c *Cells) At(row int) int64 { return int64(c.bits(row) + c.base) }

func (c *Cells) bits(i int) uint64 {
	bit := uint(c.first + i*c.stride)
	return binary.LittleEndian.Uint64(c.data[bit/8:]) >> (bit % 8) & c.mask
}

func (z *Zone) cells(data []byte, first, stride int) Cells {
	return Cells{data, first, stride, 1<<z.width - 1, uint64(z.Min)} // in Go 1<<64 - 1 is all ones
}

var zeroes [padding]byte

// Constant returns a column whose cells all equal v, for any number of rows.
func Constant(v int64) Cells { return Cells{data: zeroes[:], base: uint64(v)} }

// Keep removes the rows whose number is not in x.
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
