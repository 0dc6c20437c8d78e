package flows

import (
	"slices"

	"weir/flow"
	"weir/tui/column"
)

// Rows are the loaded flows and the cursor. The cursor is the id of a flow, so it
// moves with the flow.
type Rows struct {
	Recs []flow.Record // in the order of the query; never modified in place, since exports read it
	More bool          // more flows match

	perm   []int32 // display order, indices into Recs; nil: as loaded
	SortBy column.Column
	Desc   bool

	sel int64 // id of the selected flow; 0: the cursor rests on the first row
	cur int   // row of the selected flow
	top int   // first visible row

	Marks map[int64]bool // by id, loaded or not
}

// toggleMark marks or unmarks the selected flow.
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

// Marked returns the loaded flows that are marked, in display order.
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

// Len returns the number of loaded flows.
func (s *Rows) Len() int { return len(s.Recs) }

// Sorted reports whether the display is sorted by a column.
func (s *Rows) Sorted() bool { return s.perm != nil }

// At returns the flow in row i in display order.
func (s *Rows) At(i int) *flow.Record {
	if s.perm != nil {
		return &s.Recs[s.perm[i]]
	}
	return &s.Recs[i]
}

// Cursor returns the row of the cursor in display order.
func (s *Rows) Cursor() int { return s.cur }

// Selected returns the flow under the cursor; nil without flows.
func (s *Rows) Selected() *flow.Record {
	if len(s.Recs) == 0 {
		return nil
	}
	return s.At(s.cur)
}

// Replace replaces the loaded flows. A selected flow stays selected and in its place
// on the screen. If it is gone, the flow in its row is selected.
func (s *Rows) Replace(recs []flow.Record, more bool) {
	s.Recs, s.More = recs, more
	s.resort()
}

// extend appends the next page. An open flow that is in it again, because the number by which the flows are
// ordered has grown, moves there.
func (s *Rows) extend(recs []flow.Record, more bool) {
	ids := make(map[int64]bool, len(recs))
	for i := range recs {
		ids[recs[i].ID] = true
	}
	all := make([]flow.Record, 0, len(s.Recs)+len(recs))
	for i := range s.Recs {
		if !ids[s.Recs[i].ID] {
			all = append(all, s.Recs[i])
		}
	}
	s.Replace(append(all, recs...), more)
}

// Sort sorts the display by a column. The sort is stable.
func (s *Rows) Sort(by column.Column, desc bool) {
	s.SortBy, s.Desc = by, desc
	s.perm = make([]int32, 0)
	s.resort()
}

// Unsort restores the loaded order.
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

// find moves the cursor to the selected flow and scrolls by as many rows as the flow
// moved.
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

// rest puts the cursor on the first row, whichever flow is there.
func (s *Rows) rest() { s.sel, s.cur, s.top = 0, 0, 0 }

// Move puts the cursor on row i, or on the nearest one.
func (s *Rows) Move(i int) {
	s.cur = min(max(i, 0), max(len(s.Recs)-1, 0))
	s.pin()
}

// Show scrolls so that the cursor is visible in height rows, and so that no row stays
// empty that could be filled.
func (s *Rows) Show(height int) {
	s.top = min(s.top, s.cur, len(s.Recs)-height)
	s.top = max(s.top, s.cur-height+1, 0)
}

// Display returns the flows in display order. They must not be modified.
func (s *Rows) Display() []flow.Record {
	if s.perm == nil {
		return s.Recs // never modified in place
	}
	out := make([]flow.Record, len(s.Recs))
	for i := range out {
		out[i] = *s.At(i)
	}
	return out
}
