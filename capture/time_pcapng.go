package capture

import (
	"fmt"
	"math"
	"math/bits"
)

// addTimes returns a + b, or the nearest time that fits.
func addTimes(a, b int64) int64 {
	switch sum := a + b; {
	case a > 0 && b > 0 && sum < 0:
		return math.MaxInt64
	case a < 0 && b < 0 && sum >= 0:
		return math.MinInt64
	default:
		return sum
	}
}

// nsOf returns seconds in ns, or the nearest time that fits.
func nsOf(seconds int64) int64 {
	switch {
	case seconds > math.MaxInt64/1_000_000_000:
		return math.MaxInt64
	case seconds < math.MinInt64/1_000_000_000:
		return math.MinInt64
	}
	return seconds * 1e9
}

// resolution is the unit of an interface's timestamps: num/den ns.
type resolution struct{ num, den uint64 }

// newResolution parses the option if_tsresol: a negative power of 10, or of 2 if the
// highest bit is set.
func newResolution(v byte) (resolution, error) {
	n := int(v & 0x7f)
	switch {
	case v&0x80 != 0 && n <= 63:
		return resolution{1e9, 1 << n}, nil
	case v&0x80 != 0:
		return resolution{}, fmt.Errorf("timestamp resolution 2^-%d s: expected 2^-63 s or coarser", n)
	case n <= 9:
		return resolution{power10(9 - n), 1}, nil
	case n <= 28: // 10^19 is the largest power that fits
		return resolution{1, power10(n - 9)}, nil
	}
	return resolution{}, fmt.Errorf("timestamp resolution 10^-%d s: expected 10^-28 s or coarser", n)
}

func power10(n int) uint64 {
	v := uint64(1)
	for range n {
		v *= 10
	}
	return v
}

// ns converts a timestamp to ns since 1970 UTC, at most math.MaxInt64 (the year
// 2262).
func (t resolution) ns(ticks uint64) int64 {
	hi, lo := bits.Mul64(ticks, t.num)
	if t.den != 1 {
		if hi >= t.den {
			return math.MaxInt64
		}
		hi, lo = 0, div(hi, lo, t.den)
	}
	if hi != 0 || lo > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(lo)
}

func div(hi, lo, den uint64) uint64 {
	q, _ := bits.Div64(hi, lo, den)
	return q
}
