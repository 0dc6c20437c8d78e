package tui

import (
	"slices"

	"weir/flow"
	"weir/tui/column"
)

// rowSet is the loaded part of a result and the reader's place in it. The
// place is the id of a flow: wherever the flow moves, the place moves along.
type rowSet struct {
	recs []flow.Record // in the order of the query; never changed in place, exports read it
	more bool          // flows match beyond these

	perm   []int32 // order of display, indices into recs; nil: as loaded
	sortBy column.Column
	desc   bool

	sel int64 // id of the selected flow; 0: none, the cursor rests on the first row
	cur int   // row of the selected flow
	top int   // first visible row

	marks map[int64]bool // ids of marked flows, loaded or not
}

// toggleMark marks the selected flow, or takes its mark away.
func (s *rowSet) toggleMark() {
	r := s.selected()
	switch {
	case r == nil:
	case s.marks[r.ID]:
		delete(s.marks, r.ID)
	default:
		if s.marks == nil {
			s.marks = map[int64]bool{}
		}
		s.marks[r.ID] = true
	}
}

// marked returns the marked flows that are loaded, in the order of the display.
func (s *rowSet) marked() []flow.Record {
	var out []flow.Record
	if len(s.marks) == 0 {
		return nil
	}
	for i := range s.recs {
		if r := s.at(i); s.marks[r.ID] {
			out = append(out, *r)
		}
	}
	return out
}

func (s *rowSet) len() int { return len(s.recs) }

func (s *rowSet) sorted() bool { return s.perm != nil }

// at returns the flow in row i of the display.
func (s *rowSet) at(i int) *flow.Record {
	if s.perm != nil {
		return &s.recs[s.perm[i]]
	}
	return &s.recs[i]
}

// selected returns the flow under the cursor, nil when there is none.
func (s *rowSet) selected() *flow.Record {
	if len(s.recs) == 0 {
		return nil
	}
	return s.at(s.cur)
}

// replace takes recs as the result. A selected flow stays selected and stays
// where it is on the screen; if it is gone, the one that took its row is.
func (s *rowSet) replace(recs []flow.Record, more bool) {
	s.recs, s.more = recs, more
	s.resort()
}

// extend appends recs, the next part of the result.
func (s *rowSet) extend(recs []flow.Record, more bool) {
	s.replace(slices.Concat(s.recs, recs), more)
}

// sort orders the display by a column; flows that are equal there stay in the
// order they were loaded in.
func (s *rowSet) sort(by column.Column, desc bool) {
	s.sortBy, s.desc = by, desc
	s.perm = make([]int32, 0)
	s.resort()
}

// unsort shows the flows as loaded.
func (s *rowSet) unsort() {
	s.perm = nil
	s.find()
}

func (s *rowSet) resort() {
	if s.perm != nil {
		s.perm = make([]int32, len(s.recs))
		for i := range s.perm {
			s.perm[i] = int32(i)
		}
		slices.SortStableFunc(s.perm, func(a, b int32) int {
			n := s.sortBy.Compare(&s.recs[a], &s.recs[b])
			if s.desc {
				return -n
			}
			return n
		})
	}
	s.find()
}

// find sets the cursor on the selected flow again and moves the window by as
// many rows as the flow moved.
func (s *rowSet) find() {
	if s.sel == 0 {
		s.cur, s.top = 0, 0
		return
	}
	onScreen := s.cur - s.top
	s.cur = s.rowOf(s.sel)
	s.top = s.cur - onScreen
	s.pin()
}

func (s *rowSet) rowOf(id int64) int {
	for i := range s.recs {
		if s.at(i).ID == id {
			return i
		}
	}
	return min(s.cur, max(len(s.recs)-1, 0))
}

// pin selects the flow under the cursor.
func (s *rowSet) pin() {
	s.sel = 0
	if r := s.selected(); r != nil {
		s.sel = r.ID
	}
}

// rest lets the cursor rest on the first row, whichever flow that is.
func (s *rowSet) rest() { s.sel, s.cur, s.top = 0, 0, 0 }

// move puts the cursor on row i, or the nearest there is.
func (s *rowSet) move(i int) {
	s.cur = min(max(i, 0), max(len(s.recs)-1, 0))
	s.pin()
}

// show moves the window so that the cursor is in it and no row stays empty
// that could be filled.
func (s *rowSet) show(height int) {
	s.top = min(s.top, s.cur, len(s.recs)-height)
	s.top = max(s.top, s.cur-height+1, 0)
}

// display returns copies of the flows in the order of the display.
func (s *rowSet) display() []flow.Record {
	if s.perm == nil {
		return s.recs // never changed in place
	}
	out := make([]flow.Record, len(s.recs))
	for i := range out {
		out[i] = *s.at(i)
	}
	return out
}
