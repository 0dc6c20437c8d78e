package block

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"weir/internal/blocktest"
)

// testKey is the key of all blocks of these tests.
var testKey = blocktest.Key{ID: 7, Stored: 1 << 60, Format: int64(Keyed)}

func readTestHeader(data []byte) (*Header, error) {
	return ReadHeader(data, testKey.ID, testKey.Stored, testKey.Format)
}

// memory is a source of the parts of a block of format Keyed, with their checksums.
type memory map[int][]byte

func (m memory) Part(number int) (data []byte, err error) {
	err = m.Parts(number, number, func(part []byte) error { data = part; return nil })
	if err == nil && data == nil {
		err = ErrVanished
	}
	return data, err
}

func (m memory) Parts(from, to int, fn func(part []byte) error) error {
	for number := from; number <= to; number++ {
		if m[number] == nil {
			continue
		}
		part, err := checkSum(m[number], testKey.ID, int64(number))
		if err == nil {
			err = fn(part)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (m memory) Memory(n int) []byte { return make([]byte, n) }

// randomTuples returns n flows of one node, in order. The numbers of a column take 7 times its number
// mod 65 bits.
func randomTuples(rng *rand.Rand, n int) []*Tuple {
	tuples := make([]*Tuple, n)
	for i := range tuples {
		t := new(Tuple)
		for c := range NumColumns {
			t.Nums[c] = int64(rng.Uint64() >> (64 - (7*int(c))%65))
		}
		t.Nums[ColNode] = 9
		t.Nums[ColStart] = rng.Int64N(50) - 25
		t.Nums[ColID] = int64(i)
		for k := range t.Addrs {
			t.Addrs[k] = [...]netip.Addr{{}, netip.AddrFrom4([4]byte{10, 0, 0, byte(rng.IntN(50))}), netip.AddrFrom16([16]byte{0x20, 1, 15: byte(rng.IntN(50))})}[rng.IntN(3)]
		}
		tuples[i] = t
	}
	slices.SortFunc(tuples, ByStart)
	return tuples
}

// flowsOf converts tuples for the independent encoder.
func flowsOf(tuples []*Tuple) []blocktest.Flow {
	flows := make([]blocktest.Flow, len(tuples))
	for i, t := range tuples {
		flows[i] = blocktest.Flow{Nums: t.Nums[:], Addrs: map[int]netip.Addr{}}
		for k, c := range addressColumns {
			flows[i].Addrs[int(c)] = t.Addrs[k]
		}
	}
	return flows
}

func hasPart(c int) bool { return c < int(rowsOnly) }

// packed packs tuples and returns the stored header and the parts.
func packed(t testing.TB, tuples []*Tuple) (header []byte, parts memory) {
	t.Helper()
	var p Packer
	p.Pack(testKey.ID, testKey.Stored, tuples)
	parts = memory{}
	last := -1
	err := p.Each(func(number int, data []byte) error {
		if number <= last || number >= PartsPerBlock {
			t.Errorf("part %d after part %d", number, last)
		}
		parts[number], last = bytes.Clone(data), number
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return AppendHeader(nil, p.Header()), parts
}

func TestBlocksAndPiecesMatchTheDocumentation(t *testing.T) {
	for _, n := range []int{1, 2, 63, 500} {
		tuples := randomTuples(rand.New(rand.NewPCG(uint64(n), 1)), n)
		header, parts := packed(t, tuples)
		wantHeader, wantParts := blocktest.Block(testKey, flowsOf(tuples), int(NumColumns), hasPart)
		if !bytes.Equal(header, wantHeader) {
			t.Errorf("%d flows: the header is\n%x, want\n%x", n, header, wantHeader)
		}
		for number := range PartsPerBlock {
			if !bytes.Equal(parts[number], wantParts[number]) {
				t.Errorf("%d flows: part %d is\n%x, want\n%x", n, number, parts[number], wantParts[number])
			}
		}
		got, want := AppendPiece(nil, 7, 5, tuples), blocktest.Piece(7, 5, flowsOf(tuples), int(NumColumns))
		if !bytes.Equal(got, want) {
			t.Errorf("%d flows: the piece is\n%x, want\n%x", n, got, want)
		}
	}
}

func TestABlockReadsBackEqual(t *testing.T) {
	tuples := randomTuples(rand.New(rand.NewPCG(4, 5)), 700)
	data, parts := packed(t, tuples)
	h, err := readTestHeader(data)
	if err != nil {
		t.Fatal(err)
	}
	var r Reader
	r.Reset(h, parts)
	for c := range NumColumns {
		cells, err := r.Cells(c)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range tuples {
			if got := cells.At(i); got != want.Nums[c] {
				t.Fatalf("column %d, row %d: %d, want %d", c, i, got, want.Nums[c])
			}
		}
	}
	some := []int{0, 1, 2, 99, 350, 351, 699}
	err = r.Each(some, func(k int, got *Tuple) error {
		if *got != *tuples[some[k]] {
			t.Errorf("row %d is %v, want %v", some[k], got, tuples[some[k]])
		}
		return nil
	})
	if err := errors.Join(err, r.Check(func(node int64) bool { return node == 9 })); err != nil {
		t.Error(err)
	}
	all, err := r.All()
	if err != nil || !slices.EqualFunc(all, tuples, func(a, b *Tuple) bool { return *a == *b }) {
		t.Errorf("all rows: %d, %v, not the ones that were packed", len(all), err)
	}
}

func TestAFlippedBitOfAnUnknownColumnIsFound(t *testing.T) {
	flows := flowsOf(randomTuples(rand.New(rand.NewPCG(4, 5)), 100))
	for i := range flows {
		flows[i].Nums = append(flows[i].Nums, int64(i))
	}
	data, parts := blocktest.Block(testKey, flows, int(NumColumns)+1, func(c int) bool { return hasPart(c) || c == int(NumColumns) })
	h, err := readTestHeader(data)
	if err != nil {
		t.Fatal(err)
	}
	check := func() error {
		var r Reader
		r.Reset(h, memory(parts))
		return r.Check(func(int64) bool { return true })
	}
	if err := check(); err != nil {
		t.Error(err)
	}
	parts[partColumn+int(NumColumns)][3] ^= 4
	if err := check(); !errors.Is(err, ErrDamaged) {
		t.Errorf("a check says %v", err)
	}
}

// widest returns the header of a block whose cells have 64 bits.
func widest(rows, columns int) []byte {
	b := binary.AppendUvarint(binary.AppendUvarint(nil, uint64(rows)), uint64(columns))
	for c := range columns {
		least := int64(math.MinInt64)
		if c < int(NumColumns) && Column(c).IsAddress() {
			least = 0
		}
		b = binary.AppendUvarint(binary.AppendVarint(b, least), math.MaxInt64-uint64(least))
	}
	return append(b, 0)
}

func TestABlockHasEnoughPartNumbers(t *testing.T) {
	for _, c := range []struct {
		rows, columns int
		ok            bool
	}{
		{MaxRows, int(NumColumns), true},
		{MaxStoredRows, 49, true},
		{MaxStoredRows, 50, false},
		{rowParts * 3, maxColumns, true},
		{rowParts*3 + 1, maxColumns, false},
	} {
		h, err := readTestHeader(blocktest.HeaderSum(testKey, widest(c.rows, c.columns)))
		if (err == nil) != c.ok {
			t.Errorf("%d rows of %d columns: %v", c.rows, c.columns, err)
		}
		if err == nil && h.HasUnknownColumns() != (c.columns > int(NumColumns)) {
			t.Errorf("%d columns: HasUnknownColumns is %t", c.columns, h.HasUnknownColumns())
		}
	}
}
