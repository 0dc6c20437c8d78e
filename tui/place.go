package tui

import (
	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/column"
	"weir/tui/ui"
)

// place is what the middle of the screen shows. Header, filter line and footer
// are the same everywhere.
type place uint8

const (
	atFlows    place = iota // the table
	atTalkers               // sums by source, destination, pair, port or node
	atTimeline              // flows and octets over time
	atHealth                // what was counted between wire and store
)

// goTo shows another place.
func (m *model) goTo(p place) tea.Cmd {
	if _, ok := m.cfg.Store.(Aggregator); !ok && (p == atTalkers || p == atTimeline) {
		m.say(ui.Text, "this store does not add flows up")
		return nil
	}
	m.place = p
	return m.askSums()
}

// askSums asks for what the present place shows of the query.
func (m *model) askSums() tea.Cmd {
	switch m.place {
	case atTalkers:
		return m.askTalkers()
	case atTimeline:
		return m.askTimeline()
	}
	return nil
}

// moveRows moves the cursor of the present place by rows.
func (m *model) moveRows(by int) tea.Cmd {
	switch m.place {
	case atTalkers:
		m.talkers.move(by)
		return nil
	case atHealth:
		m.healthTop += by
		return nil
	case atTimeline:
		return nil
	}
	return m.moveBy(by)
}

// pageRowsShown is how far a page goes.
func (m *model) pageRowsShown() int {
	if m.place == atTalkers {
		return max(m.talkers.height-1, 1)
	}
	return max(m.table.height-1, 1)
}

// moveEnd goes to the last row.
func (m *model) moveEnd() tea.Cmd {
	switch m.place {
	case atTalkers:
		return m.moveRows(len(m.talkers.rows))
	case atHealth:
		return m.moveRows(m.height)
	}
	return m.moveRows(m.table.rows.len())
}

// moveTop goes to the first row.
func (m *model) moveTop() tea.Cmd {
	switch m.place {
	case atTalkers:
		m.talkers.move(-len(m.talkers.rows))
	case atHealth:
		m.healthTop = 0
	case atFlows:
		return m.goTop()
	}
	return nil
}

// moveSideways goes to another column, grouping or span of time.
func (m *model) moveSideways(by int) tea.Cmd {
	switch m.place {
	case atFlows:
		m.table.moveColumn(by)
	case atTalkers:
		return m.groupBy(search.By(min(max(int(m.talkers.by)+by, 0), len(talkerWords)-1)))
	case atTimeline:
		m.timeline.move(by)
	}
	return nil
}

// moveSidewaysEnd goes to the first (-1) or last (+1) of them.
func (m *model) moveSidewaysEnd(side int) tea.Cmd {
	return m.moveSideways(side * max(int(column.Num), len(m.timeline.buckets)))
}

// enter opens what the cursor is on.
func (m *model) enter() tea.Cmd {
	switch m.place {
	case atTalkers:
		return m.takeTalker(true, atFlows)
	case atTimeline:
		return m.takeSpan()
	case atFlows:
		m.openDetails()
	}
	return nil
}

// markHere marks a flow, or an end of a span of time.
func (m *model) markHere() tea.Cmd {
	switch m.place {
	case atFlows:
		return m.markRow()
	case atTimeline:
		m.timeline.brush()
	}
	return nil
}

// narrow makes a term of the filter of what the cursor is on.
func (m *model) narrow(include bool) tea.Cmd {
	switch m.place {
	case atFlows:
		return m.addCell(include)
	case atTalkers:
		return m.takeTalker(include, atTalkers)
	}
	return nil
}

// drawPlace writes the middle of the screen in height lines.
func (m *model) drawPlace(p *ui.Pen, height int) {
	var lines []ui.Message
	switch m.place {
	case atFlows:
		m.drawBody(p, height)
		return
	case atTalkers:
		m.drawTalkers(p, height)
		return
	case atTimeline:
		m.drawTimeline(p, height)
		return
	case atHealth:
		lines = m.healthLines(height)
	}
	for i := range height {
		if i > 0 {
			p.Newline()
		}
		if i < len(lines) {
			p.Put(lines[i].Look, ui.Cut(lines[i].Text, m.width))
		}
	}
}
