package input

import (
	"strconv"
	"strings"
	"time"

	"weir/search"
)

// RangeTexts returns descriptions of a time range, from long to short. Times are in loc.
func RangeTexts(r search.Range, loc *time.Location) []string {
	const full, minute, clock = "2006-01-02 15:04:05", "2006-01-02 15:04", "15:04"
	from, to := r.From.In(loc), r.To.In(loc)
	switch {
	case r.Last > 0:
		return []string{"last " + SpanText(r.Last)}
	case r.From.IsZero() && r.To.IsZero():
		return []string{"all time"}
	case r.To.IsZero():
		return []string{"since " + from.Format(full), "since " + from.Format("01-02 15:04:05")}
	case r.From.IsZero():
		return []string{"until " + to.Format(full), "until " + to.Format("01-02 15:04:05")}
	}
	long := from.Format(full) + " to " + to.Format(full)
	if from.Format(time.DateOnly) == to.Format(time.DateOnly) {
		return []string{long, from.Format(full) + "-" + to.Format(time.TimeOnly), from.Format("01-02 15:04:05") + "-" + to.Format(time.TimeOnly)}
	}
	if from.Second() != 0 || to.Second() != 0 {
		return []string{long, from.Format("01-02 15:04:05") + "-" + to.Format("01-02 15:04:05")}
	}
	return []string{long, from.Format(minute) + " to " + to.Format(minute), from.Format("01-02 "+clock) + "-" + to.Format("01-02 "+clock)}
}

// SpanText returns a duration without zero units: "5m", "2h", "1h30m", "7d".
func SpanText(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= 2*day && d%day == 0 {
		return strconv.Itoa(int(d/day)) + "d"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}

// RangePresets are the relative time ranges of the range window.
var RangePresets = [...]time.Duration{
	5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour,
}
