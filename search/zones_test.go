package search

import (
	"os"
	"strings"
	"testing"
	"time"
)

// TestTimesInZonesEqualZoneinfo compares times in twelve zones around clock changes with those that
// testdata/zones.py has found with Python's zoneinfo.
func TestTimesInZonesEqualZoneinfo(t *testing.T) {
	data, err := os.ReadFile("testdata/zones.txt")
	if err != nil {
		t.Fatal(err)
	}
	zones, n := map[string]bool{}, 0
	for line := range strings.Lines(string(data)) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(cells) != 4 {
			t.Fatalf("%q has not 4 cells", line)
		}
		loc, err := time.LoadLocation(cells[0])
		if err != nil {
			t.Fatal(err)
		}
		now, err := time.Parse(time.RFC3339, cells[1])
		if err != nil {
			t.Fatal(err)
		}
		zones[cells[0]] = true
		n++
		got := "skipped"
		if at, err := ParseTime(cells[2], now, loc); err == nil {
			got = at.UTC().Format(time.RFC3339)
		} else if !strings.Contains(err.Error(), "clocks skip it") {
			got = err.Error()
		}
		if got != cells[3] {
			t.Errorf("%s at %s: %q is %s, want %s", cells[0], cells[1], cells[2], got, cells[3])
		}
	}
	if len(zones) < 12 || n < 12*20 {
		t.Errorf("%d times in %d zones, want 20 in each of 12", n, len(zones))
	}
}
