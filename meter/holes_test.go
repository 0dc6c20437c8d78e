package meter

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/pkttest"
)

// losses lets a client send each second segment, then those between: n holes are filled.
func losses(l *lab, at time.Duration, port uint16, n int) {
	from := func(seq uint32) pkttest.Packet {
		return pkttest.Raw().IPv4(client, server).TCP(port, 80).PSH().Seq(seq).ACK(5001).Payload(100)
	}
	l.see(at, from(0))
	for i := range n {
		l.see(at, from(uint32(200+200*i)))
	}
	for i := range n {
		l.see(at, from(uint32(100+200*i)))
	}
}

func TestHolesInABigWindowAreAllFilled(t *testing.T) {
	for n, forgotten := range map[int]uint64{maxHoles: 0, maxHoles + 1: 0, manyHoles: 0, manyHoles + 10: 10} {
		l := newLab(t, Config{})
		losses(l, 0, 40_000, n)
		s := l.only().SrcSide
		equal(t, "out of order", s.OutOfOrder, uint64(n)-forgotten)
		equal(t, "sent again", s.Retransmitted, flow.Counters{Packets: forgotten, Octets: 100 * forgotten})
	}
}

// TestFewFlowsHaveManyHoles: the memory of holes is bounded.
func TestFewFlowsHaveManyHoles(t *testing.T) {
	l := newLab(t, Config{})
	for i := range maxWithMany + 1 {
		losses(l, 0, uint16(1000+i), maxHoles+5)
	}
	equal(t, "flows with many", l.withMany, maxWithMany)
	for _, r := range l.open() {
		want := uint64(0)
		if r.Src.Port == 1000+maxWithMany {
			want = 5
		}
		equal(t, "sent again", r.SrcSide.Retransmitted.Packets, want)
	}
	// A flow whose holes are filled lets another have many, and so does one that ends.
	l.see(1*sec, pkttest.Raw().IPv4(client, server).TCP(1000, 80).PSH().Seq(1<<20).ACK(5001).Payload(100))
	equal(t, "flows with many after one has few", l.withMany, maxWithMany-1)
	l.passTime(1 * time.Hour)
	equal(t, "flows with many after all", l.withMany, 0)
}

// TestFillIsAsOctetByOctet compares it with a set of sequence numbers.
func TestFillIsAsOctetByOctet(t *testing.T) {
	for seed := range uint64(2000) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var x extra
		missing := map[uint32]bool{}
		for at := uint32(1<<32 - 100); len(x.holes[0]) < 10; {
			h := hole{at + 1 + rng.Uint32N(5), 0}
			h.to = h.from + 1 + rng.Uint32N(20)
			x.holes[0] = append(x.holes[0], h)
			for n := h.from; n != h.to; n++ {
				missing[n] = true
			}
			at = h.to
		}
		for range 20 {
			r := hole{1<<32 - 100 + rng.Uint32N(250), 0}
			r.to = r.from + 1 + rng.Uint32N(40)
			want := false
			for n := r.from; n != r.to; n++ {
				want = want || missing[n]
				delete(missing, n)
			}
			equal(t, "filled", x.fill(0, r), want)
			left := 0
			for _, h := range x.holes[0] {
				for n := h.from; n != h.to; n++ {
					left++
					if !missing[n] {
						t.Fatalf("seed %d: %d is not missing: %v", seed, n, x.holes[0])
					}
				}
			}
			equal(t, "octets missing", left, len(missing))
			if !slices.IsSortedFunc(x.holes[0], func(a, b hole) int { return int(int32(a.from - b.from)) }) {
				t.Fatalf("seed %d: not in order: %v", seed, x.holes[0])
			}
		}
	}
}
