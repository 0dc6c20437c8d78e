package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"weir/search"
	"weir/tui/column"
	"weir/tui/ui"
)

func (m *model) openSearch() tea.Cmd {
	m.openWindow(newFormDialog(m.query, m.past, m.env()))
	return nil
}

func (m *model) openFlags() tea.Cmd {
	m.openWindow(newFlagDialog(m.table.rows.selected()))
	return nil
}

func (m *model) openRange() tea.Cmd {
	m.openWindow(newRangeDialog(m.query.Range, m.env()))
	return nil
}

func (m *model) openColumns() tea.Cmd {
	m.openWindow(newColumnsDialog(m.table.chosen, wideOrder[:]))
	return nil
}

func (m *model) openPalette() tea.Cmd {
	m.openWindow(newPaletteDialog(paletteCommands(m.groups), m.cfg.Searches != nil))
	return m.loadSearches()
}

// nodesBack shows the set of nodes that was shown before the present one.
func (m *model) nodesBack() tea.Cmd {
	if m.nodesBefore == nil {
		m.say(ui.Text, "there was no other set of nodes yet: "+m.keys.nodes.Help().Key+" picks one")
		return nil
	}
	q := m.query
	q.Nodes = *m.nodesBefore
	return m.setQuery(q)
}

func (m *model) openNodes() tea.Cmd {
	m.say(ui.Dim, "reading the nodes ...")
	return m.askNodes(true)
}

// moveBy moves the cursor by rows. Moving up on the first row of a view that
// follows changes nothing; all else leaves live, so that nothing moves while
// it is being read.
func (m *model) moveBy(rows int) tea.Cmd {
	s := &m.table.rows
	if s.len() == 0 || m.state == live && rows < 0 {
		return nil
	}
	m.leaveLive()
	if rows > 0 && s.cur == s.len()-1 {
		m.sayEnd()
	}
	s.move(s.cur + rows)
	return m.loadNear()
}

// sayEnd tells why there is nothing below the last row.
func (m *model) sayEnd() {
	s, f := &m.table.rows, &m.feed
	switch {
	case !s.more:
	case s.sorted():
		m.say(ui.Text, "sorted are the flows that were loaded: s on the sorted column undoes it, then scroll on")
	case s.len() >= search.MaxLimit:
		m.say(ui.Text, "one search shows "+ui.Count(search.MaxLimit)+" flows at most: narrow the filter or the range, or o for the other end")
	case s.len() >= most(&f.shown):
		m.say(ui.Text, "limit of "+ui.Count(most(&f.shown))+" reached: f raises it, up to "+ui.Count(search.MaxLimit))
	}
}

// goTop goes to the first row, and back to live where the order allows it.
func (m *model) goTop() tea.Cmd {
	if m.state == paused {
		return m.follow()
	}
	m.table.rows.top = 0
	m.table.rows.move(0)
	return nil
}

// leaveLive keeps the loaded flows as they are from now on.
func (m *model) leaveLive() {
	if m.state != live {
		return
	}
	m.state = paused
	m.standStill()
}

// standStill gives up a refresh in flight, whose rows would move those on the screen.
func (m *model) standStill() {
	f := &m.feed
	m.table.rows.pin()
	f.news = 0
	if !f.loading && f.page.busy {
		f.page.drop()
		f.page.behind = true
	}
}

// follow goes back to live: newest first, not sorted, at the top.
func (m *model) follow() tea.Cmd {
	s := &m.table.rows
	if s.sorted() {
		s.unsort()
	}
	m.feed.fresh.drop()
	m.state = live
	s.rest()
	changed := m.query.Order != search.Newest
	m.query.Order = search.Newest
	return m.load(changed)
}

func (m *model) togglePause() tea.Cmd {
	if m.state == live {
		m.leaveLive()
		return nil
	}
	if m.state == still {
		m.say(ui.Text, "this order stands still: F goes back to live")
		return nil
	}
	return m.follow()
}

