package flows

import (
	"slices"

	"github.com/charmbracelet/x/ansi"

	"weir/flow"
	"weir/tui/column"
	"weir/tui/ui"
)

// table draws a rowSet: one line of column heads and as many flows as fit. It
// is bubbles/table's job done for the visible rows only.
type table struct {
	rows   *Rows
	widths widths
	Lay    layout
	Col    column.Column   // the selected column
	Chosen []column.Chosen // by the reader; empty: the order depends on the width
	Order  []column.Column // as on the screen; its first one is always in sight
	left   int             // place in order of the first column behind that
	Style  column.Style    // of the result, and the widths of the last frame
	height int             // rows that were visible when last drawn
	cell   []byte

	// resting says that the cursor rests on the first row, whichever flow that
	// is. Only its cell is marked then: a row in reverse video would have to be
	// drawn twice for every flow that comes in.
	resting bool
}

// reorder picks the order of the columns for a screen of that width.
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
	if !slices.Equal(t.Order, order) {
		t.Order, t.left = order, 1
	}
}

// arrange places the columns so that the selected one is in sight.
func (t *table) arrange(width int) {
	w, order := t.widths, t.Order
	w[column.Start] = column.All[column.Start].Min
	if t.Style.Dates {
		w[column.Start] = column.All[column.Start].Max
	}
	if len(t.Chosen) == 0 && width < compactBelow {
		w.compact(width, t.Style.Dates)
	}
	w.squeeze(width)
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
	t.Lay.arrange(&w, order, width, t.left)
	for t.left < at && !t.Lay.shows(t.Col) {
		t.left++
		t.Lay.arrange(&w, order, width, t.left)
	}
	t.Style.VerdictWidth, t.Style.StartWidth, t.Style.ProtoWidth = t.Lay.verdictWide, w[column.Start], w[column.Proto]
}

// moveColumn selects the column that many places to the right, or to the left.
func (t *table) moveColumn(by int) {
	at := min(max(slices.Index(t.Order, t.Col)+by, 0), len(t.Order)-1)
	t.Col = t.Order[at]
	if at == 0 {
		t.left = 1
	}
}

// draw writes the column heads and height-1 rows in width columns. mark is the
// sign of the order that the flows were loaded in, shown at START.
func (t *table) draw(p *ui.Pen, style *column.Style, width, height int, newestFirst bool) {
	t.Style = *style
	t.arrange(width)
	t.height = max(height-1, 1)
	t.rows.Show(t.height)
	t.drawHead(p, width, newestFirst)
	for i := t.rows.Top; i < t.rows.Top+t.height; i++ {
		p.Newline()
		if i < t.rows.Len() {
			t.drawRow(p, t.rows.At(i), i == t.rows.Cur, width)
		}
	}
}

func (t *table) drawHead(p *ui.Pen, width int, newestFirst bool) {
	for i, s := range t.Lay.Spans {
		info := &column.All[s.Col]
		title, sign := info.Title, ""
		switch {
		case t.rows.Sorted() && t.rows.SortBy == s.Col:
			sign = ui.SortSign(p.Theme, t.rows.Desc)
		case !t.rows.Sorted() && s.Col == column.Start:
			sign = ui.SortSign(p.Theme, newestFirst)
		}
		if long := t.longTitle(s.Col); ui.Width(long+sign) <= s.W {
			title = long
		}
		text := ansi.Truncate(title, s.W-ui.Width(sign), "") + sign
		if i == 1 && t.Lay.cutL {
			p.To(s.x - 1)
			p.Put(ui.Accent, "<")
		}
		p.To(s.x)
		if info.Right {
			pad := s.W - ui.Width(text)
			if t.Lay.cutR && s.x+s.W == width {
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
	if t.Lay.cutR && p.X < width {
		p.To(width - 1)
		p.Put(ui.Accent, ">")
	}
}

// longTitle is the title of a column where there is room. START says the year,
// if that is not the present one.
func (t *table) longTitle(c column.Column) string {
	switch {
	case c == column.Start && t.Style.Years != "":
		return column.All[c].Title + " " + t.Style.Years
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
	for i, s := range t.Lay.Spans {
		if i == 1 && t.rows.Marks[r.ID] {
			p.To(s.x - 1)
			p.Put(ui.Accent, markSign)
		}
		p.To(s.x)
		t.drawCell(p, r, s, selected && s.Col == t.Col)
	}
	if reversed {
		p.To(width)
	}
}

// markSign stands behind the first column of a marked flow.
const markSign = "*"

func (t *table) drawCell(p *ui.Pen, r *flow.Record, s span, chosen bool) {
	var look ui.Role
	t.cell, look = t.Style.Append(t.cell[:0], s.Col, r)
	w := len(t.cell)
	if w > s.W && (s.Col == column.SrcIP || s.Col == column.DstIP) && ui.IsASCII(t.cell) {
		t.cell = column.CutMiddle(t.cell, s.W)
		w = s.W
	}
	if w > s.W || !ui.IsASCII(t.cell) {
		t.cell = append(t.cell[:0], ui.Cut(string(t.cell), s.W)...)
		w = ui.Width(string(t.cell))
	}
	if chosen {
		if !t.resting {
			p.End()
		}
		p.Begin(ui.Cell)
	}
	if column.All[s.Col].Right {
		p.Space(s.W - w)
	}
	if unit := len(t.cell) - 1; (s.Col == column.Recv || s.Col == column.Sent) && t.cell[unit] > '9' {
		p.Bytes(ui.Text, t.cell[:unit])
		p.Bytes(ui.Dim, t.cell[unit:])
	} else {
		p.Bytes(look, t.cell)
	}
	if chosen {
		p.To(s.x + s.W)
		p.End()
		if !t.resting {
			p.Begin(ui.Selected)
		}
	}
}
