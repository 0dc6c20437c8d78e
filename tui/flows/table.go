package flows

import (
	"slices"

	"github.com/charmbracelet/x/ansi"

	"weir/flow"
	"weir/search"
	"weir/tui/column"
	"weir/tui/ui"
)

// table draws [Rows]: a line of column heads and as many flows as fit. Unlike
// bubbles/table it formats the visible rows only.
type table struct {
	rows   *Rows
	widths widths
	layout layout
	Col    column.Column   // the selected column
	Chosen []column.Chosen // by the user; empty: the order depends on the width
	order  []column.Column // on the screen; the first one is always visible
	fields []search.Field  // by which the store can order, by column; nil: not looked up yet
	left   int             // index in order of the first visible column after it
	style  column.Style    // of the result, with the widths of the last frame
	height int             // visible rows of the last frame
	cell   []byte

	// resting says that the cursor rests on the first row, whichever flow is there.
	// Then only its cell is highlighted: a row in reverse video would be drawn
	// twice for every new flow.
	resting bool
}

// reorder sets the order of the columns for a screen of that width.
func (t *table) reorder(width int) {
	var order []column.Column
	switch {
	case len(t.Chosen) > 0:
		for _, c := range t.Chosen {
			order = append(order, c.Column)
		}
	case width < compactBelow:
		order = compactOrder[:]
	default:
		order = WideOrder[:]
	}
	if !slices.Equal(t.order, order) {
		t.order, t.left = order, 1
	}
}

// arrange places the columns so that the selected one is visible.
func (t *table) arrange(width int) {
	w, order := t.widths, t.order
	w[column.Start] = column.All[column.Start].Min
	if t.style.Dates {
		w[column.Start] = column.All[column.Start].Max
	}
	offset := len(t.style.Offset)
	w[column.Start] += offset
	if len(t.Chosen) == 0 && width < compactBelow {
		w.compact(width, t.style.Dates, offset)
	}
	w.squeeze(width, offset)
	for _, c := range t.Chosen {
		if c.Width > 0 {
			w[c.Column] = c.Width
		}
	}
	at := max(slices.Index(order, t.Col), 0)
	t.Col = order[at]
	if at > 0 {
		t.left = min(t.left, at)
	}
	t.layout.arrange(&w, order, width, t.left)
	for t.left < at && !t.layout.shows(t.Col) {
		t.left++
		t.layout.arrange(&w, order, width, t.left)
	}
	t.style.VerdictWidth, t.style.StartWidth, t.style.ProtoWidth = t.layout.verdictWide, w[column.Start], w[column.Proto]
}

// moveColumn selects the column that many places to the right (to the left if negative).
func (t *table) moveColumn(by int) {
	at := min(max(slices.Index(t.order, t.Col)+by, 0), len(t.order)-1)
	t.Col = t.order[at]
	if at == 0 {
		t.left = 1
	}
}

// draw writes the column heads and height-1 rows in width terminal columns.
// order is that of the loaded flows, which the column shows by its sign.
func (t *table) draw(p *ui.Pen, style *column.Style, width, height int, order search.Order) {
	t.style = *style
	t.arrange(width)
	t.height = max(height-1, 1)
	t.rows.Show(t.height)
	t.drawHead(p, width, order)
	for i := t.rows.top; i < t.rows.top+t.height; i++ {
		p.Newline()
		if i < t.rows.Len() {
			t.drawRow(p, t.rows.At(i), i == t.rows.cur, width)
		}
	}
}

func (t *table) drawHead(p *ui.Pen, width int, order search.Order) {
	for i, s := range t.layout.spans {
		info := &column.All[s.col]
		title, sign := info.Title, t.sortSign(p.Theme, s.col, order)
		if long := t.longTitle(s.col); ui.Width(long+sign) <= s.w {
			title = long
		}
		text := ansi.Truncate(title, s.w-ui.Width(sign), "") + sign
		if i == 1 && t.layout.cutL {
			p.To(s.x - 1)
			p.Put(ui.Accent, "<")
		}
		p.To(s.x)
		if info.Right {
			pad := s.w - ui.Width(text)
			if t.layout.cutR && s.x+s.w == width {
				pad-- // for the mark
			}
			p.Space(pad)
		}
		look := ui.Header
		if sign != "" {
			look = ui.Accent
		}
		p.Put(look, text)
	}
	if t.layout.cutR && p.X < width {
		p.To(width - 1)
		p.Put(ui.Accent, ">")
	}
}

// longTitle returns the title of a column where there is room. START shows the year
// unless it is the current one.
func (t *table) longTitle(c column.Column) string {
	switch {
	case c == column.Start && t.style.Years != "":
		return column.All[c].Title + " " + t.style.Years
	case column.All[c].Long != "":
		return column.All[c].Long
	}
	return column.All[c].Title
}

func (t *table) drawRow(p *ui.Pen, r *flow.Record, selected bool, width int) {
	look, sign := column.Looks(r)
	reversed := selected && !t.resting
	if reversed {
		p.Begin(ui.Selected)
		defer p.End()
	}
	if sign == ' ' {
		p.Space(1)
	} else {
		t.cell = append(t.cell[:0], sign)
		p.Bytes(look, t.cell)
	}
	for i, s := range t.layout.spans {
		if i == 1 && t.rows.Marks[r.ID] {
			p.To(s.x - 1)
			p.Put(ui.Accent, markSign)
		}
		p.To(s.x)
		t.drawCell(p, r, s, selected && s.col == t.Col)
	}
	if reversed {
		p.To(width)
	}
}

// markSign follows the first column of a marked flow.
const markSign = "*"

func (t *table) drawCell(p *ui.Pen, r *flow.Record, s span, chosen bool) {
	var look ui.Role
	t.cell, look = t.style.Append(t.cell[:0], s.col, r)
	w := len(t.cell)
	if w > s.w && (s.col == column.SrcIP || s.col == column.DstIP) && ui.IsASCII(t.cell) {
		t.cell = column.CutMiddle(t.cell, s.w)
		w = s.w
	}
	if w > s.w || !ui.IsASCII(t.cell) {
		t.cell = append(t.cell[:0], ui.Cut(string(t.cell), s.w)...)
		w = ui.Width(string(t.cell))
	}
	if chosen {
		if !t.resting {
			p.End()
		}
		p.Begin(ui.Cell)
	}
	if column.All[s.col].Right {
		p.Space(s.w - w)
	}
	if unit := len(t.cell) - 1; unit >= 0 && (s.col == column.Recv || s.col == column.Sent || s.col == column.Payload) && t.cell[unit] > '9' {
		p.Bytes(ui.Text, t.cell[:unit])
		p.Bytes(ui.Dim, t.cell[unit:])
	} else {
		p.Bytes(look, t.cell)
	}
	if chosen {
		p.To(s.x + s.w)
		p.End()
		if !t.resting {
			p.Begin(ui.Selected)
		}
	}
}
