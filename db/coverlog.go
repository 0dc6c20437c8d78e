package db

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"weir/flow"
)

// coverageLog is what the writer has to write about when was captured. Only the goroutine of Run uses
// it.
type coverageLog struct {
	source  func() []flow.Coverage // nil: nothing is captured
	session time.Time
	points  map[point]*pointLog
	pending []flow.Coverage // not written in this state
	looked  time.Time       // when source was last called, on the clock of this machine
	written time.Time       // when pending was last empty
	urgent  bool            // pending has news that should not wait for records to be written with
	grown   bool            // pending has spans that the file does not have yet
}

// point is an observation point.
type point struct{ node, iface string }

// pointLog is the state of an observation point.
type pointLog struct {
	current flow.Coverage       // its latest span, as last collected
	lost    flow.CoverageCounts // of that span, what the store lost and counted itself
}

// Cover makes the writer record when was captured. spans returns the spans of all observation points,
// those that have not ended again in each call; it is called about once a second while Run runs, and
// a last time at its end. The writer sets their Session, and adds what it lost itself. Cover must be
// called before Run.
func (w *Writer) Cover(spans func() []flow.Coverage) {
	w.coverage = coverageLog{source: spans, session: w.now(), points: map[point]*pointLog{}}
}

// collect asks the source if that is due, or at once if now is zero.
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

// note takes the state of a span.
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
			p.lost = flow.CoverageCounts{} // counted in the span before
		}
	}
	s.Add(p.lost)
	if isNew || s.Capturing != p.current.Capturing || losses(&s) != losses(&p.current) {
		l.urgent = true
	}
	p.current = s
	l.queue(s)
}

// losses returns the counters of s that should not be late.
func losses(s *flow.Coverage) flow.CoverageCounts {
	return flow.CoverageCounts{KernelDrops: s.KernelDrops, CutShort: s.CutShort, Evicted: s.Evicted, Unstored: s.Unstored, Outdated: s.Outdated, Outages: s.Outages}
}

// queue adds s to pending, in place of an earlier state of it. Where nothing can be written for long,
// it joins spans that have ended.
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

// joinPending joins the oldest two spans of the observation point of s.
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

// addLost counts flows of an observation point that the store lost itself.
func (l *coverageLog) addLost(lost map[point]flow.CoverageCounts) {
	for at, n := range lost {
		if p := l.points[at]; p != nil {
			p.lost.Add(n)
		}
	}
}

// due reports whether pending should be written now although there are no records to write with it.
func (l *coverageLog) due(now time.Time) bool {
	return len(l.pending) > 0 && (l.urgent || now.Sub(l.written) >= idleCoverageInterval)
}

// done records that pending is in the file.
func (l *coverageLog) done(now time.Time) {
	l.pending, l.urgent, l.grown, l.written = l.pending[:0], false, false, now
}

// timer fires when the source should be asked again.
func (l *coverageLog) timer() *time.Timer {
	if l.source == nil {
		return time.NewTimer(math.MaxInt64)
	}
	return time.NewTimer(time.Until(l.looked.Add(coverageInterval)))
}

// storeCoverage writes what is pending in a transaction of its own. why is the error of the records
// before, if they were not written: then this is not tried but once, and its own error says nothing new.
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
	return fmt.Errorf("when interfaces were captured is not stored: %s: %w", text, err)
}
