package tui

import (
	"math"
	"testing"
	"time"

	"weir/flow"
	"weir/tui/column"
	"weir/tui/ui"
)

func TestSizesFitFiveColumns(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "-", 1: "1", 999: "999", 1000: "1.0K", 1099: "1.0K", 12_431: "12.4K", 99_999: "99.9K", 100_000: "100K", 999_999: "999K",
		1_000_000: "1.0M", 3_412_000_000: "3.4G", math.MaxUint64: "18.4E",
	} {
		got := string(ui.AppendSize(nil, n))
		if got != want {
			t.Errorf("%d bytes: %q, want %q", n, got, want)
		}
		if len(got) > column.All[column.Recv].Max {
			t.Errorf("%d bytes: %q does not fit its column", n, got)
		}
	}
}

func TestDurationsFitSixColumns(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "+0ms", 0: "+0ms", 412 * time.Millisecond: "+412ms", 1239 * time.Millisecond: "+1.23s", 15 * time.Second: "+15.0s",
		599 * time.Second: "+9m59s", 59*time.Minute + 59*time.Second: "+59m", 26 * time.Hour: "+1d02h", 3*time.Hour + 12*time.Minute: "+3h12m",
		23*time.Hour + 59*time.Minute: "+23.9h", 1000 * 24 * time.Hour: "+1000d",
	} {
		got := string(ui.AppendDuration(nil, d))
		if got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
		if len(got) > column.All[column.End].Max {
			t.Errorf("%v: %q does not fit its column", d, got)
		}
	}
}

func TestCountsHaveCommas(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 184_223: "184,223", 1_000_000: "1,000,000", -1: "0"} {
		if got := ui.Count(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestEveryVerdictHasShortWordsThatFit(t *testing.T) {
	for _, v := range flow.Verdicts() {
		if s := column.ShortVerdict(v); len(s) > column.All[column.Verdict].Min || v != flow.NoVerdict && s == "" {
			t.Errorf("%v: %q", v, s)
		}
	}
}
