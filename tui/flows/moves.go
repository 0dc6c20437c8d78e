package flows

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/keys"
	"weir/tui/ui"
)

// moveBy moves the cursor by rows. Moving up on the first row of a live view does
// nothing. Any other move stops following, so that rows stay in place while they
// are being read.
func (f *Result) moveBy(rows int) tea.Cmd {
	s := &f.Rows
	if s.Len() == 0 || f.State == Live && rows < 0 {
		return nil
	}
	f.LeaveLive()
	if rows > 0 && s.cur == s.Len()-1 {
		f.SayEnd()
	}
	s.Move(s.cur + rows)
	return f.loadNear()
}

// SayEnd tells the user why the last row is the last one.
func (f *Result) SayEnd() {
	s := &f.Rows
	switch {
	case !s.More:
	case s.Len() >= search.MaxLimit:
		f.Say(ui.Text, "a search shows at most "+ui.Count(search.MaxLimit)+" flows: narrow the filter or the range, or "+f.Key(keys.Order)+" for the other end")
	case s.Len() >= Most(&f.Shown):
		f.Say(ui.Text, "limit of "+ui.Count(Most(&f.Shown))+" reached: add limit:"+strconv.Itoa(search.MaxLimit)+" to the filter ("+f.Key(keys.Filter)+")")
	}
}

// goTop moves to the first row, and resumes following where the order allows it.
func (f *Result) goTop() tea.Cmd {
	if f.State == Paused {
		return f.Follow()
	}
	f.Rows.top = 0
	f.Rows.Move(0)
	return nil
}

// LeaveLive stops following: the loaded flows stay as they are.
func (f *Result) LeaveLive() {
	if f.State != Live {
		return
	}
	f.State = Paused
	f.standStill()
}

// standStill cancels a refresh in flight, whose rows would move those on the screen.
func (f *Result) standStill() {
	f.Rows.pin()
	f.News = 0
	if !f.Unanswered && f.PageRequest.Busy {
		f.PageRequest.Drop()
		f.PageRequest.Stale = true
	}
}

// Follow resumes following: newest first, not sorted, cursor on the first row.
func (f *Result) Follow() tea.Cmd {
	s := &f.Rows
	if s.Sorted() {
		s.Unsort()
	}
	f.newRequest.Drop()
	f.State = Live
	s.rest()
	if f.Query.Order != search.Newest {
		return f.SetOrder(search.Newest) // its watchers load the result
	}
	return f.Load(false)
}

func (f *Result) togglePause() tea.Cmd {
	if f.State == Live {
		f.LeaveLive()
		return nil
	}
	if f.State == Still {
		f.Say(ui.Text, "this order can't follow new flows: "+f.Key(keys.Follow)+" follows again")
		return nil
	}
	return f.Follow()
}

// markRow marks the selected flow and moves to the next one. Marking is about the
// loaded flows, so it stops following.
func (f *Result) markRow() tea.Cmd {
	if f.Rows.Selected() == nil {
		return nil
	}
	f.LeaveLive()
	f.Rows.toggleMark()
	if f.Rows.cur < f.Rows.Len()-1 {
		return f.moveBy(1)
	}
	return nil
}
