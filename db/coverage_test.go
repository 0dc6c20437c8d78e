package db

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/db/block"
	"weir/flow"
	"weir/internal/storetest"
	"weir/search"
)

// spanAt returns a span of eth0 that lasts from one second after epoch to another.
func spanAt(from, to int) flow.Coverage {
	return flow.Coverage{Node: "edge-1", Interface: "eth0", From: epoch.Add(time.Duration(from) * time.Second), To: epoch.Add(time.Duration(to) * time.Second)}
}

// capturing is what a test says is being captured.
type capturing struct {
	mu    sync.Mutex
	spans []flow.Coverage
	asked int
}

func (c *capturing) set(spans ...flow.Coverage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spans = spans
}

func (c *capturing) get() []flow.Coverage {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
	return slices.Clone(c.spans)
}

func coverageOf(t *testing.T, r *Reader) []flow.Coverage {
	t.Helper()
	all, err := r.Coverage(t.Context(), search.Range{})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no %s in a minute", what)
		}
	}
}

// TestAReaderSeesWhatIsCaptured: beside the writer, without any record, and when it has ended.
func TestAReaderSeesWhatIsCaptured(t *testing.T) {
	s := openTemp(t)
	var now capturing
	span := spanAt(0, 1)
	span.Capturing = true
	span.CoverageCounts = flow.CoverageCounts{Packets: 1, Octets: 2, KernelDrops: 3, CutShort: 4, Created: 5, Ended: 6, Evicted: 7, Unstored: 8, Outdated: 9, Outages: 10, Away: 11}
	other := spanAt(0, 1)
	other.Node, other.Interface = "dc", "wlan0"
	now.set(span, other)
	s.Cover(now.get)
	stop := run(t, s)
	r, err := OpenReader(t.Context(), s.path, ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	span.Session, other.Session = epoch, epoch
	eventually(t, "coverage beside an idle writer", func() bool { return len(coverageOf(t, r)) == 2 })
	if got := coverageOf(t, r); got[0] != other || got[1] != span {
		t.Errorf("got  %+v\nwant %+v", got, []flow.Coverage{other, span})
	}
	span.To, span.Packets = span.To.Add(time.Second), 100
	now.set(span, other)
	eventually(t, "later state of the span", func() bool {
		store(t, s, flow.Record{ID: s.NextID(), Start: epoch}) // with which it is written
		return slices.Contains(coverageOf(t, r), span)
	})
	span.Capturing, span.To = false, span.To.Add(time.Second)
	later := spanAt(100, 101)
	later.Session = epoch
	now.set(span, later, other)
	stop()
	if got := coverageOf(t, r); !slices.Equal(got, []flow.Coverage{other, span, later}) {
		t.Errorf("at the end %+v", got)
	}
	for _, overlap := range []struct{ from, to, want int }{{4, 100, 0}, {-5, 0, 0}, {0, 1, 2}, {3, 4, 1}, {99, 200, 1}} {
		got, err := r.Coverage(t.Context(), search.Range{From: epoch.Add(time.Duration(overlap.from) * time.Second), To: epoch.Add(time.Duration(overlap.to) * time.Second)})
		if err != nil || len(got) != overlap.want {
			t.Errorf("%d to %d: %d spans, %v, want %d", overlap.from, overlap.to, len(got), err, overlap.want)
		}
	}
	if n, err := r.Check(t.Context(), func(p string) { t.Error(p) }); err != nil || n == 0 {
		t.Errorf("check: %d flows, %v", n, err)
	}
}

// TestTheLastSessionIsToldApart: its counters are not those of the sessions before.
func TestTheLastSessionIsToldApart(t *testing.T) {
	s := openTemp(t)
	var now capturing
	for i := range 2 {
		s.now = func() time.Time { return epoch.Add(time.Duration(i) * time.Hour) }
		now.set(spanAt(3600*i, 3600*i+10))
		s.Cover(now.get)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		s.running.Store(false)
		if err := s.run(ctx); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.LastSession(t.Context())
	if err != nil || len(got) != 1 || !got[0].Session.Equal(epoch.Add(time.Hour)) {
		t.Errorf("the last session: %+v, %v", got, err)
	}
	if all := coverageOf(t, s.Reader); len(all) != 2 {
		t.Errorf("%d spans in all", len(all))
	}
}

// TestAnIdleWriterRarelyWritesCoverage: each commit wakes up all readers.
func TestAnIdleWriterRarelyWritesCoverage(t *testing.T) {
	l := coverageLog{points: map[point]*pointLog{}}
	at := time.Unix(1000, 0)
	span := spanAt(0, 0)
	span.Capturing = true
	l.source = func() []flow.Coverage {
		span.Packets++
		span.To = span.To.Add(time.Second)
		return []flow.Coverage{span}
	}
	writes := 0
	second := func() {
		at = at.Add(time.Second)
		if l.collect(at); l.due(at) {
			writes++
			l.done(at)
		}
	}
	second()
	if writes != 1 {
		t.Error("a new span has to wait")
	}
	for range 20 {
		second()
	}
	if writes != 5 {
		t.Errorf("%d writes in 21 s, want 5", writes)
	}
	span.KernelDrops++
	if second(); writes != 6 {
		t.Error("a loss has to wait")
	}
	span.Capturing = false
	if second(); writes != 7 {
		t.Error("an outage has to wait")
	}
	collected := at
	l.source = func() []flow.Coverage { t.Error("asked again within a second"); return nil }
	l.collect(collected.Add(900 * time.Millisecond))
}

// TestSpansThatCanNotBeWrittenAreJoined bounds the memory of a writer whose disk is full.
func TestSpansThatCanNotBeWrittenAreJoined(t *testing.T) {
	l := coverageLog{points: map[point]*pointLog{}}
	const outages = 3 * maxPendingSpans
	for i := range outages {
		s := spanAt(10*i, 10*i+5)
		s.Packets, s.Outages, s.Away = 1, 1, 5*time.Second
		l.note(s)
	}
	var sum flow.CoverageCounts
	for _, s := range l.pending {
		sum.Add(s.CoverageCounts)
	}
	if len(l.pending) != maxPendingSpans || sum.Packets != outages || sum.Outages != outages || !l.pending[0].From.Equal(epoch) {
		t.Errorf("%d spans wait, from %v on, with %+v", len(l.pending), l.pending[0].From, sum)
	}
}

// writeSpans writes n spans of 5 s, one every 10 s, as fn changes them.
func writeSpans(t *testing.T, s *Writer, n int, fn func(*flow.Coverage)) {
	t.Helper()
	all := make([]flow.Coverage, n)
	for i := range all {
		all[i] = spanAt(10*i, 10*i+5)
		fn(&all[i])
	}
	if err := s.transact(t.Context(), func(c connection) error { return c.writeCoverage(all, true) }); err != nil {
		t.Fatal(err)
	}
}

// TestCoverageIsBounded: the oldest spans are joined, and what they counted is kept.
func TestCoverageIsBounded(t *testing.T) {
	s := openTemp(t)
	const more = 20
	writeSpans(t, s, maxCoverageRows+more, func(span *flow.Coverage) {
		span.Session, span.Packets, span.Outages, span.Away = epoch, 1, 1, 5*time.Second
	})
	all := coverageOf(t, s.Reader)
	first := spanAt(0, 10*more+5)
	first.Session, first.Packets, first.Outages, first.Away = epoch, more+1, more+1, 5*time.Second*(more+1)
	if len(all) != maxCoverageRows || all[0] != first {
		t.Errorf("%d spans, the first %+v, want %d and %+v", len(all), all[0], maxCoverageRows, first)
	}
}

// TestManyShortSessionsAreForgotten: there is nothing to join.
func TestManyShortSessionsAreForgotten(t *testing.T) {
	s := openTemp(t)
	const more = 5
	writeSpans(t, s, maxCoverageRows+more, func(span *flow.Coverage) { span.Session = span.From })
	if all := coverageOf(t, s.Reader); len(all) != maxCoverageRows || !all[0].From.Equal(epoch.Add(10*more*time.Second)) {
		t.Errorf("%d spans, the first from %v on", len(all), all[0].From)
	}
}

// TestRetentionRemovesCoverageWithTheFlows keeps spans as long as there are flows of their time.
func TestRetentionRemovesCoverageWithTheFlows(t *testing.T) {
	s := openTemp(t)
	s.blockRows = 100
	var late atomic.Int64
	s.now = func() time.Time { return epoch.Add(time.Duration(late.Load())) }
	run(t, s)
	store(t, s, numbered(0, 100)...)
	late.Store(int64(2 * time.Hour))
	more := numbered(100, 100)
	for i := range more {
		more[i].Start, more[i].Last = epoch.Add(time.Hour), epoch.Add(time.Hour)
	}
	store(t, s, more...)
	err := s.transact(t.Context(), func(c connection) error {
		return c.writeCoverage([]flow.Coverage{spanAt(-100, 3599), spanAt(3500, 3601)}, true)
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.transact(t.Context(), func(c connection) error {
		_, err := retention{age: time.Hour}.removeOldest(c, s.now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(storetest.All(t, s)); got != 100 {
		t.Fatalf("%d flows are left, want 100", got)
	}
	if all := coverageOf(t, s.Reader); len(all) != 1 || !all[0].From.Equal(epoch.Add(3500*time.Second)) {
		t.Errorf("the spans that are left: %+v", all)
	}
}

// TestDamagedCoverageIsReportedAndClaimsNothing flips each column of a row in turn.
func TestDamagedCoverageIsReportedAndClaimsNothing(t *testing.T) {
	columns := append(strings.Split(coverageColumns, ", "), "sum")
	for _, column := range columns {
		s := openTemp(t)
		err := s.transact(t.Context(), func(c connection) error {
			whole := spanAt(10, 20)
			whole.Session, whole.Packets = epoch, 7
			broken := spanAt(0, 5)
			broken.Session = epoch
			if err := c.writeCoverage([]flow.Coverage{whole, broken}, true); err != nil {
				return err
			}
			return c.exec(fmt.Sprintf("UPDATE coverage SET %s = iif(typeof(%s) = 'text', 'x' || %s, %s + 1) WHERE from_ns = ?", column, column, column, column), block.Nanos(broken.From))
		})
		if err != nil {
			t.Fatal(column, err)
		}
		all, err := s.Coverage(t.Context(), search.Range{})
		if gaps, ok := search.Incomplete(err); !ok || len(gaps) != 1 || len(all) != 1 || all[0].Packets != 7 {
			t.Errorf("%s: %+v, %v, want the sound span and an error that one is damaged", column, all, err)
		}
		var problems []string
		if _, err := s.Check(t.Context(), func(p string) { problems = append(problems, p) }); err != nil || len(problems) != 1 || !strings.Contains(problems[0], "coverage") {
			t.Errorf("%s: check says %q, %v", column, problems, err)
		}
	}
}

// TestFarTooManySpansOfCoverageAreRemoved writes to a store with more spans than any writer leaves, each of
// which would take milliseconds to merge: the latest ones stay as they are.
func TestFarTooManySpansOfCoverageAreRemoved(t *testing.T) {
	const rows = maxCoverageRows + coverageSlack + 100
	s := openTemp(t)
	err := s.transact(t.Context(), func(c connection) error {
		for k := range rows {
			span := flow.Coverage{Session: epoch, Node: "n", Interface: "i", From: epoch.Add(time.Duration(2*k) * time.Second), To: epoch.Add(time.Duration(2*k+1) * time.Second)}
			if err := c.putCoverage(&span); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.transact(t.Context(), func(c connection) error { return c.writeCoverage(nil, true) }); err != nil {
		t.Fatal(err)
	}
	all := coverageOf(t, s.Reader)
	first, last := epoch.Add(2*(rows-maxCoverageRows)*time.Second), epoch.Add((2*rows-1)*time.Second)
	if len(all) != maxCoverageRows || !all[0].From.Equal(first) || !all[len(all)-1].To.Equal(last) {
		t.Errorf("%d spans from %v to %v, want %d from %v to %v", len(all), all[0].From, all[len(all)-1].To, maxCoverageRows, first, last)
	}
}
