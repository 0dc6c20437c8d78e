package tui

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/flow"
	"weir/tui/column"
)

func TestSelectionStaysOnItsFlowThroughRandomInserts(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 4))
	const height = 20
	var s rowSet
	recs := []flow.Record{{ID: 1, Start: testNow}}
	s.replace(slices.Clone(recs), true)
	s.move(0)
	for id := int64(2); id <= 100_000; id++ {
		at := rnd.IntN(len(recs) + 1)
		if len(recs) < 200 {
			recs = slices.Insert(recs, at, flow.Record{ID: id, Start: testNow.Add(time.Duration(rnd.IntN(1e9)))})
		} else { // as many leave as come, but not the selected one
			gone := rnd.IntN(len(recs))
			if recs[gone].ID == s.sel {
				continue
			}
			recs[gone] = flow.Record{ID: id}
		}
		want, onScreen := s.sel, s.cur-s.top
		s.replace(slices.Clone(recs), true)
		if s.selected().ID != want || s.sel != want {
			t.Fatalf("after insert %d flow %d is selected, want %d", id, s.selected().ID, want)
		}
		if s.cur-s.top != onScreen {
			t.Fatalf("after insert %d the selected flow moved on the screen from line %d to %d", id, onScreen, s.cur-s.top)
		}
		s.show(height)
		if s.cur < s.top || s.cur >= s.top+height {
			t.Fatalf("after insert %d the selected flow is out of sight", id)
		}
		if rnd.IntN(10) == 0 {
			s.move(rnd.IntN(len(recs)))
			s.show(height)
		}
	}
}

func TestSortingPutsZeroBytesLowestAndKeepsTheSelection(t *testing.T) {
	var s rowSet
	recs := []flow.Record{{ID: 1}, {ID: 2}, {ID: 3}, {ID: 4}}
	for i, octets := range []uint64{500, 0, 70_000, 0} {
		recs[i].Recv.Octets = octets
	}
	s.replace(recs, false)
	s.move(0)
	order := func() (ids []int64) {
		for i := range s.len() {
			ids = append(ids, s.at(i).ID)
		}
		return ids
	}
	s.sort(column.Recv, false)
	if got := order(); !slices.Equal(got, []int64{2, 4, 1, 3}) {
		t.Errorf("ascending: %v", got)
	}
	s.sort(column.Recv, true)
	if got := order(); !slices.Equal(got, []int64{3, 1, 2, 4}) {
		t.Errorf("descending: %v", got)
	}
	if s.selected().ID != 1 {
		t.Errorf("flow %d is selected, want 1", s.selected().ID)
	}
	s.unsort()
	if got := order(); !slices.Equal(got, []int64{1, 2, 3, 4}) {
		t.Errorf("as loaded: %v", got)
	}
}

func TestEveryColumnSortsWithoutPanicAndAsItCompares(t *testing.T) {
	var s rowSet
	s.replace(sampleFlows(), false)
	for c := range column.Num {
		s.sort(c, false)
		for i := 1; i < s.len(); i++ {
			if c.Compare(s.at(i-1), s.at(i)) > 0 {
				t.Errorf("%s: row %d is smaller than the row above", c.Words(), i)
			}
		}
	}
}
