package tui

import (
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"weir/search"
	"weir/tui/ui"
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
	p.Theme, p.Buf, p.X = &ui.Theme{ASCII: true}, p.Buf[:0], 0
	resting := m.table.resting
	m.table.resting = true
	m.table.draw(p, m.width, m.height-1, m.query.Order == search.Newest)
	m.table.resting = resting
	p.Newline()
	p.Put(ui.Text, ui.Cut("any key goes back", m.width))
	return ansi.Strip(string(p.Buf)) // the pen ends what it has not begun
}
