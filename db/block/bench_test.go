package block

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkPack packs full blocks, BenchmarkAppendPiece and BenchmarkReadPiece write and
// read pieces; the unit is a flow.
func BenchmarkPack(b *testing.B) {
	tuples := randomTuples(rand.New(rand.NewPCG(1, 2)), MaxRows)
	var p Packer
	b.ResetTimer()
	for done := 0; done < b.N; done += len(tuples) {
		p.Pack(1, 2, tuples)
	}
}

// usualTuples returns tuples with 0 in many columns, as most flows have.
func usualTuples() []*Tuple {
	tuples := randomTuples(rand.New(rand.NewPCG(1, 2)), MaxPieceRows)
	for _, t := range tuples {
		for c := ColEndReason; c < NumColumns; c++ {
			if c%3 > 0 {
				t.Nums[c] = 0
			}
		}
	}
	return tuples
}

func BenchmarkAppendPiece(b *testing.B) {
	tuples := usualTuples()
	var data []byte
	b.ResetTimer()
	for done := 0; done < b.N; done += len(tuples) {
		data = AppendPiece(data[:0], 1, 1, tuples)
	}
	b.ReportMetric(float64(len(data))/float64(len(tuples)), "B/flow")
}

func BenchmarkReadPiece(b *testing.B) {
	data := AppendPiece(nil, 1, 1, usualTuples())
	rows := NewPieceRows(MaxPieceRows)
	b.ResetTimer()
	for done := 0; done < b.N; done += rows.Rows() {
		rows.Clear()
		p, err := ReadPiece(1, data)
		if err == nil {
			err = rows.Add(&p, 1, make(Bitmap, MaxPieceRows/64))
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
