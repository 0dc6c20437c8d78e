package search

import (
	"strings"
	"time"
)

// startOfDay returns the first moment of a day in loc. Where clocks skip midnight, as
// in Santiago or Beirut, that is the moment after the change.
func startOfDay(year int, month time.Month, day int, loc *time.Location) time.Time {
	midnight := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if at, err := resolveLocal(midnight, loc); err == nil {
		return at
	}
	guess := time.Date(year, month, day, 0, 0, 0, 0, loc)
	before, after := guess.ZoneBounds()
	if guess.Format(dayLayout) < midnight.Format(dayLayout) {
		return after.In(loc)
	}
	return before.In(loc)
}

// namedDay returns the date of today, yesterday or the latest day of that name,
// which may be today.
func namedDay(word string, now time.Time) (year int, month time.Month, day int, ok bool) {
	back := -1
	switch word {
	case "today":
		back = 0
	case "yesterday":
		back = 1
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		if word == strings.ToLower(d.String()) {
			back = (int(now.Weekday()-d) + 7) % 7
		}
	}
	if back < 0 {
		return 0, 0, 0, false
	}
	year, month, day = now.Date()
	year, month, day = time.Date(year, month, day-back, 0, 0, 0, 0, time.UTC).Date()
	return year, month, day, true
}

// parseDay parses a day with an optional time of day: "yesterday", "monday 14:05",
// "2026-11-23", "2026-11-23 24:00". ok is false for other texts.
func parseDay(text string, now time.Time, loc *time.Location) (at time.Time, ok bool, err error) {
	date, clock, hasClock := strings.Cut(strings.ToLower(text), " ")
	year, month, day, ok := namedDay(date, now.In(loc))
	if !ok {
		d, err := time.Parse(dayLayout, date)
		if err != nil {
			return time.Time{}, false, nil
		}
		year, month, day = d.Date()
	}
	if !hasClock {
		return startOfDay(year, month, day, loc), true, nil
	}
	c, ok := timeOfDay(strings.TrimSpace(clock))
	if !ok {
		return time.Time{}, false, nil
	}
	at, err = clockOn(year, month, day, c, loc)
	return at, true, err
}

// clockOn returns the time of day c, as of timeOfDay, on a day.
func clockOn(year int, month time.Month, day int, c time.Time, loc *time.Location) (time.Time, error) {
	if c.Day() > 1 { // 24:00
		return startOfDay(year, month, day+1, loc), nil
	}
	return resolveLocal(time.Date(year, month, day, c.Hour(), c.Minute(), c.Second(), c.Nanosecond(), time.UTC), loc)
}

// cutAgo removes the "ago" of "1h ago".
func cutAgo(s string) (string, bool) {
	s, ok := strings.CutSuffix(strings.ToLower(strings.TrimSpace(s)), " ago")
	return strings.TrimSpace(s), ok
}

// joinTime appends the next word to a time if it continues it: the time of day after
// a day, or "ago".
func (p *parser) joinTime(v *value) {
	if v.quoted || v.args != nil {
		return
	}
	s := p.scanner
	if !s.skipSomeBlanks() {
		return
	}
	next := s.word()
	first, _, _ := strings.Cut(next, "..")
	_, isClock := timeOfDay(first)
	day := v.text
	if _, hi, ok := strings.Cut(day, ".."); ok {
		day = hi
	}
	_, isDay, _ := parseDay(day, p.now, p.loc)
	if strings.EqualFold(next, "ago") || isClock && isDay {
		v.text += " " + next
		p.pos = s.pos
		if first != next { // "2026-11-23 14:00..2026-11-23 15:00"
			p.joinTime(v)
		}
	}
}

// sameDay returns hi with the day of lo if it is a time of day only: the end of
// "yesterday 14:00..15:00" is yesterday's.
func sameDay(lo, hi string) string {
	day, _, ok := strings.Cut(lo, " ")
	if _, isClock := timeOfDay(hi); !ok || !isClock {
		return hi
	}
	return day + " " + hi
}
