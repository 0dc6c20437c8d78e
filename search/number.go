package search

import (
	"strconv"
	"strings"
	"time"
)

// unit is a suffix of a number and what it stands for.
type unit struct {
	name string
	size int64
}

// countUnits are those of bytes and packets, as canonical text has them. K is
// 1000 (SI), Ki is 1024 (IEC 80000-13).
var countUnits = []unit{
	{"T", 1e12}, {"G", 1e9}, {"M", 1e6}, {"K", 1e3},
	{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
}

// durationUnits count nanoseconds. A day has 24 hours.
var durationUnits = []unit{
	{"d", int64(24 * time.Hour)}, {"h", int64(time.Hour)}, {"m", int64(time.Minute)},
	{"s", int64(time.Second)}, {"ms", int64(time.Millisecond)}, {"us", int64(time.Microsecond)}, {"ns", 1},
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// countText prints n with the largest unit that divides it, a decimal one
// before a binary one.
func countText(n int64) string {
	for _, u := range countUnits {
		if n != 0 && n%u.size == 0 {
			return decimal(n/u.size) + u.name
		}
	}
	return decimal(n)
}

// durationText prints n nanoseconds in one unit: in days, hours or minutes if
// it is a whole number of them, else in the largest of seconds, ms, us and ns
// that leaves at most three decimals. 0 is "0s".
func durationText(n int64) string {
	if n == 0 {
		return "0s"
	}
	for _, u := range durationUnits {
		switch {
		case n%u.size == 0:
			return decimal(n/u.size) + u.name
		case u.size <= int64(time.Second) && n > u.size && n%(u.size/1000) == 0:
			fraction := decimal(1000 + n%u.size/(u.size/1000))[1:]
			return decimal(n/u.size) + "." + strings.TrimRight(fraction, "0") + u.name
		}
	}
	return decimal(n) + "ns"
}

// roundness says how natural n is as a bound: the number of its decimal zeros,
// and at least three for a multiple of 1024. It decides between ">1K" and
// ">=1001", which are the same interval.
func roundness(n int64) int {
	if n == 0 {
		return 0
	}
	zeros := 0
	for m := n; m%10 == 0; m /= 10 {
		zeros++
	}
	if n%1024 == 0 {
		zeros = max(zeros, 3)
	}
	return zeros
}
