package block

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// Header describes a block; its parts are not needed for it.
//
// The parts are the block's addresses, each once (the dictionary); one part for each column that
// filters often read; and whole rows, as many to a part as fit into one page of the file, from which
// results are read. Columns and rows store a number less the column's smallest in as many bits as the
// column's range needs, none if all are equal. So every cell can be read by itself: see Cells.
type Header struct {
	ID     int64 // number of the block in its store
	Stored int64 // when the block was made, ns since 1970 UTC
	Format Format
	Rows   int       // 1 to 8,192
	Sums   []NodeSum // by node, in no particular order

	columns  int              // of the block, up to maxColumns; may be fewer or more than NumColumns
	zones    [NumColumns]Zone // of the columns that this program knows
	rowBits  int              // the cells of a row, without the padding to whole bytes
	rowBytes int
	perChunk int // rows in a part of rows
}

// Format is the layout of the numbers of a block, and what its checksums cover.
type Format int64

// The stored values of formats.
const (
	inBytes Format = iota // schema 2: cells of whole bytes; rows lack id and start
	InBits                // schemas 4 to 8
	Keyed                 // as InBits, and checksums cover the columns of the rows that the data is in: every block written today
)

// Zone is the range of a column's numbers in a block.
type Zone struct {
	Min, Max int64 // smallest and largest number, in the column's unit
	width    int   // bits of a cell
	offset   int   // of the cell in a row, in bits
}

// NodeSum sums up the flows of a block that one node reported.
type NodeSum struct {
	Node   int64  // id of its name
	Flows  int64  // number of flows
	Octets uint64 // IP octets sent and received
}

// Zone returns the smallest and largest number of a column.
func (b *Header) Zone(c Column) Zone { return b.zones[c] }

// missingZone is the zone of a column that a block does not have: 0, which means not known, or no
// address, in all rows.
func missingZone(c Column) Zone {
	if c.IsAddress() {
		return Zone{Min: noAddress, Max: noAddress}
	}
	return Zone{}
}

// layOut sets the width of column c and, if rows have it, its offset after the columns before it. A
// cell never extends beyond the 8 bytes from its first byte on.
func (b *Header) layOut(c int, z *Zone) {
	z.width = bits.Len64(uint64(z.Max) - uint64(z.Min))
	switch {
	case b.Format == inBytes:
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

// finishLayout sets what follows from the offsets of all columns. It reports whether there are enough
// part numbers for the rows.
func (b *Header) finishLayout() bool {
	b.rowBytes = (b.rowBits + 7) / 8
	b.perChunk = (chunkBytes - padding) / max(1, b.rowBytes)
	return b.Rows <= rowParts*b.perChunk
}

// HasUnknownColumns reports whether the block has columns that this program does not know. Reading
// skips them; packing the flows again would lose them.
func (b *Header) HasUnknownColumns() bool { return b.columns > int(NumColumns) }

// StartsInRows reports whether rows have the columns id and start.
func (b *Header) StartsInRows() bool { return b.Format != inBytes }

// firstInRows returns the first column that rows have.
func (b *Header) firstInRows() Column {
	if b.StartsInRows() {
		return ColID
	}
	return ColStart + 1
}

// columnBytes returns the size of a column's part.
func (b *Header) columnBytes(z *Zone) int { return (b.Rows*z.width+7)/8 + padding }

// AppendHeader appends the stored form of a header.
func AppendHeader(b []byte, k *Header) []byte {
	from := len(b)
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
	if k.Format < Keyed {
		return appendSum(b, from)
	}
	return appendSum(b, from, k.ID, k.Stored, int64(k.Format))
}

// ReadHeader parses what AppendHeader wrote, for a block with the number id that was made at the time
// stored. The error is ErrDamaged.
func ReadHeader(data []byte, id, stored, format int64) (_ *Header, err error) {
	switch Format(format) {
	case inBytes, InBits:
		data, err = checkSum(data)
	case Keyed:
		data, err = checkSum(data, id, stored, format)
	default:
		err = ErrDamaged
	}
	if err != nil {
		return nil, err
	}
	r := varints{data: data}
	rows, columns := r.unsigned(), r.unsigned()
	if rows < 1 || rows > MaxStoredRows || columns <= uint64(ColStart) || columns > maxColumns {
		return nil, ErrDamaged
	}
	k := &Header{ID: id, Stored: stored, Rows: int(rows), Format: Format(format), columns: int(columns)}
	if !k.readZones(&r) {
		return nil, ErrDamaged
	}
	k.Sums = make([]NodeSum, min(r.unsigned(), uint64(k.Rows)))
	for i := range k.Sums {
		k.Sums[i] = NodeSum{r.signed(), r.signed(), r.unsigned()}
	}
	if r.bad || !k.finishLayout() {
		return nil, ErrDamaged
	}
	return k, nil
}

// FixHeader is ReadHeader for input in which one bit of the header or of another argument may have
// flipped.
func FixHeader(data []byte, id, stored, format int64) (*Header, error) {
	keyed := append(appendKeys(nil, id, stored, format), data...)
	if FixBit(keyed) {
		key := func(i int) int64 { return int64(binary.LittleEndian.Uint64(keyed[8*i:])) }
		if Format(key(2)) == Keyed {
			return ReadHeader(keyed[24:], key(0), key(1), key(2))
		}
	}
	data = bytes.Clone(data)
	if Format(format) >= Keyed || !FixBit(data) {
		return nil, ErrDamaged
	}
	return ReadHeader(data, id, stored, format)
}

// CheckPart returns a part without its checksum. The error is ErrDamaged if the checksum is wrong.
func (b *Header) CheckPart(number int, part []byte) ([]byte, error) {
	if b.Format < Keyed {
		return checkSum(part)
	}
	return checkSum(part, b.ID, int64(number)) // two keys: with the id of the part alone, an address list could be a piece
}

// fixPart flips the bit of a part that makes its checksum right; see FixBit.
func (b *Header) fixPart(number int, part []byte) bool {
	if b.Format < Keyed {
		return FixBit(part)
	}
	return FixBit(part, b.ID, int64(number))
}

// readZones reads the zones of all columns and keeps those of known columns. It reports whether they
// are valid.
func (b *Header) readZones(r *varints) bool {
	for c := range b.columns {
		z := Zone{Min: r.signed()}
		z.Max = int64(uint64(z.Min) + r.unsigned())
		if r.bad || z.Max < z.Min {
			return false
		}
		b.layOut(c, &z)
		if c < len(b.zones) {
			b.zones[c] = z
		}
	}
	for c := range NumColumns {
		switch z := &b.zones[c]; {
		case int(c) >= b.columns:
			*z = missingZone(c)
		case c.IsAddress() && z.Min < 0:
			return false
		}
	}
	return true
}

// varints reads one number after another; bad is set when the data ends early.
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
