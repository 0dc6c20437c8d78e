package search

import (
	"os"
	"strings"
	"testing"
	"time"
)

// testdata/days.py writes the expected moments by another implementation.
func TestDaysBeginAtTheirFirstMoment(t *testing.T) {
	text, err := os.ReadFile("testdata/days.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		loc, err := time.LoadLocation(f[0])
		if err != nil {
			t.Fatal(err)
		}
		day, err := ParseTime(f[1], testNow, loc)
		if err != nil || day.UTC().Format(time.RFC3339) != f[2] {
			t.Errorf("%s in %s begins at %v, %v, want %s", f[1], f[0], day.UTC(), err, f[2])
			continue
		}
		for word, now := range map[string]time.Time{"today": day.Add(12 * time.Hour), "yesterday": day.Add(36 * time.Hour)} {
			if at, err := ParseTime(word, now, loc); err != nil || !at.Equal(day) {
				t.Errorf("%s at %v is %v, %v, want %s", word, now, at.UTC(), err, f[2])
			}
		}
	}
}

func TestTimesWithoutQuotes(t *testing.T) {
	// testNow is Monday, 23 November 2026, 14:12:07 in UTC-5.
	for text, want := range map[string]string{
		"since:yesterday 14:00 until:yesterday 15:00 tcp": "2026-11-22 14:00 to 15:00 UTC-05:00",
		"since:2026-11-20 14:05 tcp":                      "since 2026-11-20 14:05 UTC-05:00",
		"since yesterday 14:00":                           "since 2026-11-22 14:00 UTC-05:00",
		"since:monday":                                    "since 2026-11-23 00:00 UTC-05:00",
		"since:tuesday 08:30":                             "since 2026-11-17 08:30 UTC-05:00",
		"since:yesterday until:yesterday 24:00":           "2026-11-22 00:00 to 2026-11-23 00:00 UTC-05:00",
		"since:24:00":                                     "since 2026-11-23 00:00 UTC-05:00",
		"since:10min":                                     "last 10m",
		"since:1h ago tcp":                                "last 1h",
		"since:1mo":                                       "last 30d",
		"since:1y":                                        "last 365d",
	} {
		q, err := ParseQuery(text, testNow, testLoc)
		r := q.Range.In(testLoc)
		if filter := Text(q.Filter); err != nil || r.String() != want || filter != "" && filter != "proto:tcp" {
			t.Errorf("%s is %s with filter %q, %v, want %s", text, r, filter, err, want)
		}
	}
	for text, want := range map[string]string{
		"start>=2026-11-20 14:00":                  "start:>=2026-11-20T19:00:00Z",
		"start:yesterday 14:00..15:00":             "start:2026-11-22T19:00:00Z..2026-11-22T20:00:00Z",
		"start:2026-11-20 14:00..2026-11-21 15:00": "start:2026-11-20T19:00:00Z..2026-11-21T20:00:00Z",
	} {
		if q, err := ParseQuery(text, testNow, testLoc); err != nil || Text(q.Filter) != want || q.Range != (Range{}) {
			t.Errorf("%s is %s with filter %q, %v, want %s", text, q.Range, Text(q.Filter), err, want)
		}
	}
}
