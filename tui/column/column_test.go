package column

import (
	"math"
	"testing"
	"time"

	"weir/flow"
	"weir/tui/ui"
)

func TestTheLongestNumbersFitTheirColumns(t *testing.T) {
	for _, n := range []uint64{0, 999, 12_431, 99_999, 999_999, 3_412_000_000, math.MaxUint64} {
		if got := ui.AppendSize(nil, n); len(got) > All[Recv].Max {
			t.Errorf("%d bytes: %q does not fit its column", n, got)
		}
	}
	for _, d := range []time.Duration{0, 412 * time.Millisecond, 599 * time.Second, 23*time.Hour + 59*time.Minute, 1000 * 24 * time.Hour} {
		if got := ui.AppendDuration(nil, d); len(got) > All[End].Max {
			t.Errorf("%v: %q does not fit its column", d, got)
		}
	}
}

func TestEveryVerdictHasShortWordsThatFit(t *testing.T) {
	for _, v := range flow.Verdicts() {
		if s := shortVerdict(v); len(s) > All[Verdict].Min || v != flow.NoVerdict && s == "" {
			t.Errorf("%v: %q", v, s)
		}
	}
}
