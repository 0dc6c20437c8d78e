package tui

import (
	"slices"

	"github.com/charmbracelet/x/ansi"

	"weir/flow"
)

// table draws a rowSet: one line of column heads and as many flows as fit. It
// is bubbles/table's job done for the visible rows only.
type table struct {
	rows   rowSet
	widths widths
	lay    layout
	col    column         // the selected column
	chosen []chosenColumn // by the reader; empty: the order depends on the width
	order  []column       // as on the screen; its first one is always in sight
	left   int            // place in order of the first column behind that
	style  cellStyle
	height int // rows that were visible when last drawn
	cell   []byte

	// resting says that the cursor rests on the first row, whichever flow that
	// is. Only its cell is marked then: a row in reverse video would have to be
	// drawn twice for every flow that comes in.
	resting bool
}

// chosenColumn is a column that the reader put where it is.
type chosenColumn struct {
	col   column
	width int // columns of the screen; 0: as needed
}

// reorder picks the order of the columns for a screen of that width.
func (t *table) reorder(width int) {
	var order []column
	switch {
	case len(t.chosen) > 0:
		for _, c := range t.chosen {
			order = append(order, c.col)
		}
	case width < compactBelow:
		order = compactOrder[:]
	default:
		order = wideOrder[:]
	}
	if !slices.Equal(t.order, order) {
		t.order, t.left = order, 1
	}
}

// arrange places the columns so that the selected one is in sight.
func (t *table) arrange(width int) {
	w, order := t.widths, t.order
	w[colStart] = columns[colStart].min
	if t.style.dates {
		w[colStart] = columns[colStart].max
	}
	if len(t.chosen) == 0 && width < compactBelow {
		w.compact(width, t.style.dates)
	}
	w.squeeze(width)
	for _, c := range t.chosen {
		if c.width > 0 {
			w[c.col] = c.width
		}
	}
	at := max(slices.Index(order, t.col), 0)
	t.col = order[at]
	if at > 0 {
		t.left = min(t.left, at)
	}
	t.lay.arrange(&w, order, width, t.left)
	for t.left < at && !t.lay.shows(t.col) {
		t.left++
		t.lay.arrange(&w, order, width, t.left)
	}
	t.style.wide, t.style.start, t.style.proto = t.lay.verdictWide, w[colStart], w[colProto]
}

// moveColumn selects the column that many places to the right, or to the left.
func (t *table) moveColumn(by int) {
	at := min(max(slices.Index(t.order, t.col)+by, 0), len(t.order)-1)
	t.col = t.order[at]
	if at == 0 {
		t.left = 1
	}
}

// draw writes the column heads and height-1 rows in width columns. mark is the
// sign of the order that the flows were loaded in, shown at START.
func (t *table) draw(p *pen, width, height int, newestFirst bool) {
	t.arrange(width)
	t.height = max(height-1, 1)
	t.rows.show(t.height)
	t.drawHead(p, width, newestFirst)
	for i := t.rows.top; i < t.rows.top+t.height; i++ {
		p.newline()
		if i < t.rows.len() {
			t.drawRow(p, t.rows.at(i), i == t.rows.cur, width)
		}
	}
}

func (t *table) drawHead(p *pen, width int, newestFirst bool) {
	for i, s := range t.lay.spans {
		info := &columns[s.col]
		title, sign := info.title, ""
		switch {
		case t.rows.sorted() && t.rows.sortBy == s.col:
			sign = sortSign(p.th, t.rows.desc)
		case !t.rows.sorted() && s.col == colStart:
			sign = sortSign(p.th, newestFirst)
		}
		if long := t.longTitle(s.col); textWidth(long+sign) <= s.w {
			title = long
		}
		text := ansi.Truncate(title, s.w-textWidth(sign), "") + sign
		if i == 1 && t.lay.cutL {
			p.to(s.x - 1)
			p.put(roleAccent, "<")
		}
		p.to(s.x)
		if info.right {
			pad := s.w - textWidth(text)
			if t.lay.cutR && s.x+s.w == width {
				pad-- // for the mark
			}
			p.space(pad)
		}
		look := roleHeader
		if sign != "" {
			look = roleAccent
		}
		p.put(look, text)
	}
	if t.lay.cutR && p.x < width {
		p.to(width - 1)
		p.put(roleAccent, ">")
	}
}

// longTitle is the title of a column where there is room. START says the year,
// if that is not the present one.
func (t *table) longTitle(c column) string {
	switch {
	case c == colStart && t.style.years != "":
		return columns[c].title + " " + t.style.years
	case columns[c].long != "":
		return columns[c].long
	}
	return columns[c].title
}

func (t *table) drawRow(p *pen, r *flow.Record, selected bool, width int) {
	look, sign := looks(r)
	reversed := selected && !t.resting
	if reversed {
		p.begin(roleSelected)
		defer p.end()
	}
	if sign == ' ' {
		p.space(1)
	} else {
		t.cell = append(t.cell[:0], sign)
		p.bytes(look, t.cell)
	}
	for i, s := range t.lay.spans {
		if i == 1 && t.rows.marks[r.ID] {
			p.to(s.x - 1)
			p.put(roleAccent, markSign)
		}
		p.to(s.x)
		t.drawCell(p, r, s, selected && s.col == t.col)
	}
	if reversed {
		p.to(width)
	}
}

// markSign stands behind the first column of a marked flow.
const markSign = "*"

func (t *table) drawCell(p *pen, r *flow.Record, s span, chosen bool) {
	var look role
	t.cell, look = t.style.appendCell(t.cell[:0], s.col, r)
	w := len(t.cell)
	if w > s.w && (s.col == colSrcIP || s.col == colDstIP) && isASCII(t.cell) {
		t.cell = cutMiddle(t.cell, s.w)
		w = s.w
	}
	if w > s.w || !isASCII(t.cell) {
		t.cell = append(t.cell[:0], cut(string(t.cell), s.w)...)
		w = textWidth(string(t.cell))
	}
	if chosen {
		if !t.resting {
			p.end()
		}
		p.begin(roleCell)
	}
	if columns[s.col].right {
		p.space(s.w - w)
	}
	if unit := len(t.cell) - 1; (s.col == colRecv || s.col == colSent) && t.cell[unit] > '9' {
		p.bytes(roleText, t.cell[:unit])
		p.bytes(roleDim, t.cell[unit:])
	} else {
		p.bytes(look, t.cell)
	}
	if chosen {
		p.to(s.x + s.w)
		p.end()
		if !t.resting {
			p.begin(roleSelected)
		}
	}
}

// cutMiddle shortens an address to w columns and keeps its network and its host.
func cutMiddle(b []byte, w int) []byte {
	head := (w - 1) / 2
	tail := w - 1 - head
	copy(b[head+1:], b[len(b)-tail:])
	b[head] = cutMark[0]
	return b[:w]
}
