package search

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParseRange parses a time range that ends now: a length such as "2h", "-2h" or
// "last 1d", a start as in [ParseFrom], or "all".
func ParseRange(s string, now time.Time, loc *time.Location) (Range, error) {
	t := strings.ToLower(strings.TrimSpace(s))
	if t == "all" || t == "all time" {
		return Range{}, nil
	}
	back, _ := cutAgo(strings.TrimPrefix(strings.TrimSpace(strings.TrimPrefix(t, "last ")), "-"))
	n, err := parseDuration(back)
	switch {
	case err == nil && n == 0:
		return Range{}, fmt.Errorf("invalid time range %q: it is empty; try 30m, 2h, 1d or all", s)
	case err == nil:
		return Range{Last: time.Duration(n)}, nil
	}
	from, timeErr := ParseFrom(t, now, loc)
	switch e := new(timeError); {
	case timeErr == nil:
		return Range{From: from}, nil
	case errors.As(timeErr, &e) && e.skipped:
		return Range{}, timeErr
	}
	return Range{}, fmt.Errorf("invalid time range %q: %w; try 30m, 2h, 1d, 14:05, today or all", s, err)
}

// Layouts of the bounds of a range.
const (
	dayLayout    = "2006-01-02"
	minuteLayout = "15:04"
	secondLayout = "15:04:05"
	offsetLayout = "UTC-07:00"
)

// String returns the display text of the range: "all time", "last 2h",
// "2026-11-23 14:00 to 15:00 UTC-05:00", "since …" or "until …". Absolute times
// are in their own time zones; see In.
func (r Range) String() string {
	switch {
	case r.Last > 0:
		return "last " + durationText(int64(r.Last))
	case r.From.IsZero() && r.To.IsZero():
		return "all time"
	case r.To.IsZero():
		return "since " + timeText(r.From, r.From) + r.From.Format(" "+offsetLayout)
	case r.From.IsZero():
		return "until " + timeText(r.To, r.To) + r.To.Format(" "+offsetLayout)
	}
	from, to := timeText(r.From, r.To), timeText(r.To, r.From)
	if r.From.Format(offsetLayout) != r.To.Format(offsetLayout) {
		from += r.From.Format(" " + offsetLayout)
	} else if r.From.Format(dayLayout) == r.To.Format(dayLayout) {
		to = to[len(dayLayout)+1:]
	}
	return from + " to " + to + r.To.Format(" "+offsetLayout)
}

// timeText prints t to the second if t or other needs it, else to the minute.
func timeText(t, other time.Time) string {
	layout := dayLayout + " " + minuteLayout
	if t.Second() != 0 || other.Second() != 0 || t.Nanosecond() != 0 || other.Nanosecond() != 0 {
		layout = dayLayout + " " + secondLayout
	}
	return t.Format(layout)
}

// In returns the same range with its absolute times in loc.
func (r Range) In(loc *time.Location) Range {
	if !r.From.IsZero() {
		r.From = r.From.In(loc)
	}
	if !r.To.IsZero() {
		r.To = r.To.In(loc)
	}
	return r
}

// Layouts that ParseTime accepts. time.Parse also accepts fractional seconds
// after each of them.
var (
	zonedLayouts = []string{ // with an offset from UTC
		time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04Z07:00",
		"2006-01-02 15:04:05 Z07:00", "2006-01-02 15:04 Z07:00", "2006-01-02 15:04:05 UTC-07:00", "2006-01-02 15:04 UTC-07:00",
	}
	localLayouts = []string{ // without one
		"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02",
		"01/02/2006 03:04:05 PM", // as the CSV export writes it
	}
	clockLayouts = []string{"15:04:05", "15:04"} // of a day
)

// ParseTime parses a point in time:
//
//	now  today  yesterday  monday     days: their first moment in loc; monday: the latest
//	yesterday 14:05  today 24:00      in loc; 24:00 is the end of the day
//	-2h  -1d12h  2h ago               before now; +5m is after now
//	14:05  14:05:10                   today in loc, even if in the future
//	2026-11-23  2026-11-23 14:05      in loc; also with T, and with seconds
//	11/23/2026 02:05:00 PM            in loc, as the CSV export writes it
//	2026-11-23T14:05:00-05:00         RFC 3339; also with a blank and without seconds
//	1795442700  1795442700123         seconds (10 digits) or milliseconds (13) since 1970
//
// A local time that occurs twice when clocks go back is the earlier of the two; a
// time with an offset can select the later one. A local time that clocks skip is
// an error.
func ParseTime(s string, now time.Time, loc *time.Location) (time.Time, error) {
	t := strings.TrimSpace(s)
	switch lower := strings.ToLower(t); {
	case lower == "now":
		return now, nil
	case lower != "" && (lower[0] == '-' || lower[0] == '+'):
		return relativeTime(lower, now)
	case lower != "" && strings.Trim(lower, "0123456789") == "":
		return epochTime(lower)
	}
	if ago, ok := cutAgo(t); ok {
		return relativeTime("-"+strings.TrimPrefix(ago, "-"), now)
	}
	if at, ok, err := parseDay(t, now, loc); ok {
		return at, err
	}
	t = strings.ToUpper(t) // T, Z, PM
	for _, layout := range zonedLayouts {
		if at, err := time.Parse(layout, t); err == nil {
			return at, nil
		}
	}
	for _, layout := range localLayouts {
		if wall, err := time.Parse(layout, t); err == nil {
			return resolveLocal(wall, loc)
		}
	}
	if c, ok := timeOfDay(t); ok {
		return onDay(now, 0, c, loc)
	}
	return time.Time{}, &timeError{msg: fmt.Sprintf("unknown time %q", s), hint: "try 14:05, 2026-11-23 14:05, 2026-11-23T14:05:00-05:00, -2h or now"}
}

