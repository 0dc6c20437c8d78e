package flow_test

import (
	"slices"
	"testing"

	"weir/flow"
)

func TestHealthSentencesSayWhatWasCounted(t *testing.T) {
	side := func(retrans, order, zero uint64) flow.Side {
		return flow.Side{Retransmitted: flow.Counters{Packets: retrans}, OutOfOrder: order, ZeroWindows: zero}
	}
	for _, c := range []struct {
		name     string
		sent     uint64 // packets of the source; the destination sent 1,000
		src, dst flow.Side
		want     []string
	}{
		{"nothing went wrong", 100, side(0, 0, 0), side(0, 0, 0), nil},
		{"each side", 100, side(12, 0, 1), side(0, 5, 3), []string{"12 % of what the source sent was sent again", "the source announced a zero window once",
			"5 segments from the destination arrived out of order", "the destination announced a zero window 3 times"}},
		{"few are not 0 %", 1_000_000, side(1, 1, 0), side(9, 0, 0), []string{"less than 1 % of what the source sent was sent again",
			"1 segment from the source arrived out of order", "less than 1 % of what the destination sent was sent again"}},
		{"1 % is not less", 100, side(1, 0, 0), side(0, 0, 0), []string{"1 % of what the source sent was sent again"}},
		{"nearly all are not 100 %", 1000, side(995, 0, 0), side(990, 0, 0), []string{"more than 99 % of what the source sent was sent again", "99 % of what the destination sent was sent again"}},
		{"all", 4, side(4, 0, 0), side(0, 0, 0), []string{"100 % of what the source sent was sent again"}},
		{"more than all", 1, side(2, 0, 0), side(0, 0, 0), []string{"2 segments from the source were sent again"}},
		{"of nothing", 0, side(1, 0, 0), side(0, 0, 0), []string{"1 segment from the source was sent again"}},
	} {
		r := flow.Record{Proto: flow.TCP, Sent: flow.Counters{Packets: c.sent}, Recv: flow.Counters{Packets: 1000}, SrcSide: c.src, DstSide: c.dst}
		if got := r.HealthSentences(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		r.Uncounted = true
		if got := r.HealthSentences(); got != nil {
			t.Errorf("%s, not counted: %q", c.name, got)
		}
	}
}
