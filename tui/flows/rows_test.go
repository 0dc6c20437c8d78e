package flows

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/flow"
	"weir/tui/column"
	"weir/tui/tuitest"
)

func TestSelectionStaysOnItsFlowThroughRandomInserts(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 4))
	const height = 20
	var s Rows
	recs := []flow.Record{{ID: 1, Start: tuitest.Now}}
	s.Replace(slices.Clone(recs), true)
	s.Move(0)
	for id := int64(2); id <= 100_000; id++ {
		at := rnd.IntN(len(recs) + 1)
		if len(recs) < 200 {
			recs = slices.Insert(recs, at, flow.Record{ID: id, Start: tuitest.Now.Add(time.Duration(rnd.IntN(1e9)))})
		} else { // as many flows go as come, but not the selected one
			gone := rnd.IntN(len(recs))
			if recs[gone].ID == s.sel {
				continue
			}
			recs[gone] = flow.Record{ID: id}
		}
		want, onScreen := s.sel, s.cur-s.top
		s.Replace(slices.Clone(recs), true)
		if s.Selected().ID != want || s.sel != want {
			t.Fatalf("after insert %d flow %d is selected, want %d", id, s.Selected().ID, want)
		}
		if s.cur-s.top != onScreen {
			t.Fatalf("after insert %d the selected flow moved on the screen from line %d to %d", id, onScreen, s.cur-s.top)
		}
		s.Show(height)
		if s.cur < s.top || s.cur >= s.top+height {
			t.Fatalf("after insert %d the selected flow is out of sight", id)
		}
		if rnd.IntN(10) == 0 {
			s.Move(rnd.IntN(len(recs)))
			s.Show(height)
		}
	}
}

func TestSortingPutsZeroBytesLowestAndKeepsTheSelection(t *testing.T) {
	var s Rows
	recs := []flow.Record{{ID: 1}, {ID: 2}, {ID: 3}, {ID: 4}}
	for i, octets := range []uint64{500, 0, 70_000, 0} {
		recs[i].Recv.Octets = octets
	}
	s.Replace(recs, false)
	s.Move(0)
	order := func() (ids []int64) {
		for i := range s.Len() {
			ids = append(ids, s.At(i).ID)
		}
		return ids
	}
	s.Sort(column.Recv, false)
	if got := order(); !slices.Equal(got, []int64{2, 4, 1, 3}) {
		t.Errorf("ascending: %v", got)
	}
	s.Sort(column.Recv, true)
	if got := order(); !slices.Equal(got, []int64{3, 1, 2, 4}) {
		t.Errorf("descending: %v", got)
	}
	if s.Selected().ID != 1 {
		t.Errorf("flow %d is selected, want 1", s.Selected().ID)
	}
	s.Unsort()
	if got := order(); !slices.Equal(got, []int64{1, 2, 3, 4}) {
		t.Errorf("as loaded: %v", got)
	}
}

func TestEveryColumnSortsWithoutPanicAndAsItCompares(t *testing.T) {
	var s Rows
	s.Replace(tuitest.Flows(), false)
	for c := range column.Num {
		s.Sort(c, false)
		for i := 1; i < s.Len(); i++ {
			if c.Compare(s.At(i-1), s.At(i)) > 0 {
				t.Errorf("%s: row %d is smaller than the row above", c.Words(), i)
			}
		}
	}
}

func TestAFlowThatComesAgainMovesToTheLaterPage(t *testing.T) {
	var s Rows
	s.Replace([]flow.Record{{ID: 1}, {ID: 2}, {ID: 3}}, true)
	s.extend([]flow.Record{{ID: 4}, {ID: 2, SYNRetries: 7}}, false)
	var ids []int64
	for i := range s.Len() {
		ids = append(ids, s.At(i).ID)
	}
	if !slices.Equal(ids, []int64{1, 3, 4, 2}) || s.At(3).SYNRetries != 7 || s.More {
		t.Errorf("flows %v, want 2 once, where it came last", ids)
	}
}
