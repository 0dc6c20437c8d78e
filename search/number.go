package search

import (
	"errors"
	"fmt"
	"math/big"
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
		return 1
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

// parsePlain reads a number without a unit.
func parsePlain(s string) (int64, error) {
	return scaled(s, s, 1)
}

// parseCount reads "1500", "10K", "1.5MB" or "4MiB". The unit's case and a
// final B don't count.
func parseCount(s string) (int64, error) {
	digits, suffix := cutNumber(s)
	name := strings.ToLower(suffix)
	if name != "b" {
		name = strings.TrimSuffix(name, "b")
	} else {
		name = ""
	}
	if name == "" {
		return scaled(s, digits, 1)
	}
	for _, u := range countUnits {
		if name == strings.ToLower(strings.TrimSuffix(u.name, "B")) {
			return scaled(s, digits, u.size)
		}
	}
	return 0, fmt.Errorf("unknown unit %q, known are K M G T and KiB MiB GiB TiB", suffix)
}

// parseDuration reads "200ms", "1.5s", "1h30m", "2d" or "0".
func parseDuration(s string) (int64, error) {
	if s == "0" {
		return 0, nil
	}
	var total int64
	for rest := s; rest != ""; {
		digits, tail := cutNumber(rest)
		end := strings.IndexAny(tail, "0123456789.")
		if end < 0 {
			end = len(tail)
		}
		size, err := durationUnit(tail[:end])
		if err != nil {
			return 0, err
		}
		n, err := scaled(s, digits, size)
		if err != nil {
			return 0, err
		}
		if total += n; total < 0 {
			return 0, tooLarge(s)
		}
		rest = tail[end:]
	}
	if s == "" {
		return 0, errors.New("duration missing")
	}
	return total, nil
}

// durationUnit returns the nanoseconds of a unit.
func durationUnit(name string) (int64, error) {
	switch lower := strings.ToLower(name); lower {
	case "":
		return 0, errors.New("a duration needs a unit out of ns us ms s m h d w")
	case "µs", "μs": // micro sign, Greek mu
		return int64(time.Microsecond), nil
	case "w":
		return int64(7 * 24 * time.Hour), nil
	default:
		for _, u := range durationUnits {
			if lower == u.name {
				return u.size, nil
			}
		}
	}
	return 0, fmt.Errorf("unknown unit %q, known are ns us ms s m h d w", name)
}

// cutNumber splits s behind its leading digits and dots.
func cutNumber(s string) (digits, rest string) {
	n := len(s) - len(strings.TrimLeft(s, "0123456789."))
	return s[:n], s[n:]
}

// scaled returns digits, a decimal number, times size. The result must be
// whole. s is the text that errors speak of.
func scaled(s, digits string, size int64) (int64, error) {
	whole, fraction, dotted := strings.Cut(digits, ".")
	switch {
	case whole == "" || strings.Trim(whole+fraction, "0123456789") != "" || dotted && fraction == "":
		return 0, fmt.Errorf("%q is no number", s)
	case len(whole) > 1 && whole[0] == '0':
		return 0, fmt.Errorf("number %q begins with a zero, and numbers have no separators", s)
	case len(digits) > 40:
		return 0, tooLarge(s)
	}
	r, ok := new(big.Rat).SetString(digits)
	if !ok {
		return 0, fmt.Errorf("%q is no number", s)
	}
	r.Mul(r, new(big.Rat).SetInt64(size))
	switch {
	case !r.IsInt():
		return 0, fmt.Errorf("%q is not a whole number", s)
	case !r.Num().IsInt64():
		return 0, tooLarge(s)
	}
	return r.Num().Int64(), nil
}

func tooLarge(s string) error { return fmt.Errorf("number %q is too large", s) }
