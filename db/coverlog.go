package db

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"weir/flow"
)

// coverageLog holds the coverage that the writer has yet to write. Only the goroutine of Run uses it.
type coverageLog struct {
	source  func() []flow.Coverage // nil: nothing is captured
	session time.Time
	points  map[point]*pointLog
	pending []flow.Coverage // spans whose current state is not written
	looked  time.Time       // when source was last called, by the system clock
	written time.Time       // when pending was last empty
	urgent  bool            // pending has losses that should not wait for the next records
	grown   bool            // pending has spans that are not yet in the file
}

// point is an observation point.
type point struct{ node, iface string }

// pointLog is the state of an observation point.
type pointLog struct {
	current flow.Coverage       // its latest span, as last collected
	lost    flow.CoverageCounts // losses of the store itself in that span
}

// Cover makes the writer record when interfaces are captured. spans returns the spans of all observation
// points; a span that has not ended is returned again by each call. It is called about once a second while
// Run runs, and once more at its end. The writer sets Session and adds its own losses. Cover must be called
// before Run.
func (w *Writer) Cover(spans func() []flow.Coverage) {
	w.coverage = coverageLog{source: spans, session: w.now(), points: map[point]*pointLog{}}
}

// collect calls the source if that is due, or if now is zero.
func (l *coverageLog) collect(now time.Time) {
	if l.source == nil || !now.IsZero() && now.Sub(l.looked) < coverageInterval {
		return
	}
	l.looked = now
	for _, s := range l.source() {
		s.Session = l.session
		l.note(s)
	}
}

// note records the current state of a span.
func (l *coverageLog) note(s flow.Coverage) {
	p := l.points[point{s.Node, s.Interface}]
	if p == nil {
		p = &pointLog{}
		l.points[point{s.Node, s.Interface}] = p
	}
	isNew := !p.current.From.Equal(s.From)
	if isNew {
		l.grown = true
		if !p.current.From.IsZero() {
			p.lost = flow.CoverageCounts{} // counted in the previous span
		}
	}
	s.Add(p.lost)
	if isNew || s.Capturing != p.current.Capturing || losses(&s) != losses(&p.current) {
		l.urgent = true
	}
	p.current = s
	l.queue(s)
}

// losses returns the counters of s whose change should be written at once.
func losses(s *flow.Coverage) flow.CoverageCounts {
	return flow.CoverageCounts{KernelDrops: s.KernelDrops, CutShort: s.CutShort, Evicted: s.Evicted, Unstored: s.Unstored, Outdated: s.Outdated, Outages: s.Outages}
}

// queue adds s to pending or replaces an earlier state of it. If nothing can be written for a long time, it
// merges spans that have ended.
func (l *coverageLog) queue(s flow.Coverage) {
	at := slices.IndexFunc(l.pending, func(p flow.Coverage) bool { return p.From.Equal(s.From) && p.IsSamePoint(&s) })
	if at >= 0 {
		l.pending[at] = s
		return
	}
	if len(l.pending) >= maxPendingSpans {
		l.joinPending(&s)
	}
	l.pending = append(l.pending, s)
}

// joinPending merges the oldest two spans of the observation point of s.
func (l *coverageLog) joinPending(s *flow.Coverage) {
	first := -1
	for i := range l.pending {
		switch {
		case !l.pending[i].IsSamePoint(s):
		case first < 0:
			first = i
		default:
			l.pending[first].Join(&l.pending[i])
			l.pending = slices.Delete(l.pending, i, i+1)
			return
		}
	}
}

// addLost counts flows of an observation point that the store itself lost.
func (l *coverageLog) addLost(lost map[point]flow.CoverageCounts) {
	for at, n := range lost {
		if p := l.points[at]; p != nil {
			p.lost.Add(n)
		}
	}
}

// due reports whether pending should be written now, without waiting for records.
func (l *coverageLog) due(now time.Time) bool {
	return len(l.pending) > 0 && (l.urgent || now.Sub(l.written) >= idleCoverageInterval)
}

// done records that pending is in the file.
func (l *coverageLog) done(now time.Time) {
	l.pending, l.urgent, l.grown, l.written = l.pending[:0], false, false, now
}

// timer fires when the source should be called again.
func (l *coverageLog) timer() *time.Timer {
	if l.source == nil {
		return time.NewTimer(math.MaxInt64)
	}
	return time.NewTimer(time.Until(l.looked.Add(coverageInterval)))
}

// storeCoverage writes the pending spans in a separate transaction. why is the error of the preceding
// records if they could not be written. Then this is tried only once, and its error adds nothing.
func (w *Writer) storeCoverage(why error) error {
	if len(w.coverage.pending) == 0 {
		return nil
	}
	defer w.scheduler.beginTransaction()()
	err := w.checkPlace()
	if err == nil {
		err = w.transact(context.Background(), func(c connection) error { return c.writeCoverage(w.coverage.pending, w.coverage.grown) })
	}
	switch {
	case err == nil:
		w.coverage.done(time.Now())
		w.failure.Store(nil)
		return nil
	case why != nil:
		return nil
	}
	text := explain(w.path, err)
	w.failure.Store(&text)
	return fmt.Errorf("capture coverage is not stored: %s: %w", text, err)
}
