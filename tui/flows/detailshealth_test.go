package flows

import (
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/tui/tuitest"
)

func TestDetailsSayWhatWasCountedAndNothingElse(t *testing.T) {
	all := func(r flow.Record) string { return strings.Join(Sentences(&r, tuitest.Zone), "\n") }
	flows := tuitest.Flows()
	closed, silent := flows[0], flows[1]
	for _, want := range []string{
		"TCP health: the source announced a zero window once, 17 % of what the destination sent was sent again, 1 segment from the destination arrived out of order",
		"payload 662 bytes, round trip at least 2.1ms, round trip on average 2.6ms",
		"payload 11,791 bytes, retransmitted 2 segments, 2,896 bytes, round trip at least 9.8ms",
	} {
		if !strings.Contains(all(closed), want) {
			t.Errorf("%q is missing in\n%s", want, all(closed))
		}
	}
	closed.Uncounted = true
	closed.DstSide.RTTMin, closed.DstSide.RTTMean = 0, 0
	for name, r := range map[string]flow.Record{"nothing went wrong": silent, "not counted": closed} {
		for _, word := range []string{"TCP health", "retransmitted", "zero window", "out of order"} {
			if strings.Contains(all(r), word) {
				t.Errorf("%s: %q in\n%s", name, word, all(r))
			}
		}
	}
	if strings.Contains(all(closed), "payload") || strings.Count(all(closed), "round trip at least") != 1 {
		t.Errorf("what was not measured is in\n%s", all(closed))
	}
}

func TestARoundTripNeverReadsAsNone(t *testing.T) {
	for rtt, want := range map[time.Duration]string{1: "<1µs", 999: "<1µs", 1000: "1µs", 41_499: "41µs", 12_345_678: "12.346ms"} {
		if got := rttText(rtt); got != want {
			t.Errorf("%d ns is %q, want %q", rtt, got, want)
		}
	}
}
