package db

import (
	"testing"

	"weir/flow"
	"weir/internal/storetest"
	"weir/search"
)

// TestFlowsInBlocksAreNotFoundAgainInPieces loses what was superseded in the pieces of a store, some
// flows of which are in a block by now: the next writer, and a repair, must not bring their earlier
// states back.
func TestFlowsInBlocksAreNotFoundAgainInPieces(t *testing.T) {
	for _, how := range []string{"written", "repaired", "compacted"} {
		s := openTemp(t)
		s.blockRows = 100
		stop := run(t, s)
		recs := numbered(0, 500)
		for i := range recs {
			recs[i].EndReason = flow.StillOpen
		}
		store(t, s, recs...)
		for i := range recs[:120] {
			recs[i].EndReason, recs[i].Sent.Packets = flow.EndOfFlow, 7
		}
		store(t, s, recs[:120]...)
		stop()
		if err := s.transact(t.Context(), func(c connection) error { return c.exec("DELETE FROM superseded") }); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		again := openAt(t, s.path)
		n, err := again.Count(t.Context(), search.Request{}, -1)
		if _, incomplete := search.Incomplete(err); n != 500 && (!incomplete || err == nil) {
			t.Errorf("before: %d flows, %v", n, err)
		}
		switch how {
		case "written":
			run(t, again)
			store(t, again, flow.Record{ID: again.NextID(), Node: "a", Start: epoch, EndReason: flow.EndOfFlow})
		case "repaired":
			if _, err := again.Repair(t.Context(), true, func(p string) { t.Log(p) }); err != nil {
				t.Fatal(err)
			}
		case "compacted":
			if err := again.Compact(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		seen := map[int64]bool{}
		for _, r := range storetest.All(t, again) {
			if seen[r.ID] {
				t.Fatalf("%s: flow %d twice", how, r.ID)
			}
			seen[r.ID] = true
			if r.ID <= 120 && r.Sent.Packets != 7 {
				t.Errorf("%s: flow %d is in an earlier state: %+v", how, r.ID, r)
			}
		}
		if len(seen) < 500 {
			t.Errorf("%s: %d flows", how, len(seen))
		}
	}
}

// TestAPieceThatCanNotBeRemovedStaysSuperseded: in a tree with a page out of order SQLite removes no row
// where a reader still finds one.
func TestAPieceThatCanNotBeRemovedStaysSuperseded(t *testing.T) {
	s := openTemp(t)
	run(t, s)
	recs := numbered(0, 200)
	for i := range recs {
		recs[i].EndReason = flow.StillOpen
	}
	store(t, s, recs...)
	err := s.transact(t.Context(), func(c connection) error {
		return c.exec("CREATE TEMP TRIGGER keep BEFORE DELETE ON pieces BEGIN SELECT RAISE(IGNORE); END")
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range recs {
		recs[i].Sent.Packets = 5
	}
	store(t, s, recs...)
	got := storetest.All(t, s)
	if len(got) != len(recs) {
		t.Errorf("%d flows, want %d", len(got), len(recs))
	}
	for _, r := range got {
		if r.Sent.Packets != 5 {
			t.Fatalf("flow %d is in an earlier state: %+v", r.ID, r)
		}
	}
	if n, err := s.Check(t.Context(), func(p string) { t.Error(p) }); err != nil || n != int64(len(recs)) {
		t.Errorf("check: %d flows, %v", n, err)
	}
}
