package tui

import (
	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/column"
	"weir/tui/ui"
)

// wheelRows is how far one notch of the wheel goes.
const wheelRows = 3

// onMouse does what a click, a drag or the wheel means. Everything it does has
// a key as well.
func (m *model) onMouse(msg tea.MouseMsg) tea.Cmd {
	if m.tooSmall() || m.settings.NoMouse || m.plain {
		return nil
	}
	at := msg.Mouse()
	switch msg.(type) {
	case tea.MouseWheelMsg:
		return m.onWheel(at)
	case tea.MouseClickMsg:
		m.status = ui.Message{}
		if at.Button == tea.MouseLeft && m.onTop() == nil {
			return m.onClick(at.X, at.Y)
		}
	case tea.MouseMotionMsg:
		if at.Button == tea.MouseLeft && m.onTop() == nil && m.place == atTimeline {
			m.timeline.drag(at.X - timelineMargin)
		}
	}
	return nil
}

// onWheel moves the cursor; dialogs get the arrow keys instead.
func (m *model) onWheel(at tea.Mouse) tea.Cmd {
	by, press := wheelRows, tea.KeyPressMsg{Code: tea.KeyDown}
	switch at.Button {
	case tea.MouseWheelUp:
		by, press = -wheelRows, tea.KeyPressMsg{Code: tea.KeyUp}
	case tea.MouseWheelDown:
	default:
		return nil
	}
	switch {
	case m.onTop() != nil:
		return m.toFocus(press)
	case m.line.editing:
		return nil
	case m.place == atTimeline:
		return m.moveSideways(by / wheelRows)
	case m.place == atFlows && by < 0 && m.state == paused && m.table.rows.cur == 0:
		return m.follow()
	}
	return m.moveRows(by)
}

func (m *model) onClick(x, y int) tea.Cmd {
	if y == 1 && !m.line.editing {
		m.line.open(m.env())
		return nil
	}
	row := y - m.bodyTop
	if m.line.editing || row < 0 || row >= m.bodyHeight {
		return nil
	}
	switch m.place {
	case atFlows:
		return m.clickTable(x, row)
	case atTalkers:
		return m.clickTalkers(x, row)
	case atTimeline:
		if t := &m.timeline; x >= timelineMargin && x-timelineMargin < len(t.buckets) {
			t.brushing, t.cur = false, x-timelineMargin
			t.anchor = t.cur
		}
	}
	return nil
}

// clickTable sorts by a head, selects a cell, and opens the details of a cell
// that is selected already.
func (m *model) clickTable(x, row int) tea.Cmd {
	t := &m.table
	col, onColumn := t.lay.at(x)
	if row == 0 {
		switch {
		case !onColumn:
		case t.rows.sorted() && t.rows.sortBy == col:
			t.col = col
			m.reverseSort()
		default:
			t.col = col
			return m.toggleSort()
		}
		return nil
	}
	i := t.rows.top + row - 1
	if i >= t.rows.len() {
		return nil
	}
	again := m.state != live && i == t.rows.cur && onColumn && col == t.col
	if onColumn {
		t.col = col
	}
	if again {
		m.openDetails()
		return nil
	}
	m.leaveLive()
	t.rows.move(i)
	return m.loadNear()
}

// at returns the column that is drawn at x.
func (l *layout) at(x int) (column.Column, bool) {
	for _, s := range l.spans {
		if x >= s.x-1 && x < s.x+s.w {
			return s.col, true
		}
	}
	return 0, false
}

// clickTalkers changes the grouping, selects a talker, and shows the flows of
// one that is selected already.
func (m *model) clickTalkers(x, row int) tea.Cmd {
	t := &m.talkers
	if row == 0 {
		left := 1
		for by, word := range talkerWords {
			if x >= left && x < left+len(word)+2 {
				return m.groupBy(search.By(by))
			}
			left += len(word) + 2
		}
		return nil
	}
	i := t.top + row - 2
	switch {
	case row < 2 || i >= len(t.rows):
	case i == t.cur:
		return m.enter()
	default:
		t.cur = i
	}
	return nil
}

// drag widens the span to the bucket at column x of the chart.
func (t *timeline) drag(x int) {
	if len(t.buckets) == 0 {
		return
	}
	t.cur = min(max(x, 0), len(t.buckets)-1)
	t.brushing = t.brushing || t.cur != t.anchor
}

// toggleMouse gives the mouse to the terminal, which can select text then, or
// takes it back.
func (m *model) toggleMouse() tea.Cmd {
	s := m.settings
	s.NoMouse = !s.NoMouse
	if s.NoMouse {
		m.say(ui.Text, "mouse off: the terminal selects text")
	} else {
		m.say(ui.Text, "mouse on: click selects, wheel moves, a click on a head sorts")
	}
	return m.keep(s)
}
