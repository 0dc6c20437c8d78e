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
	Rows   int       // 1 to MaxRows
	Sums   []NodeSum // by node, in no order

	zones    [NumColumns]Zone
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

// The parts of a block, by number.
const (
	partDictionary = 0
	partColumn     = 1   // and one for each column
	partRows       = 128 // and one for each chunk of rows

	PartsPerBlock = 1024 // every number of a part is less than this
)

// Zone returns between which numbers those of a column lie.
func (b *Header) Zone(c Column) Zone { return b.zones[c] }

// layout works out what follows from the zones. A cell never reaches beyond the 8 bytes that
// begin with the one in which it begins.
func (b *Header) layout() {
	row := 0
	for c := range b.zones {
		z := &b.zones[c]
		z.width = bits.Len64(uint64(z.Max) - uint64(z.Min))
		switch {
		case b.Format == InBytes:
			z.width = (z.width + 7) / 8 * 8
		case z.width > 57:
			z.width = 64
		}
		if Column(c) < b.firstInRows() {
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
	k := &Header{Rows: int(r.unsigned()), Format: Format(how)}
	if columns := r.unsigned(); columns != uint64(NumColumns) || k.Rows < 1 || k.Rows > MaxRows {
		return nil, ErrDamaged
	}
	for c := range k.zones {
		z := &k.zones[c]
		z.Min = r.signed()
		z.Max = int64(uint64(z.Min) + r.unsigned())
	}
	k.Sums = make([]NodeSum, min(r.unsigned(), uint64(k.Rows)))
	for i := range k.Sums {
		k.Sums[i] = NodeSum{r.signed(), r.signed(), r.unsigned()}
	}
	if r.bad {
		return nil, ErrDamaged
	}
	k.layout()
	return k, nil
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