// ParseFrom is like [ParseTime] for the start of a range: a future time of day
// means yesterday. At 03:00, "23:00" is last night.
func ParseFrom(s string, now time.Time, loc *time.Location) (time.Time, error) {
	at, err := ParseTime(s, now, loc)
	if c, ok := timeOfDay(strings.TrimSpace(s)); ok && err == nil && at.After(now) {
		return onDay(now, -1, c, loc)
	}
	return at, err
}

// ParseTo is like [ParseTime] for the end of a range that starts at from: a
// future time of day means yesterday if that is after from. At 03:00, 22:00 to
// 23:30 is last night; at 14:00, 13:00 to 15:00 is today. If from is zero, ParseTo
// equals ParseTime.
func ParseTo(s string, from, now time.Time, loc *time.Location) (time.Time, error) {
	at, err := ParseTime(s, now, loc)
	if c, ok := timeOfDay(strings.TrimSpace(s)); ok && err == nil && at.After(now) && !from.IsZero() {
		if earlier, err := onDay(now, -1, c, loc); err == nil && earlier.After(from) {
			return earlier, nil
		}
	}
	return at, err
}

// timeOfDay parses a time of day.
func timeOfDay(s string) (time.Time, bool) {
	if s == "24:00" || s == "24:00:00" { // the end of the day
		return time.Date(0, 1, 2, 0, 0, 0, 0, time.UTC), true
	}
	for _, layout := range clockLayouts {
		if c, err := time.Parse(layout, s); err == nil {
			return c, true
		}
	}
	return time.Time{}, false
}

// onDay returns the time of day c in loc, days after the date of t.
func onDay(t time.Time, days int, c time.Time, loc *time.Location) (time.Time, error) {
	year, month, day := t.In(loc).Date()
	return clockOn(year, month, day+days, c, loc)
}

func relativeTime(s string, now time.Time) (time.Time, error) {
	n, err := parseDuration(strings.TrimSpace(s[1:]))
	if err != nil {
		return time.Time{}, &timeError{msg: fmt.Sprintf("invalid relative time %q", s), hint: err.Error()}
	}
	if s[0] == '-' {
		n = -n
	}
	return now.Add(time.Duration(n)), nil
}

func epochTime(digits string) (time.Time, error) {
	n, err := strconv.ParseInt(digits, 10, 64)
	switch {
	case err == nil && len(digits) == 10:
		return time.Unix(n, 0), nil
	case err == nil && len(digits) == 13:
		return time.UnixMilli(n), nil
	}
	return time.Time{}, &timeError{msg: fmt.Sprintf("unknown time %q", digits), hint: "a time since 1970 has 10 digits (seconds) or 13 (milliseconds)"}
}

// timeError is an invalid time, with a hint on how to fix it.
type timeError struct {
	msg, hint string
	skipped   bool // a valid time that clocks skip
}

func (e *timeError) Error() string { return e.msg + ": " + e.hint }

// resolveLocal returns the earliest instant at which clocks in loc show the date
// and time of wall.
func resolveLocal(wall time.Time, loc *time.Location) (time.Time, error) {
	const layout = "2006-01-02 15:04:05"
	y, m, d := wall.Date()
	guess := time.Date(y, m, d, wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), loc)
	_, before := guess.Add(-24 * time.Hour).Zone()
	_, after := guess.Add(24 * time.Hour).Zone()
	for _, offset := range []int{max(before, after), min(before, after)} { // the greater offset is the earlier instant
		at := wall.Add(-time.Duration(offset) * time.Second).In(loc)
		if at.Format(layout) == wall.Format(layout) {
			return at, nil
		}
	}
	if guess.Format(layout) == wall.Format(layout) { // two clock changes within two days
		return guess, nil
	}
	return time.Time{}, &timeError{fmt.Sprintf("time %s does not exist here", wall.Format(layout)), "clocks skip it; write the offset from UTC", true}
}
