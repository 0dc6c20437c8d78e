package tui

import (
	"strconv"
	"strings"

	"weir/search"
	"weir/tui/ui"
)

// draw returns the whole screen.
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
	p.Theme, p.Buf, p.X = m.th, p.Buf[:0], 0
	m.drawHeader(p)
	p.Newline()
	m.drawFilter(p)
	p.Newline()
	rows := m.height - 3 // header, filter and footer
	rows -= m.drawNotice(p)
	var details []string
	if m.place == atFlows {
		details = m.detailLines(rows)
	}
	rows -= len(details)
	m.bodyTop, m.bodyHeight = m.height-1-len(details)-rows, rows
	m.drawPlace(p, rows)
	p.Newline()
	for _, line := range details {
		p.Styled(line)
		p.Newline()
	}
	m.drawFooter(p)
	if m.onTop() == nil {
		return string(p.Buf)
	}
	m.under, p.Buf = p.Buf, m.under[:0]
	p.Buf = ui.Overlay(p.Buf, m.under, m.box.draw(m), m.width, m.height)
	return string(p.Buf)
}

// needsRoom says how large the window has to be, in the longest sentence that
// fits it.
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

// drawNotice writes the lines between filter and table, if there is something
// to say there, and returns how many.
func (m *model) drawNotice(p *ui.Pen) int {
	if m.line.editing {
		m.drawHint(p)
		p.Newline()
		return 1
	}
	n := m.notice()
	if n.Text == "" || m.table.rows.len() == 0 { // an empty table says it in its middle
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

// drawBody writes the table in height lines, or why it is empty.
func (m *model) drawBody(p *ui.Pen, height int) {
	if m.table.rows.len() > 0 {
		m.table.resting = m.state == live
		m.table.draw(p, m.width, height, m.query.Order == search.Newest)
		return
	}
	m.table.height = max(height-1, 1)
	lines := m.emptyLines(m.width - 6)
	above := max((height-len(lines))/3, 0)
	for i := range height {
		if i > 0 {
			p.Newline()
		}
		if at := i - above; at >= 0 && at < len(lines) {
			p.Space(3)
			p.Put(lines[at].Look, lines[at].Text)
		}
	}
}
