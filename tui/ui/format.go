package ui

import (
	"strconv"
	"time"
)

// AppendSize appends a number of bytes in at most five columns: "-" for zero,
// "999", "1.2K", "12.4K", "124K", "1.2M", … in powers of 1000. It rounds down,
// so that nothing looks like more than it is.
func AppendSize(b []byte, n uint64) []byte {
	if n == 0 {
		return append(b, '-')
	}
	if n < 1000 {
		return strconv.AppendUint(b, n, 10)
	}
	const units = "KMGTPE"
	unit, div := 0, uint64(1000)
	for unit < len(units)-1 && n/div >= 1000 {
		unit++
		div *= 1000
	}
	whole := n / div
	b = strconv.AppendUint(b, whole, 10)
	if whole < 100 {
		b = append(b, '.', byte('0'+n%div/(div/10)))
	}
	return append(b, units[unit])
}

// AppendCount appends n with a comma between thousands.
func AppendCount(b []byte, n uint64) []byte {
	var digits [20]byte
	d := strconv.AppendUint(digits[:0], n, 10)
	for i, c := range d {
		if i > 0 && (len(d)-i)%3 == 0 {
			b = append(b, ',')
		}
		b = append(b, c)
	}
	return b
}

// Count formats n with a comma between thousands, and a negative n as 0.
func Count[N int | int64 | uint64](n N) string {
	return string(AppendCount(nil, uint64(max(n, 0))))
}

// Duration formats d as AppendDuration does, without the sign.
func Duration(d time.Duration) string { return string(AppendDuration(nil, d)[1:]) }

// AppendDuration appends how long after its start a flow ended, in at most six
// columns: "+0ms", "+412ms", "+1.23s", "+12.3s", "+9m59s", "+59m", "+3h12m", "+2d03h".
func AppendDuration(b []byte, d time.Duration) []byte {
	d = max(d, 0)
	b = append(b, '+')
	switch {
	case d < time.Second:
		b = strconv.AppendInt(b, d.Milliseconds(), 10)
		return append(b, "ms"...)
	case d < 10*time.Second:
		return append(appendFixed(b, d.Milliseconds()/10, 2), 's')
	case d < time.Minute:
		return append(appendFixed(b, d.Milliseconds()/100, 1), 's')
	case d < 10*time.Minute:
		return append(appendPair(b, int64(d/time.Second), 60, 'm'), 's')
	case d < time.Hour:
		return append(strconv.AppendInt(b, int64(d/time.Minute), 10), 'm')
	case d < 10*time.Hour:
		return append(appendPair(b, int64(d/time.Minute), 60, 'h'), 'm')
	case d < 24*time.Hour:
		return append(appendFixed(b, int64(d/(time.Hour/10)), 1), 'h')
	case d < 10*24*time.Hour:
		return append(appendPair(b, int64(d/time.Hour), 24, 'd'), 'h')
	}
	return append(strconv.AppendInt(b, int64(d/(24*time.Hour)), 10), 'd')
}

// appendFixed appends n/10^places.
func appendFixed(b []byte, n int64, places int) []byte {
	div := int64(1)
	for range places {
		div *= 10
	}
	b = strconv.AppendInt(b, n/div, 10)
	b = append(b, '.')
	for rest := n % div; div > 1; rest %= div {
		div /= 10
		b = append(b, byte('0'+rest/div))
	}
	return b
}

// appendPair appends n/per, the sign and n%per in two digits.
func appendPair(b []byte, n, per int64, sign byte) []byte {
	b = append(strconv.AppendInt(b, n/per, 10), sign, byte('0'+n%per/10), byte('0'+n%per%10))
	return b
}

// Offset returns the UTC offset of t's time zone: "UTC-05:00".
func Offset(t time.Time) string { return "UTC" + t.Format("-07:00") }

// liveSpan is how long after its last packet a node counts as live: a quiet
// network has a few packets in that time.
const liveSpan = 10 * time.Second

// Age returns the time since t in its largest unit: "12s ago", "3h ago".
func Age(now, t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	d := now.Sub(t)
	if d < liveSpan {
		return "live"
	}
	for _, u := range [...]struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}} {
		if d >= u.size {
			return Count(int64(d/u.size)) + u.name + " ago"
		}
	}
	return Count(int64(d/time.Second)) + "s ago"
}
