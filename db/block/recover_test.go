package block

import (
	"bytes"
	"errors"
	"maps"
	"math/rand/v2"
	"reflect"
	"testing"

	"weir/internal/blocktest"
)

// packedParts returns a packed block: its header and stored parts.
func packedParts(t *testing.T, tuples []*Tuple) (*Header, memory) {
	t.Helper()
	var p Packer
	p.Pack(testKey.ID, testKey.Stored, tuples)
	k, err := readTestHeader(AppendHeader(nil, p.Header()))
	if err != nil {
		t.Fatal(err)
	}
	parts := memory{}
	if err := p.Each(func(number int, data []byte) error { parts[number] = bytes.Clone(data); return nil }); err != nil {
		t.Fatal(err)
	}
	return k, parts
}

// recovered returns what Recover makes of parts.
func recovered(t *testing.T, k *Header, parts memory) Recovered {
	t.Helper()
	got, err := Recover(k, func(number int) ([]byte, error) {
		if parts[number] == nil {
			return nil, ErrVanished
		}
		return parts[number], nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestOneFlippedBitIsTurnedBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	tuples := randomTuples(rng, 300)
	k, parts := packedParts(t, tuples)
	for number, part := range parts {
		for range 10 {
			at, bit := rng.IntN(len(part)), rng.IntN(8)
			damaged := maps.Clone(parts)
			damaged[number] = bytes.Clone(part)
			damaged[number][at] ^= 1 << bit
			got := recovered(t, k, damaged)
			if len(got.Damage) != 1 || got.Fixed != 1 || !got.Whole() || !sameFlows(got.Flows, tuples) {
				t.Fatalf("bit %d of byte %d of %d in part %d: %d flows, %+v", bit, at, len(part), number, len(got.Flows), got.Damage)
			}
			if columnPart := number >= partColumn && number < partRows; got.Readable != columnPart {
				t.Errorf("part %d: readable is %t", number, got.Readable)
			}
		}
	}
	header := AppendHeader(nil, k)
	for range 100 {
		damaged := bytes.Clone(header)
		damaged[rng.IntN(len(header))] ^= 1 << rng.IntN(8)
		if fixed, err := FixHeader(damaged, k.ID, k.Stored, int64(k.Format)); err != nil || !reflect.DeepEqual(fixed, k) {
			t.Fatalf("the header is not what it was: %v", err)
		}
		id, stored, format := k.ID, k.Stored, int64(k.Format)
		*[]*int64{&id, &stored, &format}[rng.IntN(3)] ^= 1 << rng.IntN(64)
		if _, err := ReadHeader(header, id, stored, format); !errors.Is(err, ErrDamaged) {
			t.Fatalf("the header of another block: %v", err)
		}
		if fixed, err := FixHeader(header, id, stored, format); err != nil || !reflect.DeepEqual(fixed, k) {
			t.Fatalf("the number, time or format is not what it was: %v", err)
		}
	}
}

func TestTwoOrThreeFlippedBitsAreNotTakenForOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	k, parts := packedParts(t, randomTuples(rng, 300))
	for number, part := range parts {
		for range 50 {
			damaged := bytes.Clone(part)
			for flipped := 0; flipped < 2; flipped++ {
				damaged[rng.IntN(len(part))] ^= 1 << rng.IntN(8)
			}
			if FixBit(damaged, k.ID, int64(number)) && !bytes.Equal(damaged, part) {
				t.Fatalf("part %d became another one", number)
			}
		}
	}
}

func sameFlows(a, b []*Tuple) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if *a[i] != *b[i] {
			return false
		}
	}
	return true
}

