package meter

import (
	"testing"
	"time"

	"weir/capture"
	"weir/flow"
)

// TestCoverageShowsOutagesAsGaps follows a source whose interface goes away three times, twice between
// two looks at it.
func TestCoverageShowsOutagesAsGaps(t *testing.T) {
	at := func(s int) time.Time { return epoch.Add(time.Duration(s) * time.Second) }
	var m Meter
	m.spans.current.Node, m.spans.current.Interface = "edge-1", "eth0"
	counts := func(packets, outages uint64, away int) flow.CoverageCounts {
		return flow.CoverageCounts{Packets: packets, Outages: outages, Away: time.Duration(away) * time.Second}
	}
	update := func(now int, st capture.Stats, c flow.CoverageCounts) {
		m.spans.update(at(now), at(now).Sub(m.spans.at), &st, c, false)
	}
	if m.Coverage() != nil {
		t.Error("coverage before Run")
	}
	update(0, capture.Stats{}, counts(0, 0, 0))
	update(10, capture.Stats{}, counts(100, 0, 0))
	st := capture.Stats{Outages: 1, DownAt: at(12)}
	update(13, st, counts(110, 1, 1))
	update(20, st, counts(110, 1, 8))
	spans := m.Coverage()
	equal(t, "spans while it is away", len(spans), 1)
	if s := spans[0]; s.Capturing || !s.From.Equal(at(0)) || !s.To.Equal(at(12)) || s.CoverageCounts != counts(110, 1, 8) {
		t.Errorf("while it is away %+v", s)
	}
	st.UpAt = at(30)
	update(31, st, counts(120, 1, 18))
	spans = m.Coverage()
	equal(t, "spans when it is back", len(spans), 2)
	if s := spans[1]; !s.Capturing || !s.From.Equal(at(30)) || !s.To.Equal(at(31)) || s.CoverageCounts != counts(0, 0, 0) || s.Node != "edge-1" || s.Interface != "eth0" {
		t.Errorf("when it is back %+v", s)
	}
	equal(t, "spans when nothing happened", len(m.Coverage()), 1)
	st = capture.Stats{Outages: 3, DownAt: at(39), UpAt: at(40)}
	m.spans.update(at(41), 21*sec, &st, counts(150, 3, 21), false)
	m.spans.update(at(50), 9*sec, &st, counts(160, 3, 21), true)
	spans = m.Coverage()
	equal(t, "spans at the end", len(spans), 2)
	if s := spans[0]; s.Capturing || !s.To.Equal(at(39)) || s.CoverageCounts != counts(30, 2, 3) {
		t.Errorf("two outages in a row: %+v", s)
	}
	if s := spans[1]; s.Capturing || !s.From.Equal(at(40)) || !s.To.Equal(at(50)) || s.CoverageCounts != counts(10, 0, 0) {
		t.Errorf("the last: %+v", s)
	}
}

// TestManyOutagesAreJoinedUntilTheyAreCollected bounds memory where nothing collects spans.
func TestManyOutagesAreJoinedUntilTheyAreCollected(t *testing.T) {
	var m Meter
	const outages = 10 * maxEndedSpans
	for i := range outages {
		now := epoch.Add(time.Duration(i) * time.Minute)
		st := capture.Stats{Outages: uint64(i), DownAt: now.Add(-2 * sec), UpAt: now.Add(-sec)}
		m.spans.update(now, time.Minute, &st, flow.CoverageCounts{Packets: uint64(10 * i), Outages: st.Outages, Away: time.Duration(i) * sec}, false)
	}
	spans := m.Coverage()
	equal(t, "spans", len(spans), maxEndedSpans+1)
	var sum flow.CoverageCounts
	for i := range spans {
		sum.Add(spans[i].CoverageCounts)
		if i > 0 && spans[i].From.Before(spans[i-1].To) {
			t.Errorf("span %d begins before the end of the one before", i)
		}
	}
	if want := (flow.CoverageCounts{Packets: 10 * (outages - 1), Outages: outages - 1, Away: (outages - 1) * sec}); sum != want {
		t.Errorf("the spans add up to %+v, want %+v", sum, want)
	}
}

// TestCoverageEndsWhereTheSystemClockIsSet: nothing was captured in the time that the clock jumped over.
func TestCoverageEndsWhereTheSystemClockIsSet(t *testing.T) {
	var m Meter
	for _, u := range []struct{ at, passed time.Duration }{{0, 0}, {10 * sec, 10 * sec}, {3600 * sec, 100 * ms}, {3610 * sec, 10*sec - 900*ms}, {60 * sec, 100 * ms}, {70 * sec, 10 * sec}} {
		m.spans.update(epoch.Add(u.at), u.passed, &capture.Stats{}, flow.CoverageCounts{}, false)
	}
	spans := m.Coverage()
	want := [][2]time.Duration{{0, 10 * sec}, {3600 * sec, 3610 * sec}, {60 * sec, 70 * sec}}
	equal(t, "spans", len(spans), len(want))
	for i, w := range want {
		if s := spans[i]; !s.From.Equal(epoch.Add(w[0])) || !s.To.Equal(epoch.Add(w[1])) || s.Outages != 0 {
			t.Errorf("span %d is from %v to %v, %d outages", i, s.From, s.To, s.Outages)
		}
	}
}
