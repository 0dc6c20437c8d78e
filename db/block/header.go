package block

import (
	"encoding/binary"
	"math/bits"
)

// Header is what is known of a block before its parts are read.
//
// The parts are its addresses, each once (the dictionary); the columns that filters look at, one part each; and
// whole rows, as many to a part as fit into a page of the file, from which results are read. In columns and rows, a
// number takes the bits that the largest of its column needs once the smallest is subtracted, and none if all are
// equal. So any cell can be read without its neighbours: see Cells.
type Header struct {
	ID     int64 // the block's number in its store; set by the caller
	Stored int64 // when it was made, ns since 1970 UTC; set by the caller
	Format Format
	Rows   int       // 1 to 8,192
	Sums   []NodeSum // by node, in no order

	columns  int              // that the block has, up to MaxColumns: fewer or more than this program knows
	zones    [NumColumns]Zone // of those that this program knows
	rowBits  int              // the cells of a row, without what fills its last byte
	rowBytes int
	perChunk int // rows in a part of rows
}

// Format is how the numbers of a block are laid out.
type Format int64

// The formats, as they are stored.
const (
	InBytes Format = iota // of schema 2: whole bytes; start and id are not a part of a row
	InBits                // of all blocks that are written
)

// Zone is what a block says of a column.
type Zone struct {
	Min, Max int64 // the smallest and the largest number, in the column's unit
	width    int   // bits a cell
	offset   int   // of the cell in a row, in bits
}

// NodeSum is what one node reported of a block.
type NodeSum struct {
	Node   int64  // id of its name
	Flows  int64  // how many
	Octets uint64 // sent and received, IP octets
}

// Zone returns between which numbers those of a column lie.
func (b *Header) Zone(c Column) Zone { return b.zones[c] }

// missing is the zone of a column that a block does not have: 0 in all rows, which is not known, and no place
// in the list of addresses.
func missing(c Column) Zone {
	if c.IsAddress() {
		return Zone{Min: noPlace, Max: noPlace}
	}
	return Zone{}
}

// place gives a column its cells behind those of the columns before it. A cell never reaches beyond the 8
// bytes that begin with the one in which it begins.
func (b *Header) place(c int, z *Zone) {
	z.width = bits.Len64(uint64(z.Max) - uint64(z.Min))
	switch {
	case b.Format == InBytes:
		z.width = (z.width + 7) / 8 * 8
	case z.width > 57:
		z.width = 64
	}
	if c < int(b.firstInRows()) {
		return
	}
	if b.rowBits%8+z.width > 64 {
		b.rowBits = (b.rowBits + 7) / 8 * 8
	}
	z.offset = b.rowBits
	b.rowBits += z.width
}

// layout works out what follows from the places of all columns. It reports whether there are numbers for all parts.
func (b *Header) layout() bool {
	b.rowBytes = (b.rowBits + 7) / 8
	b.perChunk = (chunkBytes - padding) / max(1, b.rowBytes)
	return b.Rows <= rowParts*b.perChunk
}

// HasUnknownColumns reports whether the block has columns that this program does not know. They are skipped
// when it is read, and would be lost if its flows were packed again.
func (b *Header) HasUnknownColumns() bool { return b.columns > int(NumColumns) }

// StartsInRows reports whether the rows have the columns id and start.
func (b *Header) StartsInRows() bool { return b.Format != InBytes }

// firstInRows is the first column that rows have.
func (b *Header) firstInRows() Column {
	if b.StartsInRows() {
		return ColID
	}
	return ColStart + 1
}

// columnBytes is the size of a column's part.
func (b *Header) columnBytes(z *Zone) int { return (b.Rows*z.width+7)/8 + padding }

// AppendHeader appends what a reader needs to know of a block before it looks into it.
func AppendHeader(b []byte, k *Header) []byte {
	b = binary.AppendUvarint(b, uint64(k.Rows))
	b = binary.AppendUvarint(b, uint64(len(k.zones)))
	for _, z := range k.zones {
		b = binary.AppendVarint(b, z.Min)
		b = binary.AppendUvarint(b, uint64(z.Max)-uint64(z.Min))
	}
	b = binary.AppendUvarint(b, uint64(len(k.Sums)))
	for _, s := range k.Sums {
		b = binary.AppendVarint(b, s.Node)
		b = binary.AppendVarint(b, s.Flows)
		b = binary.AppendUvarint(b, s.Octets)
	}
	return appendSum(b)
}

// ReadHeader undoes AppendHeader, of a block of the given format. ID and Stored are left to the caller. The
// error is ErrDamaged.
func ReadHeader(data []byte, how int64) (*Header, error) {
	if how < int64(InBytes) || how > int64(InBits) {
		return nil, ErrDamaged
	}
	data, err := CheckSum(data)
	if err != nil {
		return nil, err
	}
	r := varints{data: data}
	rows, columns := r.unsigned(), r.unsigned()
	if rows < 1 || rows > storedRows || columns <= uint64(ColStart) || columns > MaxColumns {
		return nil, ErrDamaged
	}
	k := &Header{Rows: int(rows), Format: Format(how), columns: int(columns)}
	if !k.readZones(&r) {
		return nil, ErrDamaged
	}
	k.Sums = make([]NodeSum, min(r.unsigned(), uint64(k.Rows)))
	for i := range k.Sums {
		k.Sums[i] = NodeSum{r.signed(), r.signed(), r.unsigned()}
	}
	if r.bad || !k.layout() {
		return nil, ErrDamaged
	}
	return k, nil
}

// readZones reads the zones of all columns, and keeps those of the columns that this program knows.
// It reports whether they can be.
func (b *Header) readZones(r *varints) bool {
	for c := range b.columns {
		z := Zone{Min: r.signed()}
		z.Max = int64(uint64(z.Min) + r.unsigned())
		if r.bad || z.Max < z.Min {
			return false
		}
		b.place(c, &z)
		if c < len(b.zones) {
			b.zones[c] = z
		}
	}
	for c := range NumColumns {
		switch z := &b.zones[c]; {
		case int(c) >= b.columns:
			*z = missing(c)
		case c.IsAddress() && z.Min < 0:
			return false
		}
	}
	return true
}

// varints reads numbers one after the other; bad says that there were too few.
type varints struct {
	data []byte
	bad  bool
}

func (r *varints) signed() int64 {
	v, n := binary.Varint(r.data)
	r.skip(n)
	return v
}

func (r *varints) unsigned() uint64 {
	v, n := binary.Uvarint(r.data)
	r.skip(n)
	return v
}

func (r *varints) skip(n int) {
	if n <= 0 {
		r.bad = true
		return
	}
	r.data = r.data[n:]
}
