package ui

import (
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
