package meter

import (
	"testing"
	"time"

	"weir/capture"
	"weir/flow"
)

// pipe is a script that stands for a pipe.
type pipe struct{ script }

func (*pipe) Stream()                  {}
func (*pipe) More([]capture.Frame) int { return 0 }

func TestFlowsOfAStreamAreExportedSoonAndExpireByTheWallClock(t *testing.T) {
	var clock wallClock
	var sink store
	src := &pipe{script{live: true}}
	src.frame(&clock, 0, syn())
	src.quiet(&clock, 500*ms)
	src.look(func() { equal(t, "end reason", sink.sorted()[0].EndReason, flow.StillOpen) })
	src.quiet(&clock, 14*sec)
	src.look(func() { equal(t, "end reason", sink.sorted()[0].EndReason, flow.StillOpen) })
	src.quiet(&clock, 2*sec)
	src.look(func() { equal(t, "end reason", sink.sorted()[0].EndReason, flow.IdleTimeout) })
	m := New(Config{Now: clock.now}, src, &sink)
	if err := m.Run(t.Context()); err != nil {
		t.Error(err)
	}
	if spans := m.Coverage(); len(spans) > 0 {
		t.Errorf("what the capture behind a stream lost is not known: %+v", spans)
	}
}

// TestAStreamWaitsForTheSink: an interface would lose what doesn't fit into the backlog.
func TestAStreamWaitsForTheSink(t *testing.T) {
	var clock wallClock
	sink := store{refuse: true} // what is offered, not what is put
	src := &pipe{script{live: true}}
	const flows = backlogLimit + 50_000
	src.numbered(&clock, flows, ms)
	m := New(Config{Now: clock.now}, src, &sink)
	if err := m.Run(t.Context()); err != nil {
		t.Error(err)
	}
	equal(t, "flows stored", len(sink.records), flows)
	equal(t, "records offered in vain", sink.refused, 0)
	equal(t, "unstored", m.Health().Unstored, 0)
}

// TestPacketsHeldUpInAPipeDoNotCountAsTimeTwice: a writer without tcpdump's -U keeps packets
// back. When they come, time has passed already.
func TestPacketsHeldUpInAPipeDoNotCountAsTimeTwice(t *testing.T) {
	var clock wallClock
	var sink store
	src := &pipe{script{live: true}}
	late := func(at time.Duration, port uint16) {
		src.do(func(f *capture.Frame) error {
			p := udp(port, 53)
			b := p.Bytes()
			*f = capture.Frame{TimeNS: epoch.Add(at).UnixNano(), Data: b, WireLen: len(b), Link: capture.LinkType(p.Link())}
			return nil
		})
	}
	src.frame(&clock, 0, udp(5000, 53))
	src.quiet(&clock, 40*sec)
	for i := range 400 { // more than are taken for a step of the clock
		late(time.Duration(i)*100*ms, 6000)
	}
	late(55*sec, 5000) // less than the 60 s of UDP after its first packet
	src.quiet(&clock, sec)
	src.look(func() { equal(t, "flows", len(sink.records), 2) })
	src.quiet(&clock, 62*sec)
	src.look(func() {
		for _, r := range sink.sorted() {
			equal(t, "end reason", r.EndReason, flow.IdleTimeout)
		}
	})
	if err := New(Config{Now: clock.now}, src, &sink).Run(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestAFollowedFolderTimesOutInPacketTime: its writer may keep packets back as long as it likes.
func TestAFollowedFolderTimesOutInPacketTime(t *testing.T) {
	var clock wallClock
	var sink store
	src := &pipe{script{live: false}}
	src.frame(&clock, 0, udp(5000, 53))
	src.quiet(&clock, 500*ms)
	src.look(func() { equal(t, "flows", len(sink.records), 1) })
	src.quiet(&clock, 100*sec)
	src.look(func() { equal(t, "end reason", sink.sorted()[0].EndReason, flow.StillOpen) })
	src.frame(&clock, 200*sec, udp(7000, 53))
	src.quiet(&clock, sec)
	src.look(func() { equal(t, "end reason", sink.sorted()[0].EndReason, flow.IdleTimeout) })
	if err := New(Config{Now: clock.now}, src, &sink).Run(t.Context()); err != nil {
		t.Error(err)
	}
}
