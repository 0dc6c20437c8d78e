package flows

import (
	"slices"
	"time"

	"weir/flow"
)

// times is what the start times of flows have in common.
type times struct {
	first, last time.Time // in the time zone of the screen; zero: no flows
	dates       bool      // not all are of today
	offsets     []int     // seconds east of UTC, ascending
}

// timesOf returns the times of recs, in any order.
func timesOf(recs []flow.Record, now time.Time, loc *time.Location) (t times) {
	var from, to time.Time // the span without a clock change that has the last one
	year, month, day := now.In(loc).Date()
	for i := range recs {
		at := recs[i].Start.In(loc)
		if i == 0 || at.Before(t.first) {
			t.first = at
		}
		if i == 0 || at.After(t.last) {
			t.last = at
		}
		if i > 0 && !at.Before(from) && (to.IsZero() || at.Before(to)) {
			continue
		}
		from, to = at.ZoneBounds()
		if _, offset := at.Zone(); !slices.Contains(t.offsets, offset) {
			t.offsets = append(t.offsets, offset)
		}
	}
	slices.Sort(t.offsets)
	for _, at := range []time.Time{t.first, t.last} {
		if y, m, d := at.Date(); len(recs) > 0 && (y != year || m != month || d != day) {
			t.dates = true
		}
	}
	return t
}

// years returns the years: "2023" or "2023-24"; empty if all are in the current year.
func (t *times) years(now time.Time) string {
	switch {
	case t.first.IsZero() || t.first.Year() == t.last.Year() && t.first.Year() == now.Year():
		return ""
	case t.first.Year() == t.last.Year():
		return t.first.Format("2006")
	}
	return t.first.Format("2006") + "-" + t.last.Format("06")
}

// rowOffset returns the layout of the offset from UTC in each row, without which a time would be ambiguous;
// empty: all have the same.
func (t *times) rowOffset() string {
	if len(t.offsets) < 2 {
		return ""
	}
	for _, s := range t.offsets {
		if s%3600 != 0 {
			return "-07:00"
		}
	}
	return "-07"
}

// offsetText returns the offsets for the header: "UTC+01:00", "UTC+01:00/+02:00". Without flows it is that of now.
func (t *times) offsetText(now time.Time) string {
	if len(t.offsets) == 0 {
		return "UTC" + now.Format("-07:00")
	}
	text := "UTC"
	for i, s := range t.offsets {
		if i > 0 {
			text += "/"
		}
		text += time.Time{}.In(time.FixedZone("", s)).Format("-07:00")
	}
	return text
}
