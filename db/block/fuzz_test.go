package block

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"testing"

	"weir/internal/blocktest"
	"weir/search"
)

// repeated is a source whose parts have the length that the header asks for and repeat the same data.
type repeated struct {
	of   *Header
	data []byte
	cut  int // bytes missing at the end of each part
}

func (s repeated) Part(number int) ([]byte, error) {
	if number == partDictionary {
		return s.data, nil
	}
	return s.fill(s.of.columnBytes(&s.of.zones[number-partColumn])), nil
}

func (s repeated) Parts(from, to int, fn func([]byte) error) error {
	for number := from; number <= to; number++ {
		size := 8
		if number >= partRows {
			size = min(s.of.perChunk, s.of.Rows-(number-partRows)*s.of.perChunk)*s.of.rowBytes + padding
		}
		if err := fn(s.fill(size)); err != nil {
			return err
		}
	}
	return nil
}

func (s repeated) fill(n int) []byte {
	out := make([]byte, max(0, n-s.cut))
	for at := 0; at < len(out) && len(s.data) > 0; {
		at += copy(out[at:], s.data)
	}
	return out
}

func (s repeated) Memory(n int) []byte { return make([]byte, n) }

// FuzzBlock reads blocks with any header and any parts. Every cell must lie in its part, every part in
// the block, and the only error is damage.
func FuzzBlock(f *testing.F) {
	tuples := randomTuples(rand.New(rand.NewPCG(1, 1)), 50)
	for i := range tuples {
		tuples[i].Nums[ColDirection] = 5 // the same in all rows
	}
	flows := flowsOf(tuples)
	for i := range flows {
		flows[i].Nums = append(flows[i].Nums, int64(i), -int64(i))
	}
	for _, columns := range []int{2, 5, 38, int(ColSrcPayload), int(NumColumns), int(NumColumns) + 2} {
		header, parts := blocktest.Block(testKey, flows, columns, hasPart)
		f.Add(header[:len(header)-4], parts[partDictionary][:len(parts[partDictionary])-4], true, 0)
		f.Add(header[:len(header)-4], parts[partRows], true, 0)
		f.Add(header[:len(header)-4], parts[partRows], false, 1)
	}
	f.Add(widest(MaxRows, int(NumColumns)), []byte{0, 0}, true, 0)
	f.Add(widest(8, maxColumns), []byte{1, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}, true, 0)
	anyAddress := search.AddrRange{Lo: netip.AddrFrom4([4]byte{}), Hi: netip.AddrFrom4([4]byte{255, 255, 255, 255})}
	f.Fuzz(func(t *testing.T, header, part []byte, inBits bool, cut int) {
		key := blocktest.Key{ID: testKey.ID, Stored: testKey.Stored, Format: int64(inBytes)}
		if inBits {
			key = testKey
		}
		h, err := ReadHeader(blocktest.HeaderSum(key, header), key.ID, key.Stored, key.Format)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("header: %v", err)
			}
			return
		}
		checkHeader(t, h)
		var r Reader
		r.Reset(h, repeated{h, part, max(0, cut)})
		damage := func(err error) {
			if err != nil && !errors.Is(err, ErrDamaged) {
				t.Error(err)
			}
		}
		for c := range NumColumns {
			cells, err := r.Cells(c)
			damage(err)
			if err != nil {
				continue
			}
			for i := range h.Rows {
				if v := cells.At(i); v != h.zones[c].Min && int(c) >= h.columns {
					t.Fatalf("column %d, which the block does not have, says %d", c, v)
				}
			}
		}
		_, err = r.All()
		damage(err)
		rows := RowRange(h.Rows, 0, h.Rows)
		err = addrFilter{[]Column{ColSrc, ColErrorFrom}, []search.AddrRange{anyAddress}}.Narrow(&r, rows)
		damage(err)
		if err == nil && h.columns <= int(ColSrc) && !rows.Empty() {
			t.Error("addresses are found in a block without any")
		}
		if r.Check(func(int64) bool { return true }) == nil {
			checkZones(t, &r)
		}
	})
}

// checkZones checks that the numbers of a block that passed Check lie in the zones of its header.
func checkZones(t *testing.T, r *Reader) {
	t.Helper()
	for c := range NumColumns {
		cells, err := r.Cells(c)
		if err != nil {
			t.Fatalf("column %d, after a check without an error: %v", c, err)
		}
		for i := range r.Header.Rows {
			if z, v := r.Zone(c), cells.At(i); v < z.Min || z.Max < v {
				t.Fatalf("column %d says %d in row %d, the header %d to %d", c, v, i, z.Min, z.Max)
			}
		}
	}
}

