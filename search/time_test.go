package search

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // time zones on systems without a database
)

func TestRangesParseAndPrint(t *testing.T) {
	for text, want := range map[string]string{
		"2h": "last 2h", "30m": "last 30m", "last 90m": "last 90m", "1d": "last 1d", "1w": "last 7d", "24h": "last 1d",
		"LAST 5M": "last 5m", "90s": "last 90s", "1h30m": "last 90m", "all": "all time", "All Time": "all time",
		"-2h": "last 2h", "last -2h": "last 2h",
	} {
		r, err := ParseRange(text, testNow, testLoc)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := r.String(); got != want {
			t.Errorf("%s prints as %s, want %s", text, got, want)
		}
		if again, err := ParseRange(r.String(), testNow, testLoc); err != nil || again != r {
			t.Errorf("%s parses back as %v, %v", r, again, err)
		}
	}
	for _, text := range []string{"", "2", "0", "0s", "two hours", "2x", "99999999999w"} {
		if r, err := ParseRange(text, testNow, testLoc); err == nil || !strings.Contains(err.Error(), "try 30m, 2h, 1d") {
			t.Errorf("ParseRange(%q) = %v, %v", text, r, err)
		}
	}
}

func TestRangeCanStartAtAPointInTime(t *testing.T) {
	for text, want := range map[string]string{
		"14:05": "since 2026-11-23 14:05 UTC-05:00", "23:50": "since 2026-11-22 23:50 UTC-05:00", "Yesterday": "since 2026-11-22 00:00 UTC-05:00",
		"2026-11-20T10:00:00Z": "since 2026-11-20 05:00 UTC-05:00", "1795442700": "since 2026-11-23 09:05 UTC-05:00",
	} {
		if r, err := ParseRange(text, testNow, testLoc); err != nil || r.In(testLoc).String() != want {
			t.Errorf("%s is %v, %v, want %s", text, r.In(testLoc), err, want)
		}
	}
	if _, err := ParseRange("2026-03-08 02:30", testNow, loadNewYork(t)); err == nil || !strings.Contains(err.Error(), "clocks skip it") {
		t.Errorf("a time that does not exist: %v", err)
	}
}

// A future time of day means yesterday: at 03:00, since:23:00 is last night.
func TestFutureTimeOfDayMeansYesterday(t *testing.T) {
	at := func(clock string) time.Time {
		tm, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-23 "+clock, testLoc)
		if err != nil {
			t.Fatal(err)
		}
		return tm
	}
	for _, c := range []struct{ now, text, want string }{
		{"03:00", "since:23:00", "since 2026-11-22 23:00 UTC-05:00"},
		{"03:00", "since:02:00", "since 2026-11-23 02:00 UTC-05:00"},
		{"03:00", "since:03:00", "since 2026-11-23 03:00 UTC-05:00"},
		{"03:00", "since:23:00 until:02:00", "2026-11-22 23:00 to 2026-11-23 02:00 UTC-05:00"},
		{"03:00", "until:23:30 since:22:00", "2026-11-22 22:00 to 23:30 UTC-05:00"},
		{"03:00", "start:23:00..23:30", "2026-11-22 23:00 to 23:30 UTC-05:00"},
		{"03:00", "start:23:00..02:00", "2026-11-22 23:00 to 2026-11-23 02:00 UTC-05:00"},
		{"14:00", "since:13:00 until:15:00", "2026-11-23 13:00 to 15:00 UTC-05:00"}, // the end may be in the future
		{"14:00", "start:13:00..15:00", "2026-11-23 13:00 to 15:00 UTC-05:00"},
		{"14:00", "since:7d until:15:00", "2026-11-16 14:00 to 2026-11-22 15:00 UTC-05:00"},
		{"14:00", "since:yesterday until:13:00", "2026-11-22 00:00 to 2026-11-23 13:00 UTC-05:00"},
		{"03:00", "start>=23:00 start<02:00", "2026-11-22 23:00 to 2026-11-23 02:00 UTC-05:00"},
		{"14:00", "until:15:00", "until 2026-11-23 15:00 UTC-05:00"},
	} {
		q, err := ParseQuery(c.text, at(c.now), testLoc)
		for _, x := range Conjuncts(q.Filter) { // of start
			i := x.(Numbers).Ranges[0]
			if i.Lo > 0 {
				q.Range.From = time.Unix(0, i.Lo)
			}
			if i.Hi < MaxNumber {
				q.Range.To = time.Unix(0, i.Hi).Round(time.Second) // start<02:00 ends 1 ns before
			}
		}
		r := q.Range.In(testLoc)
		if err != nil || r.String() != c.want {
			t.Errorf("at %s: %s is %s, %v, want %s", c.now, c.text, r, err, c.want)
		}
	}
}

