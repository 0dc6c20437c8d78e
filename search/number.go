package search

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// unit is a suffix of a number and its factor.
type unit struct {
	name string
	size int64
}

// countUnits are the units of bytes and packets in canonical text. K is 1000
// (SI), Ki is 1024 (IEC 80000-13).
var countUnits = []unit{
	{"T", 1e12}, {"G", 1e9}, {"M", 1e6}, {"K", 1e3},
	{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
}

// durationUnits are in nanoseconds. A day has 24 hours.
var durationUnits = []unit{
	{"d", int64(24 * time.Hour)}, {"h", int64(time.Hour)}, {"m", int64(time.Minute)},
	{"s", int64(time.Second)}, {"ms", int64(time.Millisecond)}, {"us", int64(time.Microsecond)}, {"ns", 1},
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// countText prints n with the largest unit that divides it, preferring decimal
// to binary units.
func countText(n int64) string {
	for _, u := range countUnits {
		if n != 0 && n%u.size == 0 {
			return decimal(n/u.size) + u.name
		}
	}
	return decimal(n)
}

// durationText prints n nanoseconds in one unit: days, hours or minutes if n is a
// multiple, else the largest of s, ms, us and ns that needs at most three
// decimals. 0 is "0s".
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

// roundness rates how natural n is as a bound: its number of trailing decimal
// zeros, and at least three for a multiple of 1024. It decides between ">1K" and
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

// parsePlain parses a number without a unit.
func parsePlain(s string) (int64, error) {
	return parseScaled(s, s, 1)
}

// parseCount parses "1500", "10K", "1.5MB" or "4MiB". It ignores the case of the
// unit and a final B.
func parseCount(s string) (int64, error) {
	digits, suffix := cutNumber(s)
	name := strings.ToLower(suffix)
	if name != "b" {
		name = strings.TrimSuffix(name, "b")
	} else {
		name = ""
	}
	if name == "" {
		return parseScaled(s, digits, 1)
	}
	for _, u := range countUnits {
		if name == strings.ToLower(strings.TrimSuffix(u.name, "B")) {
			return parseScaled(s, digits, u.size)
		}
	}
	return 0, fmt.Errorf("unknown unit %q, expected K M G T or KiB MiB GiB TiB", suffix)
}

// parseDuration parses "200ms", "1.5s", "1h30m", "2d" or "0" into nanoseconds.
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
		n, err := parseScaled(s, digits, size)
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

// durationUnit returns the size of a unit in nanoseconds.
func durationUnit(name string) (int64, error) {
	switch lower := strings.ToLower(name); lower {
	case "":
		return 0, errors.New("a duration needs a unit: ns us ms s m h d or w")
	case "µs", "μs": // micro sign, Greek mu
		return int64(time.Microsecond), nil
	case "w":
		return int64(7 * 24 * time.Hour), nil
	case "mo": // a month has 30 days, a year 365
		return int64(30 * 24 * time.Hour), nil
	case "y":
		return int64(365 * 24 * time.Hour), nil
	case "sec", "min":
		return durationUnit(lower[:1])
	default:
		for _, u := range durationUnits {
			if lower == u.name {
				return u.size, nil
			}
		}
	}
	return 0, fmt.Errorf("unknown unit %q, expected ns us ms s m h d w", name)
}

// cutNumber splits s after its leading digits and dots.
func cutNumber(s string) (digits, rest string) {
	n := len(s) - len(strings.TrimLeft(s, "0123456789."))
	return s[:n], s[n:]
}

// parseScaled returns the decimal number digits multiplied by size. The result
// must be an integer. s is the text to quote in errors.
func parseScaled(s, digits string, size int64) (int64, error) {
	whole, fraction, dotted := strings.Cut(digits, ".")
	switch {
	case whole == "" || strings.Trim(whole+fraction, "0123456789") != "" || dotted && fraction == "":
		return 0, fmt.Errorf("invalid number %q", s)
	case len(whole) > 1 && whole[0] == '0':
		return 0, fmt.Errorf("number %q begins with a zero, and numbers have no separators", s)
	case len(digits) > 40:
		return 0, tooLarge(s)
	}
	r, ok := new(big.Rat).SetString(digits)
	if !ok {
		return 0, fmt.Errorf("invalid number %q", s)
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
