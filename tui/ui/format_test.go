package ui

import (
	"math"
	"testing"
	"time"
)

func TestTheAgeOfANodeIsInItsLargestUnit(t *testing.T) {
	now := time.Date(2026, 11, 23, 19, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration]string{
		-time.Second: "live", 0: "live", 9 * time.Second: "live", 10 * time.Second: "10s ago", 59 * time.Second: "59s ago", time.Minute: "1m ago",
		59 * time.Minute: "59m ago", 23 * time.Hour: "23h ago", 24 * time.Hour: "1d ago", 2000 * 24 * time.Hour: "2,000d ago",
	} {
		if got := Age(now, now.Add(-d)); got != want {
			t.Errorf("%s: got %s, want %s", d, got, want)
		}
	}
	if got := Age(now, time.Time{}); got != "never" {
		t.Errorf("never seen: got %s", got)
	}
}

func TestSizesFitFiveColumns(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "-", 1: "1", 999: "999", 1000: "1.0K", 1099: "1.0K", 12_431: "12.4K", 99_999: "99.9K", 100_000: "100K", 999_999: "999K",
		1_000_000: "1.0M", 3_412_000_000: "3.4G", math.MaxUint64: "18.4E",
	} {
		got := string(AppendSize(nil, n))
		if got != want {
			t.Errorf("%d bytes: %q, want %q", n, got, want)
		}
		if len(got) > 5 {
			t.Errorf("%d bytes: %q does not fit five columns", n, got)
		}
	}
}

func TestDurationsFitSixColumns(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "+0ms", 0: "+0ms", 412 * time.Millisecond: "+412ms", 1239 * time.Millisecond: "+1.23s", 15 * time.Second: "+15.0s",
		599 * time.Second: "+9m59s", 59*time.Minute + 59*time.Second: "+59m", 26 * time.Hour: "+1d02h", 3*time.Hour + 12*time.Minute: "+3h12m",
		23*time.Hour + 59*time.Minute: "+23.9h", 1000 * 24 * time.Hour: "+1000d",
	} {
		got := string(AppendDuration(nil, d))
		if got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
		if len(got) > 6 {
			t.Errorf("%v: %q does not fit six columns", d, got)
		}
	}
}

func TestCountsHaveCommas(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 184_223: "184,223", 1_000_000: "1,000,000", -1: "0"} {
		if got := Count(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