// checkHeader checks what reading relies on.
func checkHeader(t *testing.T, h *Header) {
	t.Helper()
	if h.Rows < 1 || h.Rows > MaxStoredRows || h.columns < 2 || h.columns > maxColumns {
		t.Fatalf("%d rows, %d columns", h.Rows, h.columns)
	}
	if h.perChunk < 1 || h.perChunk*h.rowBytes+padding > chunkBytes || (h.Rows-1)/h.perChunk >= rowParts {
		t.Fatalf("%d rows of %d bytes, %d to a part", h.Rows, h.rowBytes, h.perChunk)
	}
	for c, z := range h.zones {
		if z.Max < z.Min || z.width < 0 || z.width > 64 || z.offset%8+z.width > 64 || z.offset+z.width > 8*h.rowBytes && z.width > 0 && Column(c) >= h.firstInRows() {
			t.Fatalf("column %d: %+v in a row of %d bytes", c, z, h.rowBytes)
		}
	}
}

// FuzzPiece reads any piece. One that can be read is written and read again without a change, unknown
// columns included.
func FuzzPiece(f *testing.F) {
	flows := flowsOf(randomTuples(rand.New(rand.NewPCG(2, 1)), 4))
	for i := range flows {
		flows[i].Nums = append(flows[i].Nums, 7, 1<<40, 0)
		flows[i].Addrs[int(NumColumns)+2] = netip.AddrFrom4([4]byte{192, 0, 2, 1})
	}
	for _, columns := range []int{2, 5, 38, int(ColSrcPayload), int(NumColumns), int(NumColumns) + 3} {
		data := blocktest.Piece(9, 3, flows, columns)
		f.Add(data[:len(data)-4], []byte{5, 0, 0, 0, 0, 0, 0, 0})
	}
	f.Fuzz(func(t *testing.T, data, bits []byte) {
		first, tuples, err := readAll(blocktest.PieceSum(9, data), bits)
		if err != nil || len(tuples) == 0 {
			if err != nil && !errors.Is(err, ErrDamaged) {
				t.Error(err)
			}
			return
		}
		again, same, err := readAll(AppendPiece(nil, 9, first.Session, tuples), nil)
		if err != nil || again.Session != first.Session || !reflect.DeepEqual(tuples, same) {
			t.Fatalf("%x reads as\n%+v, and written and read again as\n%+v, %v", data, tuples, same, err)
		}
	})
}

// readAll reads piece 9 without the rows of bits, in its own session.
func readAll(data, bits []byte) (p Piece, tuples []*Tuple, err error) {
	if p, err = ReadPiece(9, data); err != nil {
		return p, nil, err
	}
	if bits != nil {
		bits = blocktest.PieceSum(9, bits)
	}
	superseded, err := p.Superseded(bits)
	if err != nil {
		return p, nil, err
	}
	rows := NewPieceRows(MaxPieceRows)
	err = rows.Add(&p, p.Session, superseded)
	return p, rows.Tuples, err
}

// FuzzRecord parses any row of the table hot of earlier schemas.
func FuzzRecord(f *testing.F) {
	for _, flow := range flowsOf(randomTuples(rand.New(rand.NewPCG(2, 1)), 4)) {
		flow.Nums = append(flow.Nums, 7, 1<<40, 0)
		f.Add(blocktest.FirstRecord(flow))
		for _, columns := range []int{2, 5, 38, int(ColSrcPayload), int(NumColumns)} {
			f.Add(blocktest.Record(flow, columns))
		}
		flow.Addrs[int(NumColumns)+2] = netip.AddrFrom4([4]byte{192, 0, 2, 1})
		f.Add(blocktest.Record(flow, int(NumColumns)+3))
	}
	f.Fuzz(func(t *testing.T, record []byte) {
		var first Tuple
		if err := first.ParseRecord(3, 4, record); err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Error(err)
			}
			return
		}
		// A record of this program's columns is the row of a piece after id and start.
		_, tuples, err := readAll(AppendPiece(nil, 9, 1, []*Tuple{&first}), nil)
		if err != nil || !reflect.DeepEqual([]*Tuple{&first}, tuples) {
			t.Fatalf("%x reads as\n%+v, and in a piece as %+v, %v", record, first, tuples, err)
		}
	})
}
