package search

import (
	"fmt"
	"strings"
	"time"
)

// ParseSpan parses a time range as people write it:
//
//	2h  last 30m  14:05  all          as in [ParseRange]
//	today  yesterday  monday          the whole day; today: since its first moment
//	2026-11-23                        the whole day
//	yesterday 14-15  14:00-15:30      two times of one day, in whole hours or minutes
//	2026-11-20..2026-11-23            the second bound of a range of days is included
//	since 14:05  until 15:00          one bound
//
// The bounds are divided by "-", "..", "to" or "until". A future time of day means yesterday,
// as in [ParseFrom].
func ParseSpan(s string, now time.Time, loc *time.Location) (Range, error) {
	text := strings.ToLower(strings.Join(strings.Fields(s), " "))
	if day, ok := wholeDay(text, now, loc); ok {
		return day, nil
	}
	if lo, hi, ok := cutSpan(text); ok {
		return parseSpan(s, lo, hi, now, loc)
	}
	if rest, ok := strings.CutPrefix(text, "until "); ok {
		to, err := ParseTime(hourClock(rest), now, loc)
		return Range{To: to}, err
	}
	text = hourClock(strings.TrimPrefix(text, "since "))
	if r, err := ParseRange(strings.ReplaceAll(text, " ", ""), now, loc); err == nil && r.Last > 0 { // "10 min"
		return r, nil
	}
	return ParseRange(text, now, loc)
}

// wholeDay returns the range of a day: "yesterday", "monday", "2026-11-23". Today has no end.
func wholeDay(text string, now time.Time, loc *time.Location) (Range, bool) {
	from, ok, err := parseDay(text, now, loc)
	if !ok || err != nil || strings.Contains(text, " ") {
		return Range{}, false
	}
	year, month, day := from.In(loc).Date()
	to := startOfDay(year, month, day+1, loc)
	if to.After(now) && !from.After(now) {
		to = time.Time{}
	}
	return Range{From: from, To: to}, true
}

// cutSpan divides "14:00-15:00" or "yesterday 14 to 15" into its bounds. A date has its own "-".
func cutSpan(text string) (lo, hi string, ok bool) {
	for _, sep := range []string{"..", " to ", " until ", " - "} {
		if lo, hi, ok = strings.Cut(text, sep); ok {
			return strings.TrimPrefix(lo, "since "), hi, lo != "" && hi != ""
		}
	}
	day, clocks := "", text
	if at := strings.LastIndexByte(text, ' '); at >= 0 {
		day, clocks = text[:at+1], text[at+1:]
	}
	lo, hi, ok = strings.Cut(clocks, "-")
	_, loIsClock := timeOfDay(hourClock(lo))
	_, hiIsClock := timeOfDay(hourClock(hi))
	return day + lo, hi, ok && loIsClock && hiIsClock
}

// hourClock completes a last word that is an hour: "yesterday 14" is "yesterday 14:00".
func hourClock(text string) string {
	word := text[strings.LastIndexByte(text, ' ')+1:]
	if n := len(word); n == 0 || n > 2 || strings.Trim(word, "0123456789") != "" || word > "24" && n == 2 {
		return text
	}
	return text[:len(text)-len(word)] + ("0" + word)[len(word)-1:] + ":00"
}

// parseSpan returns the range between two times, the second of which may lack the day.
func parseSpan(s, lo, hi string, now time.Time, loc *time.Location) (Range, error) {
	lo, hi = hourClock(lo), hourClock(hi)
	from, err := ParseFrom(lo, now, loc)
	if err != nil {
		return Range{}, err
	}
	var to time.Time
	if day, ok := wholeDay(hi, now, loc); ok {
		if to = day.To; to.IsZero() {
			return Range{From: from}, nil
		}
	} else if to, err = spanEnd(lo, hi, from, now, loc); err != nil {
		return Range{}, err
	}
	if !from.Before(to) {
		return Range{}, &timeError{msg: fmt.Sprintf("invalid time range %q: it ends before it begins", s), hint: "try yesterday 14-15 or 14:00-15:00"}
	}
	return Range{From: from, To: to}, nil
}

// spanEnd returns the end of a range that starts at from: a time of day is that of from's day, or of the
// day after if it would be before from.
func spanEnd(lo, hi string, from, now time.Time, loc *time.Location) (time.Time, error) {
	c, isClock := timeOfDay(hi)
	if !isClock {
		return ParseTime(hi, now, loc)
	}
	to, err := onDay(from, 0, c, loc)
	if err == nil && !from.Before(to) {
		if _, loIsClock := timeOfDay(lo); loIsClock {
			return onDay(from, 1, c, loc) // 23:00-02:00
		}
	}
	return to, err
}
