package block

import (
	"encoding/binary"

	"weir/flow"
)

// A piece holds the latest state of up to MaxPieceRows flows that are not in a block: open flows, and
// ended ones until there are enough for a block. It is immutable. A flow that changes is written into a
// new piece, and its row in the old one is superseded.
//
// Stored form: pieceFormat; session, number of rows, numbers and addresses of a row (varints); the
// smallest start (zigzag varint), and the largest less the smallest (varint); the rows; the sum of the
// number of the piece and all of this. A row is id and start, both less those of the row before, and
// the other numbers, as zigzag varints; then the addresses, each preceded by its length.
const (
	pieceFormat  = 1
	MaxPieceRows = 1024 // in a piece of any program

	MaxSuperseded = MaxPieceRows/8 + 4 // bytes of the superseded rows of a piece, as stored

	numbers = int(NumColumns-ColNode) - len(addressColumns) // of a row of this program
)

// Piece is a piece as it is stored.
type Piece struct {
	ID      int64 // its number in the store
	Session int64 // which opening of the store for writing it comes from
	Rows    int   // 1 to MaxPieceRows, superseded ones included
	Starts  Zone  // smallest and largest start of a row

	numbers, addrs int // of a row
	data           []byte
}

// AppendPiece appends the stored form of a piece with 1 to MaxPieceRows flows, which have the same
// columns.
func AppendPiece(b []byte, id, session int64, tuples []*Tuple) []byte {
	from := len(b)
	starts := Zone{Min: tuples[0].Nums[ColStart], Max: tuples[0].Nums[ColStart]}
	for _, t := range tuples {
		starts.Min, starts.Max = min(starts.Min, t.Nums[ColStart]), max(starts.Max, t.Nums[ColStart])
	}
	more := tuples[0].more()
	b = append(b, pieceFormat)
	for _, n := range []uint64{uint64(session), uint64(len(tuples)), uint64(numbers + more.numbers), uint64(len(addressColumns) + more.addrs)} {
		b = binary.AppendUvarint(b, n)
	}
	b = binary.AppendVarint(b, starts.Min)
	b = binary.AppendUvarint(b, uint64(starts.Max)-uint64(starts.Min))
	var id0, start0 int64
	for _, t := range tuples {
		b = binary.AppendVarint(b, t.Nums[ColID]-id0)
		b = binary.AppendVarint(b, t.Nums[ColStart]-start0) // may overflow, and does so again when it is read
		id0, start0 = t.Nums[ColID], t.Nums[ColStart]
		b = appendRow(b, t)
	}
	return appendSum(b, from, id)
}

// appendRow appends the numbers from ColNode on and the addresses, those of unknown columns included.
func appendRow(b []byte, t *Tuple) []byte {
	for c := ColNode; c < NumColumns; c++ {
		if c.IsAddress() {
			continue
		}
		v := uint64(t.Nums[c])<<1 ^ uint64(t.Nums[c]>>63)
		if v < 0x80 { // the common case
			b = append(b, byte(v))
			continue
		}
		b = binary.AppendUvarint(b, v)
	}
	more := t.more()
	b = append(b, more.numberData...)
	for _, a := range t.Addrs {
		switch {
		case a.Is4():
			four := a.As4()
			b = append(append(b, 4), four[:]...)
		case a.Is6():
			sixteen := a.As16()
			b = append(append(b, 16), sixteen[:]...)
		default:
			b = append(b, 0)
		}
	}
	return append(b, more.addrData...)
}

// ReadPiece checks and parses the stored form of the piece with a number, except its rows. The error is
// ErrDamaged.
func ReadPiece(id int64, data []byte) (Piece, error) {
	data, err := checkSum(data, id)
	if err != nil {
		return Piece{}, err
	}
	if len(data) == 0 || data[0] != pieceFormat {
		return Piece{}, ErrDamaged
	}
	r := varints{data: data[1:]}
	p := Piece{ID: id, Session: int64(r.unsigned())}
	rows := r.unsigned()
	p.numbers, p.addrs = r.count(), r.count()
	p.Starts.Min = r.signed()
	p.Starts.Max = int64(uint64(p.Starts.Min) + r.unsigned())
	if r.bad || rows < 1 || rows > MaxPieceRows || p.Starts.Max < p.Starts.Min {
		return Piece{}, ErrDamaged
	}
	p.Rows, p.data = int(rows), r.data
	return p, nil
}

// HasUnknownColumns reports whether the rows have columns that this program does not know.
func (p *Piece) HasUnknownColumns() bool {
	return p.numbers > numbers || p.addrs > len(addressColumns)
}

// Read parses the rows, each into what to returns for it; nil skips the row. Columns that the piece
// lacks are 0: not known. A flow that another session left open has ended: the process that metered it
// is gone. The error is ErrDamaged.
func (p *Piece) Read(session int64, to func(row int) *Tuple) error {
	r := varints{data: p.data}
	var id, start int64
	var skipped Tuple
	for row := range p.Rows {
		t := to(row)
		if t == nil {
			t = &skipped
		}
		id += r.signed()
		start += r.signed()
		t.Nums = [NumColumns]int64{ColID: id, ColStart: start}
		t.parse(&r, p.numbers, p.addrs)
		if r.bad || start < p.Starts.Min || p.Starts.Max < start {
			return ErrDamaged
		}
		if p.Session != session && t.Nums[ColEndReason] == int64(flow.StillOpen) {
			t.Nums[ColEndReason] = int64(flow.ForcedEnd)
		}
	}
	if len(r.data) > 0 {
		return ErrDamaged
	}
	return nil
}

// AppendSuperseded appends the stored form of the superseded rows of a piece: a bit for each row, the
// first in the least significant bit, in words of 8 bytes, little-endian; then the sum of the number of
// the piece and these words.
func AppendSuperseded(b []byte, piece int64, rows Bitmap) []byte {
	from := len(b)
	for _, w := range rows {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return appendSum(b, from, piece)
}

// Superseded parses what AppendSuperseded wrote for a piece; no data means no rows. The error is
// ErrDamaged.
func (p *Piece) Superseded(data []byte) (Bitmap, error) {
	rows := make(Bitmap, (p.Rows+63)/64)
	if data == nil {
		return rows, nil
	}
	words, err := checkSum(data, p.ID)
	if err != nil || len(words) != 8*len(rows) {
		return nil, ErrDamaged
	}
	for i := range rows {
		rows[i] = binary.LittleEndian.Uint64(words[8*i:])
	}
	if last := p.Rows % 64; last > 0 && rows[len(rows)-1]>>last != 0 {
		return nil, ErrDamaged
	}
	return rows, nil
}
