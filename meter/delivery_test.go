package meter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/capture"
	"weir/flow"
)

func TestOpenFlowsOfALiveSourceAreExportedWithinHalfASecond(t *testing.T) {
	var clock wallClock
	var sink store
	src := &script{live: true}
	for i := range 20 { // 20 packets of one flow in 200 ms
		src.frame(&clock, time.Duration(i)*10*ms, udp(5000, 5001))
	}
	src.quiet(&clock, 300*ms)
	src.look(func() {
		if len(sink.handed) != 1 {
			t.Errorf("%d records were exported, want one for all updates", len(sink.handed))
		}
		equal(t, "end reason", sink.handed[0].EndReason, flow.StillOpen)
		equal(t, "packets", sink.handed[0].Sent.Packets, 20)
	})
	src.quiet(&clock, 1*sec)
	src.look(func() { equal(t, "records while nothing changes", len(sink.handed), 1) })
	if err := New(Config{Now: clock.now}, src, &sink).Run(t.Context()); err != nil {
		t.Error(err)
	}
	last := sink.handed[len(sink.handed)-1]
	equal(t, "end reason at the end", last.EndReason, flow.ForcedEnd)
	equal(t, "ID at the end", last.ID, sink.handed[0].ID)
}

func TestFlowsOnAQuietInterfaceExpireByTheWallClock(t *testing.T) {
	var clock wallClock
	var sink store
	src := &script{live: true}
	src.frame(&clock, 0, syn())
	src.quiet(&clock, 14*sec)
	src.look(func() { equal(t, "end reason", sink.sorted()[0].EndReason, flow.StillOpen) })
	src.quiet(&clock, 2*sec)
	src.look(func() { equal(t, "end reason", sink.sorted()[0].EndReason, flow.IdleTimeout) })
	if err := New(Config{Now: clock.now}, src, &sink).Run(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTemporarilyRefusingSinkLosesNothing(t *testing.T) {
	var clock wallClock
	sink := store{refuse: true}
	src := &script{live: true}
	const flows = 10_000
	src.numbered(&clock, flows, ms)
	src.quiet(&clock, 100*sec) // all end
	src.look(func() { sink.refuse = false })
	src.quiet(&clock, 1*sec)
	src.look(func() { equal(t, "flows stored", len(sink.records), flows) })
	m := New(Config{Now: clock.now}, src, &sink)
	if err := m.Run(t.Context()); err != nil {
		t.Error(err)
	}
	equal(t, "unstored", m.Health().Unstored, 0)
	for _, r := range sink.handed {
		if r.Open() {
			t.Fatalf("an update of an ended flow was exported: %+v", r)
		}
	}
	if sink.largest > batchSize {
		t.Errorf("%d records were handed over at once", sink.largest)
	}
}

func TestLossesToARefusingSinkAreCounted(t *testing.T) {
	var clock wallClock
	sink := store{refuse: true, putErr: errors.New("disk full")}
	src := &script{live: true}
	const flows = backlogLimit + 20_000
	src.numbered(&clock, flows, ms)
	m := New(Config{Now: clock.now}, src, &sink)
	src.look(func() {
		if m.out.waiting > backlogLimit || m.engine.table.changed > int(m.engine.table.highWater) {
			t.Errorf("%d records and %d flows wait", m.out.waiting, m.engine.table.changed)
		}
	})
	src.quiet(&clock, 70*sec)
	src.look(func() {
		equal(t, "records that wait", m.out.waiting, backlogLimit)
		equal(t, "unstored", m.Health().Unstored, flows-backlogLimit)
		equal(t, "done", m.Health().Sources[0].Done, false)
	})
	err := m.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("Run says %v", err)
	}
	h := m.Health()
	equal(t, "unstored at the end", h.Unstored, flows)
	equal(t, "ended", h.Ended, flows)
	equal(t, "done", h.Sources[0].Done, true)
	if sink.refused > 190*4+flows/batchSize {
		t.Errorf("%d offers to the sink in 190 s, more than one every 250 ms", sink.refused)
	}
}

func TestFullBacklogDropsTheOldestRecords(t *testing.T) {
	o := outbox{limit: 3}
	for id := range 10_000 {
		*o.add(false) = flow.Record{ID: int64(id)}
	}
	var sink store
	equal(t, "all taken", o.offer(&sink), true)
	equal(t, "kept", len(sink.handed), 3)
	equal(t, "first kept", sink.handed[0].ID, 9997)
	equal(t, "unstored", o.unstored, 9997)
}

func TestFileIsExportedCompletelyInBatches(t *testing.T) {
	var clock wallClock
	var sink store
	src := &script{}
	const flows = 20_000
	src.numbered(&clock, flows, 20*ms)
	src.look(func() {
		if len(sink.records) < flows/2 {
			t.Errorf("only %d flows were exported before the end of the file", len(sink.records))
		}
	})
	m := New(Config{Now: clock.now}, src, &sink)
	if err := m.Run(t.Context()); err != nil {
		t.Error(err)
	}
	equal(t, "flows", len(sink.records), flows)
	if sink.largest > batchSize {
		t.Errorf("%d records were handed over at once", sink.largest)
	}
	h := m.Health()
	equal(t, "created", h.Created, flows)
	equal(t, "ended", h.Ended, flows)
	equal(t, "open", h.OpenFlows, 0)
	equal(t, "packets", h.Packets(), flows)
}

func TestEndOfFileForcesTheEndOfOpenFlowsAtTheLastPacket(t *testing.T) {
	var clock wallClock
	var sink store
	src := &script{}
	src.frame(&clock, 0, udp(5000, 5001))
	src.frame(&clock, 1*sec, udp(5000, 5001))
	if err := New(Config{Now: clock.now}, src, &sink).Run(t.Context()); err != nil {
		t.Error(err)
	}
	r := sink.sorted()[0]
	equal(t, "end reason", r.EndReason, flow.ForcedEnd)
	equal(t, "end", r.End(), epoch.Add(1*sec))
}

func TestFlowsIdleBeforeTheEndOfFileEndByIdleTimeout(t *testing.T) {
	var clock wallClock
	var sink store
	src := &script{}
	const flows = 3 * batchSize
	src.numbered(&clock, flows, 0)
	src.frame(&clock, time.Hour, udp(5000, 5001))
	if err := New(Config{Now: clock.now}, src, &sink).Run(t.Context()); err != nil {
		t.Error(err)
	}
	for _, r := range sink.sorted()[:flows] {
		if r.EndReason != flow.IdleTimeout {
			t.Fatalf("flow %d of %d ended as %v", r.ID, flows, r.EndReason)
		}
	}
}

func TestCancellingEndsAndExportsAllFlows(t *testing.T) {
	for _, live := range []bool{true, false} {
		t.Run(fmt.Sprintf("live=%v", live), func(t *testing.T) {
			var clock wallClock
			var sink store
			ctx, cancel := context.WithCancel(t.Context())
			src := &script{live: live}
			src.frame(&clock, 0, udp(5000, 5001))
			src.do(func(*capture.Frame) error { cancel(); return capture.ErrIdle })
			src.do(func(*capture.Frame) error { t.Error("read on after the end of ctx"); return io.EOF })
			if err := New(Config{Now: clock.now}, src, &sink).Run(ctx); err != nil {
				t.Errorf("Run says %v", err)
			}
			equal(t, "flows", len(sink.records), 1)
			equal(t, "end reason", sink.sorted()[0].EndReason, flow.ForcedEnd)
		})
	}
}

// finishing is a source whose steps are all before Finish; Close ends it.
type finishing struct{ *script }

func (s finishing) Finish() {}

func TestCancellingReadsWhatALiveSourceHasBuffered(t *testing.T) {
	var clock wallClock
	var sink store
	ctx, cancel := context.WithCancel(t.Context())
	src := finishing{&script{live: true}}
	src.frame(&clock, 0, udp(5000, 5001))
	src.do(func(*capture.Frame) error { cancel(); return capture.ErrIdle })
	src.frame(&clock, time.Second, udp(5000, 5002))
	src.frame(&clock, time.Second, udp(5000, 5003))
	if err := New(Config{Now: clock.now}, src, &sink).Run(ctx); err != nil {
		t.Errorf("Run says %v", err)
	}
	equal(t, "flows", len(sink.records), 3)
	if !src.closed.Load() {
		t.Error("the source is not closed at the end")
	}
}

func TestCancellingWhileWaitingForTheSinkLosesNothing(t *testing.T) {
	var clock wallClock
	ctx, cancel := context.WithCancel(t.Context())
	sink := blocking{cancel: cancel}
	src := &script{}
	const flows = 3 * batchSize
	src.numbered(&clock, flows, 0)
	m := New(Config{Now: clock.now}, src, &sink)
	if err := m.Run(ctx); err != nil {
		t.Errorf("Run says %v", err)
	}
	equal(t, "flows", len(sink.records), flows)
	equal(t, "unstored", m.Health().Unstored, 0)
}

func TestFailingSinkEndsAFileAndLossesAreCounted(t *testing.T) {
	var clock wallClock
	sink := store{putErr: errors.New("disk full")}
	src := &script{}
	src.numbered(&clock, 10, 0)
	m := New(Config{Now: clock.now}, src, &sink)
	err := m.Run(t.Context())
	if !errors.Is(err, sink.putErr) {
		t.Errorf("Run says %v", err)
	}
	equal(t, "unstored", m.Health().Unstored, 10)
}

func TestFailingSourceIsReportedAndItsFlowsAreExported(t *testing.T) {
	var clock wallClock
	var sink store
	src := &script{live: true}
	down := errors.New("the interface went down")
	src.frame(&clock, 0, udp(5000, 5001))
	src.do(func(*capture.Frame) error { return down })
	m := New(Config{Now: clock.now}, src, &sink)
	if err := m.Run(t.Context()); !errors.Is(err, down) {
		t.Errorf("Run says %v", err)
	}
	equal(t, "flows", len(sink.records), 1)
	equal(t, "health", m.Health().Sources[0].Err, down.Error())
}

func TestHealthCountsSkippedFrames(t *testing.T) {
	var clock wallClock
	src := &script{}
	src.frameOf(&clock, 0, 1, append(make([]byte, 12), 0x08, 0x06)) // Ethernet, ARP
	src.frame(&clock, 0, udp(5000, 5001))
	m := New(Config{Now: clock.now}, src, &store{})
	equal(t, "name before Run", m.Health().Sources[0].Name, "test0")
	if err := m.Run(t.Context()); err != nil {
		t.Error(err)
	}
	h := m.Health()
	if len(h.Skipped) != 1 || h.Skipped[0] != (flow.Count{Name: "arp", N: 1}) {
		t.Errorf("skipped: %v", h.Skipped)
	}
	equal(t, "packets", h.Packets(), 2)
	equal(t, "created", h.Created, 1)
}

func TestSlowSinkAndHealthDoNotRaceWithTheLoop(t *testing.T) {
	for _, live := range []bool{true, false} {
		var clock wallClock
		sink := slow{queue: make(chan []flow.Record, 1), taken: map[int64]flow.Record{}}
		src := &script{live: live}
		const flows = 30_000
		src.numbered(&clock, flows, 10*ms)
		m := New(Config{Now: clock.now}, src, &sink)
		var others sync.WaitGroup
		done := make(chan struct{})
		others.Go(func() {
			for recs := range sink.queue {
				for i := range recs {
					sink.taken[recs[i].ID] = recs[i]
					recs[i] = flow.Record{} // it is the sink's copy
				}
			}
		})
		others.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					m.Health()
				}
			}
		})
		if err := m.Run(t.Context()); err != nil {
			t.Error(err)
		}
		close(done)
		close(sink.queue)
		others.Wait()
		equal(t, "flows stored or counted as lost", len(sink.taken)+int(m.Health().Unstored), flows)
		for _, e := range sink.cut {
			r := sink.taken[e.ID]
			r.EndReason = e.Reason
			sink.taken[e.ID] = r
		}
		for id, r := range sink.taken {
			if r.Open() {
				t.Fatalf("flow %d was left open", id)
			}
		}
	}
}
