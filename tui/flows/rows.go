package flows

import (
	"slices"

	"weir/flow"
	"weir/tui/column"
)

// Rows is the loaded part of a result and the reader's place in it. The
// place is the id of a flow: wherever the flow moves, the place moves along.
type Rows struct {
	Recs []flow.Record // in the order of the query; never changed in place, exports read it
	More bool          // flows match beyond these

	perm   []int32 // order of display, indices into recs; nil: as loaded
	SortBy column.Column
	Desc   bool

	sel int64 // id of the selected flow; 0: none, the cursor rests on the first row
	cur int   // row of the selected flow
	top int   // first visible row

	Marks map[int64]bool // ids of marked flows, loaded or not
}

// toggleMark marks the selected flow, or takes its mark away.
func (s *Rows) toggleMark() {
	r := s.Selected()
	switch {
	case r == nil:
	case s.Marks[r.ID]:
		delete(s.Marks, r.ID)
	default:
		if s.Marks == nil {
			s.Marks = map[int64]bool{}
		}
		s.Marks[r.ID] = true
	}
}

// Marked returns the marked flows that are loaded, in the order of the display.
func (s *Rows) Marked() []flow.Record {
	var out []flow.Record
	if len(s.Marks) == 0 {
		return nil
	}
	for i := range s.Recs {
		if r := s.At(i); s.Marks[r.ID] {
			out = append(out, *r)
		}
	}
	return out
}

func (s *Rows) Len() int { return len(s.Recs) }

func (s *Rows) Sorted() bool { return s.perm != nil }

// At returns the flow in row i of the display.
func (s *Rows) At(i int) *flow.Record {
	if s.perm != nil {
		return &s.Recs[s.perm[i]]
	}
	return &s.Recs[i]
}

// Cursor returns the row of the display that the cursor is on.
func (s *Rows) Cursor() int { return s.cur }

// Selected returns the flow under the cursor, nil when there is none.
func (s *Rows) Selected() *flow.Record {
	if len(s.Recs) == 0 {
		return nil
	}
	return s.At(s.cur)
}

// Replace takes recs as the result. A selected flow stays selected and stays
// where it is on the screen; if it is gone, the one that took its row is.
func (s *Rows) Replace(recs []flow.Record, more bool) {
	s.Recs, s.More = recs, more
	s.resort()
}

// extend appends recs, the next part of the result.
func (s *Rows) extend(recs []flow.Record, more bool) {
	s.Replace(slices.Concat(s.Recs, recs), more)
}

// Sort orders the display by a column; flows that are equal there stay in the
// order they were loaded in.
func (s *Rows) Sort(by column.Column, desc bool) {
	s.SortBy, s.Desc = by, desc
	s.perm = make([]int32, 0)
	s.resort()
}

// Unsort shows the flows as loaded.
func (s *Rows) Unsort() {
	s.perm = nil
	s.find()
}

func (s *Rows) resort() {
	if s.perm != nil {
		s.perm = make([]int32, len(s.Recs))
		for i := range s.perm {
			s.perm[i] = int32(i)
		}
		slices.SortStableFunc(s.perm, func(a, b int32) int {
			n := s.SortBy.Compare(&s.Recs[a], &s.Recs[b])
			if s.Desc {
				return -n
			}
			return n
		})
	}
	s.find()
}

// find sets the cursor on the selected flow again and moves the window by as
// many rows as the flow moved.
func (s *Rows) find() {
	if s.sel == 0 {
		s.cur, s.top = 0, 0
		return
	}
	onScreen := s.cur - s.top
	s.cur = s.rowOf(s.sel)
	s.top = s.cur - onScreen
	s.pin()
}

func (s *Rows) rowOf(id int64) int {
	for i := range s.Recs {
		if s.At(i).ID == id {
			return i
		}
	}
	return min(s.cur, max(len(s.Recs)-1, 0))
}

// pin selects the flow under the cursor.
func (s *Rows) pin() {
	s.sel = 0
	if r := s.Selected(); r != nil {
		s.sel = r.ID
	}
}

// rest lets the cursor rest on the first row, whichever flow that is.
func (s *Rows) rest() { s.sel, s.cur, s.top = 0, 0, 0 }

// Move puts the cursor on row i, or the nearest there is.
func (s *Rows) Move(i int) {
	s.cur = min(max(i, 0), max(len(s.Recs)-1, 0))
	s.pin()
}

// Show moves the window so that the cursor is in it and no row stays empty
// that could be filled.
func (s *Rows) Show(height int) {
	s.top = min(s.top, s.cur, len(s.Recs)-height)
	s.top = max(s.top, s.cur-height+1, 0)
}

// Display returns copies of the flows in the order of the display.
func (s *Rows) Display() []flow.Record {
	if s.perm == nil {
		return s.Recs // never changed in place
	}
	out := make([]flow.Record, len(s.Recs))
	for i := range out {
		out[i] = *s.At(i)
	}
	return out
}