func TestABlockIsRecoveredFromTheCopyThatIsWhole(t *testing.T) {
	const rows = 300
	tuples := randomTuples(rand.New(rand.NewPCG(3, 4)), rows)
	k, parts := packedParts(t, tuples)
	chunk := k.perChunk
	byID := map[int64]*Tuple{}
	for _, flow := range tuples {
		byID[flow.Nums[ColID]] = flow
	}
	for _, c := range []struct {
		name                   string
		lose                   []int
		flows, unknown, damage int
	}{
		{"nothing", nil, rows, 0, 0},
		{"a column", []int{partColumn + int(ColSport)}, rows, 0, 1},
		{"some columns", []int{partColumn, partColumn + 1, partColumn + int(ColSport)}, rows, 0, 3},
		{"a part of rows", []int{partRows + 1}, rows, chunk, 1},
		{"a part of rows and a column", []int{partRows + 1, partColumn + int(ColSport)}, rows - chunk, 0, 2},
		{"the address list", []int{partDictionary}, 0, 0, 1},
	} {
		for how, lose := range map[string]func(memory, int){
			"gone":    func(m memory, number int) { delete(m, number) },
			"garbage": func(m memory, number int) { m[number] = []byte("garbage, longer than a checksum") },
			"damaged": func(m memory, number int) {
				m[number] = bytes.Clone(m[number])
				for i := 2; i < len(m[number]); i += 3 {
					m[number][i] ^= 0x55
				}
			},
		} {
			damaged := maps.Clone(parts)
			for _, number := range c.lose {
				lose(damaged, number)
			}
			got := recovered(t, k, damaged)
			if len(got.Flows) != c.flows || got.Lost != rows-c.flows || got.Unknown != c.unknown || len(got.Damage) != c.damage {
				t.Errorf("%s %s: %d flows, %d lost, %d in part, %q", c.name, how, len(got.Flows), got.Lost, got.Unknown, got.Damage)
			}
			unknown := 0
			for _, flow := range got.Flows {
				want := *byID[flow.Nums[ColID]]
				if *flow != want {
					unknown++
					want.Nums[ColSeen] &^= SeenSrcIPID | SeenDstIPID | SeenHealth
					for c := rowsOnly; c < NumColumns; c++ {
						want.Nums[c] = 0
					}
				}
				if *flow != want {
					t.Fatalf("%s %s: flow %d is %v, want %v", c.name, how, flow.Nums[ColID], flow, want)
				}
			}
			if unknown > c.unknown {
				t.Errorf("%s %s: %d flows are not whole, %d said to be", c.name, how, unknown, c.unknown)
			}
		}
	}
}

func TestAFixThatContradictsTheOtherCopyIsNotUsed(t *testing.T) {
	tuples := randomTuples(rand.New(rand.NewPCG(5, 6)), 300)
	k, parts := packedParts(t, tuples)
	number := partColumn + int(ColSport)
	// A right checksum over wrong numbers, then a flipped bit: FixBit turns back to the wrong numbers.
	wrong := bytes.Clone(parts[number][:len(parts[number])-4])
	wrong[5] ^= 0xff
	wrong = appendSum(wrong, 0, k.ID, int64(number))
	wrong[9] ^= 1
	parts[number] = wrong
	if got := recovered(t, k, parts); !sameFlows(got.Flows, tuples) || got.Fixed != 0 {
		t.Errorf("%d flows, %d lost, %d fixed: want the flows from the rows", len(got.Flows), got.Lost, got.Fixed)
	}
}

// TestAPartInThePlaceOfAnotherIsDamage exchanges parts of equal size, as a flipped bit in their ids does,
// and reads them as those of another block.
func TestAPartInThePlaceOfAnotherIsDamage(t *testing.T) {
	tuples := randomTuples(rand.New(rand.NewPCG(7, 8)), 300)
	k, parts := packedParts(t, tuples)
	moved := maps.Clone(parts)
	moved[partRows], moved[partRows+1] = parts[partRows+1], parts[partRows]
	if got := recovered(t, k, moved); len(got.Damage) != 2 || got.Unknown != 2*k.perChunk || got.Lost != 0 {
		t.Errorf("exchanged rows: %d lost, %d in part, %q", got.Lost, got.Unknown, got.Damage)
	}
	other := *k
	other.ID++
	if got := recovered(t, &other, parts); len(got.Damage) != len(parts) || got.Lost != 300 {
		t.Errorf("the parts of another block: %d lost, %q", got.Lost, got.Damage)
	}
}

// TestBlocksOfFormat1AreReadAndRecovered flips a bit in a part and in the header of such a block.
func TestBlocksOfFormat1AreReadAndRecovered(t *testing.T) {
	tuples := randomTuples(rand.New(rand.NewPCG(8, 9)), 300)
	packed(t, tuples) // sets the numbers of their addresses
	key := blocktest.Key{Format: int64(InBits)}
	data, parts := blocktest.Block(key, flowsOf(tuples), int(NumColumns), hasPart)
	data[5] ^= 1
	k, err := FixHeader(data, 3, 4, key.Format)
	if err != nil || k.ID != 3 || k.Stored != 4 {
		t.Fatal(k, err)
	}
	parts[partRows][7] ^= 4
	if got := recovered(t, k, parts); !sameFlows(got.Flows, tuples) || got.Fixed != 1 || len(got.Damage) != 1 {
		t.Errorf("%d flows, %d fixed, %q", len(got.Flows), got.Fixed, got.Damage)
	}
}
