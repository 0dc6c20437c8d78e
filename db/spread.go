package db

import (
	"math"
	"math/bits"
)

// spread is a flow whose counters are spread evenly over the nanoseconds from start to end, both included.
type spread struct{ start, end int64 }

// before returns what falls before a time of a counter n: n times the part of the duration before it, rounded
// down. So the parts of consecutive spans of time add up to n.
func (f spread) before(n uint64, at int64) uint64 {
	switch {
	case at <= f.start:
		return 0
	case at > f.end:
		return n
	}
	done, all := uint64(at)-uint64(f.start), uint64(f.end)-uint64(f.start)
	if all < math.MaxUint64 {
		all++
	}
	hi, lo := bits.Mul64(n, done)
	part, _ := bits.Div64(hi, lo, all)
	return part
}

// part returns the part of a counter n that falls into a span.
func (f spread) part(n uint64, sp span) uint64 {
	upTo := n
	if sp.hi < f.end {
		upTo = f.before(n, sp.hi+1)
	}
	return upTo - f.before(n, sp.lo)
}

// within reports whether the whole flow lies in a span.
func (f spread) within(sp span) bool { return sp.lo <= f.start && f.end <= sp.hi }
