package meter

import (
	"math/rand/v2"
	"testing"
)

func TestNextOccupiedFindsEveryBucket(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	tb := newTable()
	for round := range 200 {
		w := newWheel()
		w.tick = rng.Int64N(3 * wheelSize)
		var slots []uint32
		for n := range 1 + rng.IntN(1+round%10) {
			k := numbered(round*10 + n)
			slot, _ := tb.insert(&k, tb.hash(&k))
			w.add(tb, slot, (w.tick+rng.Int64N(wheelSize))*tickNS)
			slots = append(slots, slot)
		}
		for ; len(slots) > 0; slots = slots[1:] {
			for range 50 {
				w.tick = rng.Int64N(3 * wheelSize)
				want := int64(1)
				for w.rings[(w.tick+want)%wheelSize].next >= bucketBase {
					want++
				}
				if got := w.nextOccupied(); got != want {
					t.Fatalf("round %d: from tick %d it is %d ticks to the next bucket with entries, want %d", round, w.tick, got, want)
				}
			}
			w.remove(tb, slots[0])
		}
		equal(t, "ticks in an empty wheel", w.nextOccupied(), wheelSize)
		equal(t, "words of an empty wheel", w.words, [len(w.words)]uint64{})
	}
}