func TestAbsoluteRangesPrintTheirOffset(t *testing.T) {
	at := func(s string) time.Time {
		tm, err := ParseTime(s, testNow, testLoc)
		if err != nil {
			t.Fatal(err)
		}
		return tm
	}
	newYork := loadNewYork(t)
	for _, c := range []struct {
		r    Range
		want string
	}{
		{Range{From: at("2026-11-23 14:00"), To: at("2026-11-23 15:00")}, "2026-11-23 14:00 to 15:00 UTC-05:00"},
		{Range{From: at("2026-11-23 14:00"), To: at("2026-11-23 15:00:10")}, "2026-11-23 14:00:00 to 15:00:10 UTC-05:00"},
		{Range{From: at("2026-11-23 14:00"), To: at("2026-11-24")}, "2026-11-23 14:00 to 2026-11-24 00:00 UTC-05:00"},
		{Range{From: at("2026-11-23 14:00")}, "since 2026-11-23 14:00 UTC-05:00"},
		{Range{To: at("2026-11-23 14:00")}, "until 2026-11-23 14:00 UTC-05:00"},
		{Range{From: at("2026-11-01T00:00:00-04:00"), To: at("2026-11-02T00:00:00-05:00")}.In(newYork), "2026-11-01 00:00 UTC-04:00 to 2026-11-02 00:00 UTC-05:00"},
		{Range{}.In(newYork), "all time"},
	} {
		if got := c.r.String(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestParseTime(t *testing.T) {
	// testNow is 14:12:07 on 23 November 2026 in UTC-5.
	for text, want := range map[string]string{
		"now":                            "2026-11-23T19:12:07Z",
		"today":                          "2026-11-23T05:00:00Z",
		"Yesterday":                      "2026-11-22T05:00:00Z",
		"-2h":                            "2026-11-23T17:12:07Z",
		"-1d12h":                         "2026-11-22T07:12:07Z",
		"+5m":                            "2026-11-23T19:17:07Z",
		"14:05":                          "2026-11-23T19:05:00Z",
		"14:05:10":                       "2026-11-23T19:05:10Z",
		"23:50":                          "2026-11-24T04:50:00Z", // in the future
		"2026-11-23":                     "2026-11-23T05:00:00Z",
		"2026-11-23 14:05":               "2026-11-23T19:05:00Z",
		"2026-11-23T14:05":               "2026-11-23T19:05:00Z",
		"2026-11-23t14:05:10.5":          "2026-11-23T19:05:10.5Z",
		"2026-11-23 14:05:10.123456789":  "2026-11-23T19:05:10.123456789Z",
		"2026-11-23T14:05:00Z":           "2026-11-23T14:05:00Z",
		"2026-11-23T14:05:00+02:00":      "2026-11-23T12:05:00Z",
		"2026-11-23 14:05+02:00":         "2026-11-23T12:05:00Z",
		"2026-11-23 14:05:00 UTC-05:00":  "2026-11-23T19:05:00Z",
		"11/23/2026 02:05:00 PM":         "2026-11-23T19:05:00Z",
		"11/23/2026 12:00:00 am":         "2026-11-23T05:00:00Z",
		"1795442700":                     "2026-11-23T14:05:00Z",
		"1795442700123":                  "2026-11-23T14:05:00.123Z",
		" 2036-02-29 00:00 ":             "2036-02-29T05:00:00Z",
		"1970-01-01T00:00:00Z":           "1970-01-01T00:00:00Z",
		"2026-11-23T14:05:00.000000001Z": "2026-11-23T14:05:00.000000001Z",
	} {
		got, err := ParseTime(text, testNow, testLoc)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if s := got.UTC().Format(time.RFC3339Nano); s != want {
			t.Errorf("%s is %s, want %s", text, s, want)
		}
	}
	for _, text := range []string{"", "noon", "25:00", "14", "2026-13-01", "2026-02-30", "23.11.2026", "-", "-5", "-2x", "12345", "99999999999999999999"} {
		if got, err := ParseTime(text, testNow, testLoc); err == nil {
			t.Errorf("%q is %v, want an error", text, got)
		}
	}
}

func loadNewYork(t *testing.T) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestLocalTimesAroundClockChanges(t *testing.T) {
	newYork := loadNewYork(t)
	for text, want := range map[string]string{
		"2026-03-08 01:59":          "2026-03-08T06:59:00Z", // before clocks go forward
		"2026-03-08 03:00":          "2026-03-08T07:00:00Z", // and after
		"2026-11-01 00:59":          "2026-11-01T04:59:00Z",
		"2026-11-01 01:30":          "2026-11-01T05:30:00Z", // ambiguous: the earlier one
		"2026-11-01T01:30:00-05:00": "2026-11-01T06:30:00Z", // the offset selects the later one
		"2026-11-01 02:00":          "2026-11-01T07:00:00Z",
	} {
		got, err := ParseTime(text, testNow, newYork)
		if err != nil || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%s is %v, %v, want %s", text, got.UTC(), err, want)
		}
	}
	_, err := ParseTime("2026-03-08 02:30", testNow, newYork)
	if want := "time 2026-03-08 02:30:00 does not exist here: clocks skip it; write the offset from UTC"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
