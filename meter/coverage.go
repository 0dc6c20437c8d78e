package meter

import (
	"sync"
	"time"

	"weir/capture"
	"weir/flow"
)

// spans records when a live source captured. The goroutine of Run updates it; any goroutine may collect.
type spans struct {
	mu      sync.Mutex
	ended   []flow.Coverage     // not collected yet, oldest first
	current flow.Coverage       // no longer Capturing during an outage; From is zero before the first update
	base    flow.CoverageCounts // totals when current began
	outages uint64              // of the source, at the last update
	at      time.Time           // of the last update, with the monotonic clock
}

// Coverage returns the spans of time in which a live source captured: those that ended since the last
// call, followed by the current one, which later calls return again. Their Session is not set.
// It returns nothing for a file, and before Run. It is safe to call from any goroutine.
func (m *Meter) Coverage() []flow.Coverage {
	s := &m.spans
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current.From.IsZero() {
		return nil
	}
	all := s.ended
	s.ended = nil
	return append(all, s.current)
}

// update records the counters of the source at wall-clock time now. passed is the monotonic time
// since the last update. done marks the last update.
func (s *spans) update(now time.Time, passed time.Duration, st *capture.Stats, totals flow.CoverageCounts, done bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	down := st.DownAt.After(st.UpAt)
	switch {
	case s.current.From.IsZero():
		s.begin(now)
	case s.current.Capturing && st.Outages != s.outages:
		if to := st.DownAt.Round(0).UTC(); to.After(s.current.To) {
			s.current.To = to
		}
		if !down {
			s.next(st.UpAt, totals)
		}
	case !s.current.Capturing && !down:
		s.next(st.UpAt, totals)
	case s.current.Capturing && isClockStep(now.Round(0).Sub(s.at.Round(0)), passed):
		s.next(now, totals)
	}
	if s.current.Capturing = !down && !done; !down {
		s.current.To = now.Round(0).UTC()
	}
	s.current.CoverageCounts = totals.Since(s.base)
	s.outages, s.at = st.Outages, now
}

// next ends the current span and begins another.
func (s *spans) next(from time.Time, totals flow.CoverageCounts) {
	s.current.CoverageCounts = totals.Since(s.base)
	s.current.Capturing = false
	s.base = totals
	if last := len(s.ended) - 1; last+1 >= maxEndedSpans {
		s.ended[last].Join(&s.current)
	} else {
		s.ended = append(s.ended, s.current)
	}
	s.begin(from)
}

func (s *spans) begin(from time.Time) {
	from = from.Round(0).UTC()
	s.current = flow.Coverage{Node: s.current.Node, Interface: s.current.Interface, From: from, To: from}
}

// isClockStep compares the elapsed wall and monotonic time, and reports whether the system clock was
// set or the machine was suspended: nothing was captured in the time that the clock skipped.
func isClockStep(wall, monotonic time.Duration) bool {
	step := wall - monotonic
	return step < -maxClockSlew || step > maxClockSlew
}
