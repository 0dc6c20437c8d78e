package tui

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"weir/tui/keys"
	"weir/tui/ui"
)

// chromeLines is the number of lines around a screen: header, filter and footer.
const chromeLines = 3

// draw returns the whole frame.
func (m *model) draw() string {
	if m.width <= 0 || m.height <= 0 {
		return ""
	}
	if m.tooSmall() {
		return m.needsRoom()
	}
	if m.plain {
		return m.drawPlain()
	}
	p := &m.pen
	p.Theme, p.Buf, p.X = m.theme, p.Buf[:0], 0
	m.drawHeader(p)
	p.Newline()
	m.drawFilter(p)
	p.Newline()
	m.setSize(m.height - chromeLines - m.drawNotice(p))
	m.inSight().Draw(p)
	p.Newline()
	m.drawFooter(p)
	if m.onTop() == nil {
		return string(p.Buf)
	}
	m.under, p.Buf = p.Buf, m.under[:0]
	p.Buf = ui.Overlay(p.Buf, m.under, m.box.draw(m), m.width, m.height)
	return string(p.Buf)
}

// setSize gives the screens that many lines above the footer.
func (m *model) setSize(lines int) {
	m.bodyLines, m.bodyTop = lines, m.height-1-lines
	for _, s := range m.screens {
		s.SetSize(m.width, lines)
	}
}

// drawPlain returns the visible flows as plain text.
func (m *model) drawPlain() string {
	p := &m.pen
	p.Theme, p.Buf, p.X = &ui.Theme{ASCII: true}, p.Buf[:0], 0
	m.flows.DrawPlain(p, m.width, m.height-1)
	p.Newline()
	p.Put(ui.Text, ui.Cut("press any key to return", m.width))
	return ansi.Strip(string(p.Buf)) // the pen writes resets
}

// needsRoom returns the minimum size, in the longest sentence that fits.
func (m *model) needsRoom() string {
	size := strconv.Itoa(minWidth) + "x" + strconv.Itoa(minHeight)
	for _, text := range [...]string{
		"weir needs " + size + ", this is " + strconv.Itoa(m.width) + "x" + strconv.Itoa(m.height),
		"weir needs " + size, "needs " + size, size + "!",
	} {
		if len(text) <= m.width {
			return text
		}
	}
	return strings.Repeat("!", m.width)
}

// drawNotice writes the hint of the filter line, or the notice, between filter and
// table, and returns the number of lines.
func (m *model) drawNotice(p *ui.Pen) int {
	if m.line.editing {
		m.drawHint(p)
		p.Newline()
		return 1
	}
	n := m.flows.Notice()
	if n.Text == "" || m.active == keys.Flows && m.flows.Rows.Len() == 0 { // an empty table shows it itself
		return 0
	}
	const most = 2
	lines := ui.Wrap(n.Text, m.width-2, most)
	for _, line := range lines {
		p.Space(1)
		p.Put(n.Look, strings.TrimRight(line, " "))
		p.Newline()
	}
	return len(lines)
}