// toggleSort sorts by the selected column, or undoes it.
func (m *model) toggleSort() tea.Cmd {
	t := &m.table
	s := &t.rows
	if s.sorted() && s.sortBy == t.col {
		s.unsort()
		if m.state == still && m.query.Order == search.Newest {
			return m.follow()
		}
		return nil
	}
	if m.state == live {
		m.standStill()
		m.state = still
	}
	s.sort(t.col, column.All[t.col].Desc)
	s.top = 0
	s.move(0)
	return nil
}

func (m *model) reverseSort() {
	s := &m.table.rows
	if !s.sorted() {
		m.say(ui.Text, "not sorted: s sorts by the selected column, o turns the order of time around")
		return
	}
	s.sort(s.sortBy, !s.desc)
	s.top = 0
	s.move(0)
}

// toggleOrder loads the result from its other end.
func (m *model) toggleOrder() tea.Cmd {
	q := m.query
	if q.Order == search.Newest {
		q.Order = search.Oldest
	} else {
		q.Order = search.Newest
	}
	return m.setQuery(q)
}

// openDetails shows or hides the details of the selected flow. They are about
// one flow, so the view stands still.
func (m *model) openDetails() {
	if m.table.rows.selected() == nil {
		return
	}
	m.details = !m.details
	if m.details {
		m.leaveLive()
	}
}

// back goes back to the flows, and from there it quits.
func (m *model) back() tea.Cmd {
	if m.place == atFlows {
		return m.quit()
	}
	m.place = atFlows
	return nil
}

// closeTop closes one layer: the details first, then the marks.
func (m *model) closeTop() {
	switch {
	case m.feed.openNodes:
		m.feed.openNodes = false
	case m.timeline.brushing:
		m.timeline.brushing = false
	case m.place != atFlows:
		m.place = atFlows
	case m.details:
		m.details = false
	default:
		clear(m.table.rows.marks)
	}
}

// markRow marks the selected flow and goes on to the next. Marking is work on
// the flows that are there, so the view stands still.
func (m *model) markRow() tea.Cmd {
	if m.table.rows.selected() == nil {
		return nil
	}
	m.leaveLive()
	m.table.rows.toggleMark()
	if m.table.rows.cur < m.table.rows.len()-1 {
		return m.moveBy(1)
	}
	return nil
}

// setQuery shows another result. A view that follows goes on following, if its
// order allows it.
func (m *model) setQuery(q search.Query) tea.Cmd {
	f, s := &m.feed, &m.table.rows
	if q.Order != m.query.Order {
		if q.Order == search.Oldest {
			m.state = still
		} else if m.state == still && !s.sorted() {
			m.state = live
		}
		s.rest()
	}
	ranged := q.Range != m.query.Range
	if !slices.Equal(q.Nodes, m.query.Nodes) {
		before := m.query.Nodes
		m.nodesBefore = &before
	}
	m.query = q
	m.line.text = search.Text(q.Filter)
	f.total.drop()
	f.fresh.drop()
	m.blame.drop()
	m.culprit = culprit{}
	f.matches, f.news = -1, 0
	cmd := tea.Batch(m.load(true), m.askSums())
	if ranged {
		m.timeline.loaded = false
		return tea.Batch(cmd, m.askNodes(false))
	}
	return cmd
}

// nextTheme goes on to the next theme.
func (m *model) nextTheme() tea.Cmd {
	if m.profile < colorprofile.TrueColor {
		m.say(ui.Text, "other themes need a terminal with true colour (COLORTERM=truecolor)")
		return nil
	}
	s := m.settings
	s.Theme = ui.ThemeAfter(s.Theme)
	name := s.Theme
	if name == "" {
		name = ui.AnsiTheme
	}
	cmd := m.keep(s)
	m.say(ui.Text, "theme: "+name)
	return cmd
}
