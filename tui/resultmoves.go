package tui

import (
	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/column"
	"weir/tui/ui"
)

// moveBy moves the cursor by rows. Moving up on the first row of a view that
// follows changes nothing; all else leaves live, so that nothing moves while
// it is being read.
func (f *result) moveBy(rows int) tea.Cmd {
	s := &f.rows
	if s.len() == 0 || f.state == live && rows < 0 {
		return nil
	}
	f.leaveLive()
	if rows > 0 && s.cur == s.len()-1 {
		f.sayEnd()
	}
	s.move(s.cur + rows)
	return f.loadNear()
}

// sayEnd tells why there is nothing below the last row.
func (f *result) sayEnd() {
	s := &f.rows
	switch {
	case !s.more:
	case s.sorted():
		f.Say(ui.Text, "sorted are the flows that were loaded: s on the sorted column undoes it, then scroll on")
	case s.len() >= search.MaxLimit:
		f.Say(ui.Text, "one search shows "+ui.Count(search.MaxLimit)+" flows at most: narrow the filter or the range, or o for the other end")
	case s.len() >= most(&f.shown):
		f.Say(ui.Text, "limit of "+ui.Count(most(&f.shown))+" reached: f raises it, up to "+ui.Count(search.MaxLimit))
	}
}

// goTop goes to the first row, and back to live where the order allows it.
func (f *result) goTop() tea.Cmd {
	if f.state == paused {
		return f.follow()
	}
	f.rows.top = 0
	f.rows.move(0)
	return nil
}

// leaveLive keeps the loaded flows as they are from now on.
func (f *result) leaveLive() {
	if f.state != live {
		return
	}
	f.state = paused
	f.standStill()
}

// standStill gives up a refresh in flight, whose rows would move those on the screen.
func (f *result) standStill() {
	f.rows.pin()
	f.news = 0
	if !f.loading && f.page.Busy {
		f.page.Drop()
		f.page.Behind = true
	}
}

// follow goes back to live: newest first, not sorted, at the top.
func (f *result) follow() tea.Cmd {
	s := &f.rows
	if s.sorted() {
		s.unsort()
	}
	f.fresh.Drop()
	f.state = live
	s.rest()
	changed := f.Query.Order != search.Newest
	f.Query.Order = search.Newest
	return f.load(changed)
}

func (f *result) togglePause() tea.Cmd {
	if f.state == live {
		f.leaveLive()
		return nil
	}
	if f.state == still {
		f.Say(ui.Text, "this order stands still: F goes back to live")
		return nil
	}
	return f.follow()
}

// toggleSort sorts by a column, or undoes it.
func (f *result) toggleSort(by column.Column) tea.Cmd {
	s := &f.rows
	if s.sorted() && s.sortBy == by {
		s.unsort()
		if f.state == still && f.Query.Order == search.Newest {
			return f.follow()
		}
		return nil
	}
	if f.state == live {
		f.standStill()
		f.state = still
	}
	s.sort(by, column.All[by].Desc)
	s.top = 0
	s.move(0)
	return nil
}

func (f *result) reverseSort() {
	s := &f.rows
	if !s.sorted() {
		f.Say(ui.Text, "not sorted: s sorts by the selected column, o turns the order of time around")
		return
	}
	s.sort(s.sortBy, !s.desc)
	s.top = 0
	s.move(0)
}

// markRow marks the selected flow and goes on to the next. Marking is work on
// the flows that are there, so the view stands still.
func (f *result) markRow() tea.Cmd {
	if f.rows.selected() == nil {
		return nil
	}
	f.leaveLive()
	f.rows.toggleMark()
	if f.rows.cur < f.rows.len()-1 {
		return f.moveBy(1)
	}
	return nil
}
