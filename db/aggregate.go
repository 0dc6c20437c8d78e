package db

import (
	"math"

	"weir/db/block"
)

// sums are the totals of a group of flows.
type sums struct {
	flows               int64
	sent, recv, packets uint64 // octets of each direction; packets of both
	first, last         int64  // start of the earliest flow and end of the latest, as stored; first > last: not known of any
}

func (s *sums) octets() uint64 { return block.AddSaturating(s.sent, s.recv) }

func (s *sums) add(t *sums) {
	s.flows += t.flows
	s.sent, s.recv, s.packets = block.AddSaturating(s.sent, t.sent), block.AddSaturating(s.recv, t.recv), block.AddSaturating(s.packets, t.packets)
	s.first, s.last = min(s.first, t.first), max(s.last, t.last)
}

// noSums are the totals of no flow.
var noSums = sums{first: math.MaxInt64, last: math.MinInt64}

// counters reads the counters of a batch's rows, and of each the part that falls into a span.
type counters struct {
	cells [6]block.Cells // octets and packets, sent and received; start and duration
	clip  span
	whole bool // all flows lie in the span
}

func countersOf(b block.Batch, clip span) (c counters, err error) {
	c.clip, c.whole = clip, clip.lo <= b.Zone(block.ColStart).Min && (clip.hi == math.MaxInt64 || latestEnd(b) <= clip.hi)
	for i, col := range [...]block.Column{block.ColSentOctets, block.ColRecvOctets, block.ColSentPackets, block.ColRecvPackets, block.ColStart, block.ColDuration} {
		if c.cells[i], err = b.Cells(col); err != nil {
			return c, err
		}
	}
	return c, nil
}

// times returns when the flow of a row started and when it was last active.
func (c *counters) times(i int) spread {
	start := c.cells[4].At(i)
	return spread{start, max(start, start+c.cells[5].At(i))}
}

func (c *counters) at(i int) sums {
	f := c.times(i)
	if c.whole || f.within(c.clip) {
		s := sums{1, uint64(c.cells[0].At(i)), uint64(c.cells[1].At(i)), uint64(c.cells[2].At(i)) + uint64(c.cells[3].At(i)), math.MaxInt64, math.MinInt64}
		if f.start != block.ZeroTime {
			s.first, s.last = f.start, f.end
		}
		return s
	}
	s := c.part(i, f, c.clip)
	if first, last := max(f.start, c.clip.lo), min(f.end, c.clip.hi); f.start != block.ZeroTime && first <= last { // else it is open, and quiet since then
		s.first, s.last = first, last
	}
	return s
}

// part returns the part of the counters of a row that falls into a span.
func (c *counters) part(i int, f spread, sp span) sums {
	n := func(k int) uint64 { return f.part(uint64(c.cells[k].At(i)), sp) }
	return sums{1, n(0), n(1), n(2) + n(3), math.MaxInt64, math.MinInt64}
}
