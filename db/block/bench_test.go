package block

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkPack packs full blocks, BenchmarkParse reads rows of the table hot; the unit is a flow.
func BenchmarkPack(b *testing.B) {
	tuples := randomTuples(rand.New(rand.NewPCG(1, 2)), MaxRows)
	var p Packer
	b.ResetTimer()
	for done := 0; done < b.N; done += len(tuples) {
		p.Pack(tuples)
	}
}

func BenchmarkParse(b *testing.B) {
	tuples := randomTuples(rand.New(rand.NewPCG(1, 2)), 1000)
	for _, t := range tuples {
		for c := ColEndReason; c < NumColumns; c++ {
			if c%3 > 0 { // most flows have 0 there
				t.Nums[c] = 0
			}
		}
	}
	records := make([][]byte, len(tuples))
	for i, t := range tuples {
		records[i] = AppendRecord(nil, t)
	}
	var t Tuple
	b.ResetTimer()
	for i := range b.N {
		if err := t.Parse(1, 2, records[i%len(records)]); err != nil {
			b.Fatal(err)
		}
	}
}
