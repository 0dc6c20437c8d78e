package search

import "testing"

func TestSpansAreRead(t *testing.T) {
	// testNow is Monday, 23 November 2026, 14:12:07 in UTC-5.
	for text, want := range map[string]string{
		"2h": "last 2h", "last 30m": "last 30m", "10 min": "last 10m", "7d": "last 7d", "all": "all time", "14:05": "since 2026-11-23 14:05 UTC-05:00",
		"today": "since 2026-11-23 00:00 UTC-05:00", "Yesterday": "2026-11-22 00:00 to 2026-11-23 00:00 UTC-05:00", "monday": "since 2026-11-23 00:00 UTC-05:00",
		"sunday": "2026-11-22 00:00 to 2026-11-23 00:00 UTC-05:00", "2026-11-20": "2026-11-20 00:00 to 2026-11-21 00:00 UTC-05:00",
		"yesterday 14-15": "2026-11-22 14:00 to 15:00 UTC-05:00", "yesterday 9-12:30": "2026-11-22 09:00 to 12:30 UTC-05:00", "yesterday 22-24": "2026-11-22 22:00 to 2026-11-23 00:00 UTC-05:00",
		"yesterday  14 to 15": "2026-11-22 14:00 to 15:00 UTC-05:00", "yesterday 14:00..15:00": "2026-11-22 14:00 to 15:00 UTC-05:00", "2026-11-20 14:00 - 15:00": "2026-11-20 14:00 to 15:00 UTC-05:00",
		"yesterday 14": "since 2026-11-22 14:00 UTC-05:00", "yesterday 14:00 until today 3:00": "2026-11-22 14:00 to 2026-11-23 03:00 UTC-05:00",
		"13-14": "2026-11-23 13:00 to 14:00 UTC-05:00", "15-16": "2026-11-22 15:00 to 16:00 UTC-05:00", "23-2": "2026-11-22 23:00 to 2026-11-23 02:00 UTC-05:00",
		"since 14": "since 2026-11-23 14:00 UTC-05:00", "until 13": "until 2026-11-23 13:00 UTC-05:00", "since yesterday 14:00": "since 2026-11-22 14:00 UTC-05:00", "-2h..-1h": "2026-11-23 12:12:07 to 13:12:07 UTC-05:00",
		"2026-11-18..2026-11-20": "2026-11-18 00:00 to 2026-11-21 00:00 UTC-05:00", "yesterday to today": "since 2026-11-22 00:00 UTC-05:00", "2h ago to now": "2026-11-23 12:12:07 to 14:12:07 UTC-05:00",
		"2026-11-23T14:00:00-05:00": "since 2026-11-23 14:00 UTC-05:00", "1795442700": "since 2026-11-23 09:05 UTC-05:00",
	} {
		if r, err := ParseSpan(text, testNow, testLoc); err != nil || r.In(testLoc).String() != want {
			t.Errorf("%q is %s, %v, want %s", text, r.In(testLoc), err, want)
		}
	}
	for _, text := range []string{"", "yesterday 15-14", "today..yesterday", "14-25", "yesterday 1-2-3", "tomorrow 14-15", "-", "..", "14..", "99", "0h", "yesterday -"} {
		if r, err := ParseSpan(text, testNow, testLoc); err == nil {
			t.Errorf("%q is %s, want an error", text, r.In(testLoc))
		}
	}
}

// FuzzSpan checks that no text makes an empty range, and that a range prints as the same one.
func FuzzSpan(f *testing.F) {
	for _, text := range []string{"yesterday 14-15", "2h", "2026-11-20..2026-11-23", "since 14", "until 15:00", "23-2", "all"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseSpan(text, testNow, testLoc)
		if err == nil && !r.From.IsZero() && !r.To.IsZero() && !r.From.Before(r.To) {
			t.Errorf("%q is %s", text, r)
		}
	})
}
