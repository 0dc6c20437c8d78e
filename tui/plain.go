package tui

import (
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"weir/search"
)

// openPlain shows the page of flows as bare text, for the terminal's own
// selection: no colours, no frame, no mouse, and nothing moves.
func (m *model) openPlain() tea.Cmd {
	m.leaveLive()
	m.plain = true
	return nil
}

// drawPlain returns the page.
func (m *model) drawPlain() string {
	p := &m.pen
	p.th, p.buf, p.x = &theme{ascii: true}, p.buf[:0], 0
	resting := m.table.resting
	m.table.resting = true
	m.table.draw(p, m.width, m.height-1, m.query.Order == search.Newest)
	m.table.resting = resting
	p.newline()
	p.put(roleText, cut("any key goes back", m.width))
	return ansi.Strip(string(p.buf)) // the pen ends what it has not begun
}
