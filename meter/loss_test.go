package meter

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"weir/capture"
	"weir/flow"
)

// whimsical is a Sink that takes a share of what it is offered, at random, and checks the order in
// which it learns of a flow.
type whimsical struct {
	collector
	t       *testing.T
	rng     *rand.Rand
	refusal float64 // share that is refused
}

func (s *whimsical) Offer(recs []flow.Record) bool {
	if s.rng.Float64() < s.refusal {
		return false
	}
	for i := range recs {
		if had, ok := s.records[recs[i].ID]; ok && !had.Open() {
			s.t.Errorf("a record of flow %d after its end", recs[i].ID)
		}
	}
	return s.collector.Offer(recs)
}

var errRefused = errors.New("refused")

func (s *whimsical) Put(ctx context.Context, recs []flow.Record) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if !s.Offer(recs) {
		return errRefused
	}
	return nil
}

func (s *whimsical) Cut(ends []flow.Ending) {
	for _, e := range ends {
		if had, ok := s.records[e.ID]; !ok || !had.Open() || e.Reason == flow.StillOpen {
			s.t.Errorf("flow %d is cut as %v, known: %v, %v", e.ID, e.Reason, ok, had.EndReason)
		}
	}
	s.collector.Cut(ends)
}

// TestEveryFlowIsStoredOrCounted: whatever a sink refuses, each flow is in it or counted as not stored,
// and none of those it has stays open. Its flows have their last packets, or it was told that they were
// cut.
func TestEveryFlowIsStoredOrCounted(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		live := seed%4 != 0
		t.Run(fmt.Sprintf("seed %d, live=%v", seed, live), func(t *testing.T) {
			sink := &whimsical{t: t, rng: rng, refusal: []float64{0, 0.3, 0.9, 0.99, 1}[rng.IntN(5)]}
			var clock wallClock
			src := &script{live: live}
			sent := map[uint16]int{} // packets by source port
			flows := 1 + rng.IntN(3000)
			for at := time.Duration(0); len(src.steps) < 6000; at += time.Duration(1+rng.IntN(99)) * ms {
				port := uint16(20_000 + rng.IntN(flows))
				sent[port]++
				src.frame(&clock, at, udp(port, 53))
			}
			if rng.IntN(2) == 0 {
				src.do(func(*capture.Frame) error { return errors.New("gone") })
			}
			cfg := Config{Now: clock.now, MaxFlows: 50 + rng.IntN(flows)}
			if rng.IntN(2) == 0 {
				cfg.Timeouts.Active = 20 * sec
			}
			m := New(cfg, src, sink)
			if live {
				m.out.limit = 1 + rng.IntN(500)
			}
			_ = m.Run(t.Context()) // its error is what the sink or the source said
			h := m.Health()
			equal(t, "created", uint64(len(sink.records))+h.Unstored, h.Created)
			equal(t, "ended", h.Ended, h.Created)
			cut := map[int64]bool{}
			for _, e := range sink.cut {
				cut[e.ID] = true
			}
			equal(t, "cuts of different flows", len(cut), len(sink.cut))
			for id, r := range sink.records {
				if r.Open() {
					t.Errorf("flow %d stays open", id)
				}
				if !cut[id] {
					sent[r.Src.Port] -= int(r.Sent.Packets)
				}
			}
			if h.Unstored == 0 && len(cut) == 0 && h.Packets() == 6000 {
				for port, n := range sent {
					if n != 0 {
						t.Errorf("%d packets of port %d are in no record", n, port)
					}
				}
			}
		})
	}
}

// TestCutFramesAreCounted: a frame counts as cut short if the capture length hid a header, not if only
// payload is missing or the frame was that short on the wire.
func TestCutFramesAreCounted(t *testing.T) {
	var clock wallClock
	src := &script{live: true}
	whole := udp(5000, 5001)
	b := whole.Bytes()
	for _, n := range []int{20 + 2, 10} { // without ports; without an IP header
		src.do(func(f *capture.Frame) error {
			*f = capture.Frame{TimeNS: epoch.UnixNano(), Data: b[:n], WireLen: len(b), Link: capture.LinkType(whole.Link())}
			return nil
		})
	}
	src.frameOf(&clock, 0, whole.Link(), b[:10]) // as short on the wire
	src.do(func(f *capture.Frame) error {        // payload missing
		*f = capture.Frame{TimeNS: epoch.UnixNano(), Data: b[:28], WireLen: len(b) + 1000, Link: capture.LinkType(whole.Link())}
		return nil
	})
	m := New(Config{Now: clock.now}, src, &store{})
	if err := m.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	equal(t, "cut short", m.Health().Sources[0].CutShort, 2)
	equal(t, "lost", func() uint64 { h := m.Health(); return h.Lost() }(), 2)
}
