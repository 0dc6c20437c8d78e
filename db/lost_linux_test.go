package db

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"weir/db/block"
	"weir/flow"
	"weir/internal/disktest"
	"weir/internal/storetest"
	"weir/search"
)

// TestCutFlowsEndWithWhatIsStored: a flow whose last record was dropped doesn't stay open.
func TestCutFlowsEndWithWhatIsStored(t *testing.T) {
	for _, rows := range []int{block.MaxRows, 3} { // left in pieces; packed into blocks
		s := openTemp(t)
		s.blockRows = rows
		var now capturing
		span := spanAt(0, 1)
		now.set(span)
		s.Cover(now.get)
		stop := run(t, s)
		open := numbered(0, 5)
		for i := range open {
			open[i].EndReason, open[i].Node, open[i].Interface, open[i].Sent.Packets = flow.StillOpen, span.Node, span.Interface, uint64(i)
		}
		store(t, s, open[:3]...)
		if err := s.Put(t.Context(), open[3:]); err != nil { // with the ends in one transaction
			t.Fatal(err)
		}
		s.Cut([]flow.Ending{{ID: 1, Reason: flow.IdleTimeout}, {ID: 3, Reason: flow.LackOfResources}, {ID: 5, Reason: flow.EndOfFlow}})
		stop()
		want := []flow.EndReason{flow.IdleTimeout, flow.StillOpen, flow.LackOfResources, flow.StillOpen, flow.EndOfFlow}
		got := map[int64]flow.Record{}
		for _, r := range storetest.All(t, s) {
			got[r.ID] = r
		}
		for i, reason := range want {
			if r := got[int64(i+1)]; r.EndReason != reason || r.Sent.Packets != uint64(i) {
				t.Errorf("blocks of %d: flow %d ended as %v with %d packets, want %v with %d", rows, i+1, r.EndReason, r.Sent.Packets, reason, i)
			}
		}
		if h := s.Health(); h.Outdated != 3 || h.Unstored != 0 {
			t.Errorf("%d flows are counted as outdated, %d as not stored, want 3 and 0", h.Outdated, h.Unstored)
		}
		if all := coverageOf(t, s.Reader); len(all) != 1 || all[0].Outdated != 3 {
			t.Errorf("coverage %+v, want 3 outdated flows", all)
		}
		if n, err := s.Check(t.Context(), func(p string) { t.Error(p) }); err != nil || n != 5 {
			t.Errorf("check: %d flows, %v", n, err)
		}
	}
}

// TestAFullDiskAtTheEndIsCountedByFlow: at the end of a run on a full disk, each flow that was accepted
// is in the file or counted, once, however many records of it wait and however it ended.
func TestAFullDiskAtTheEndIsCountedByFlow(t *testing.T) {
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 2))
		dir := disktest.Small(t, "4m")
		path, ballast := filepath.Join(dir, "weir.db"), filepath.Join(dir, "ballast")
		s, err := Open(t.Context(), path, WriterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		recs, before := newOpenFlows(s, 3000), 100+rng.IntN(1000)
		store(t, s, recs[:before]...)
		fillUp(t, ballast)
		accepted, ended, touched := before, map[int64]bool{}, map[int64]bool{}
		var late []flow.Ending
		for accepted < len(recs) || len(ended) < 2000 {
			var batch []flow.Record
			for range 1 + rng.IntN(50) {
				r := recs[rng.IntN(accepted)]
				if accepted < len(recs) && rng.IntN(2) == 0 {
					r = recs[accepted]
					accepted++
				}
				if ended[r.ID] {
					continue
				}
				if how := rng.IntN(4); how < 2 {
					ended[r.ID] = true
					if how == 0 {
						r.EndReason = flow.IdleTimeout
					} else {
						late = append(late, flow.Ending{ID: r.ID, Reason: flow.ForcedEnd})
					}
				}
				touched[r.ID] = true
				batch = append(batch, r)
			}
			if err := s.Put(ctx, batch); err != nil {
				t.Fatal(err)
			}
			if rng.IntN(3) == 0 {
				s.Cut(late)
				late = nil
			}
		}
		eventually(t, "failed commit", func() bool { return s.Health().StoreErr != "" })
		cancel()
		if err = <-done; err == nil {
			t.Fatal("the disk is not full")
		}
		s.Cut(late) // of flows that are counted, or whose last state is stored
		h := s.Health()
		stored := storetest.All(t, s)
		if uint64(len(stored))+h.Unstored != uint64(accepted) {
			t.Errorf("seed %d: %d flows stored, %d told, of %d: %v", seed, len(stored), h.Unstored, accepted, err)
		}
		var outdated uint64
		for _, r := range stored {
			if touched[r.ID] {
				outdated++
			}
		}
		if h.Outdated != outdated {
			t.Errorf("seed %d: %d flows are counted as outdated, %d are: %v", seed, h.Outdated, outdated, err)
		}
		_ = s.Close() // the disk is full
	}
}

// newOpenFlows returns n records of flows that have not ended.
func newOpenFlows(s *Writer, n int) []flow.Record {
	recs := make([]flow.Record, n)
	for i := range recs {
		recs[i] = flow.Record{ID: s.NextID(), Node: "a", Start: epoch, EndReason: flow.StillOpen}
	}
	return recs
}

// fillUp fills the disk with a file.
func fillUp(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	if closeErr := f.Close(); !errors.Is(err, syscall.ENOSPC) || closeErr != nil {
		t.Fatal(err, closeErr)
	}
}

// TestRetentionRunsBesideCoverage: looking at what is captured once a second must not starve what the
// writer does when it is idle.
func TestRetentionRunsBesideCoverage(t *testing.T) {
	s := openTemp(t)
	s.blockRows, s.retentionPause = 100, coverageInterval+coverageInterval/4
	var late atomic.Int64
	s.now = func() time.Time { return epoch.Add(time.Duration(late.Load())) }
	var now capturing
	now.set(spanAt(0, 1))
	s.Cover(now.get)
	run(t, s)
	store(t, s, numbered(0, 100)...)
	store(t, s, numbered(100, 100)...)
	late.Store(int64(30 * 24 * time.Hour))
	eventually(t, "removal of old flows", func() bool {
		n, err := s.Count(t.Context(), search.Request{}, -1)
		return err == nil && n == 0
	})
}

// TestEndsWaitForTheRecordsBeforeThem: an end must not be written before the records of its flow, and
// waits while there are records, unless too many do.
func TestEndsWaitForTheRecordsBeforeThem(t *testing.T) {
	for _, cut := range []int{1, maxWaitingEnds + 1} {
		q := newQueue(4 * groupRows)
		for range 2 {
			if ok, err := q.offer(make([]flow.Record, groupRows)); !ok || err != nil {
				t.Fatal(ok, err)
			}
		}
		q.cut(make([]flow.Ending, cut))
		if ok, err := q.offer(make([]flow.Record, groupRows)); !ok || err != nil {
			t.Fatal(ok, err)
		}
		q.cut(make([]flow.Ending, 1))
		var got []int
		for range 4 {
			g := q.take()
			got = append(got, len(g.ends))
			q.finish(g)
		}
		want := []int{0, 0, 2, 0} // with the last records
		if cut > maxWaitingEnds {
			want = []int{0, groupEnds, groupEnds, groupEnds} // from the second group on, too many wait
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%d ends: the groups have %v, want %v", cut, got, want)
		}
	}
}
