package flows

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/search"
	"weir/tui/column"
	"weir/tui/keys"
	"weir/tui/session"
	"weir/tui/ui"
)

// Screen is the table of flows, with the details of the selected one below it.
type Screen struct {
	*Result
	Table         table
	details       bool
	width, height int
	above         int // lines of the table in the last frame; the details follow
}

// New returns the screen with the flows of a session.
func New(s *session.Session) *Screen {
	f := &Screen{Result: NewResult(s)}
	f.Table.rows = &f.Rows
	f.Table.widths = minWidths()
	s.WatchSettings(f.onColumns)
	return f
}

// KeepColumns shows columns in that order; none: chosen by the width of the window.
func (f *Screen) KeepColumns(chosen []column.Chosen) tea.Cmd {
	set := f.Settings
	set.Columns = nil
	for _, c := range chosen {
		set.Columns = append(set.Columns, session.ColumnSetting{Name: column.All[c.Column].Name, Width: c.Width})
	}
	return f.Keep(set)
}

// onColumns applies the columns of the settings.
func (f *Screen) onColumns() {
	t := &f.Table
	t.Chosen = t.Chosen[:0]
	for _, set := range f.Settings.Columns {
		c := slices.IndexFunc(column.All[:], func(i column.Info) bool { return i.Name == set.Name })
		twice := slices.ContainsFunc(t.Chosen, func(old column.Chosen) bool { return old.Column == column.Column(c) })
		if c >= 0 && !twice {
			t.Chosen = append(t.Chosen, column.Chosen{Column: column.Column(c), Width: column.All[c].InBounds(set.Width)})
		}
	}
	t.reorder(f.width)
}

// SetSize sets the size of the next frames in terminal columns and lines.
func (f *Screen) SetSize(w, h int) {
	f.width, f.height = w, h
	f.Table.reorder(w)
}

// Refresh makes the screen the visible one.
func (f *Screen) Refresh() tea.Cmd {
	f.hidden = false
	return nil
}

// Hide is called when another screen becomes visible.
func (f *Screen) Hide() { f.hidden = true }

// Update handles commands, the mouse, ticks, and replies of the store.
func (f *Screen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case keys.Command:
		return f.do(msg)
	case PageLoadedMsg:
		taken, fresh, cmd := f.onPage(msg)
		if fresh {
			f.Table.widths = minWidths()
		}
		if taken {
			f.Table.widths.grow(msg.page.Rows)
		}
		return cmd
	case ui.ClickMsg:
		return f.click(msg.X, msg.Y)
	case ui.WheelMsg:
		if msg.Rows < 0 && f.State == Paused && f.Rows.cur == 0 {
			return f.Follow()
		}
		return f.moveBy(msg.Rows)
	}
	return f.TakeAnswer(msg)
}

// do runs a command.
func (f *Screen) do(c keys.Command) tea.Cmd {
	if rows, ok := c.Rows(f.rowsOfPage()); ok {
		return f.moveBy(rows)
	}
	switch c {
	case keys.Top:
		return f.goTop()
	case keys.Bottom:
		return f.moveBy(f.Rows.Len())
	case keys.Left:
		f.Table.moveColumn(-1)
	case keys.Right:
		f.Table.moveColumn(+1)
	case keys.FirstColumn:
		f.Table.moveColumn(-int(column.Num))
	case keys.LastColumn:
		f.Table.moveColumn(int(column.Num))
	case keys.Details:
		f.openDetails()
	case keys.Mark:
		return f.markRow()
	case keys.Include, keys.Exclude:
		return f.addCell(c == keys.Include)
	case keys.Pause:
		return f.togglePause()
	case keys.Follow:
		return f.Follow()
	case keys.Sort:
		return f.toggleSort(f.Table.Col)
	case keys.Reverse:
		return f.reverseSort()
	case keys.Close:
		if f.details {
			f.details = false
			return nil
		}
		clear(f.Rows.Marks)
	}
	return nil
}

// rowsOfPage returns the rows of a page.
func (f *Screen) rowsOfPage() int { return max(f.Table.height-1, 1) }

// openDetails shows or hides the details of the selected flow. They are about one
// flow, so showing them stops following.
func (f *Screen) openDetails() {
	if f.Rows.Selected() == nil {
		return
	}
	f.details = !f.details
	if f.details {
		f.LeaveLive()
	}
}

// addCell adds the selected cell, or its negation, to the filter.
func (f *Screen) addCell(include bool) tea.Cmd {
	r := f.Rows.Selected()
	if r == nil {
		return nil
	}
	term, why := column.Term(f.Table.Col, r)
	if term == nil {
		f.Say(ui.Text, why)
		return nil
	}
	if !include {
		term = search.Not{X: term}
	}
	return f.AddTerm(term)
}

// orderedBy reports whether the table is sorted by a column other than by start.
func (f *Screen) orderedBy(c column.Column) bool {
	if f.Rows.Sorted() {
		return f.Rows.SortBy == c
	}
	order, ok := orderOf(c)
	return ok && !order.ByStart() && order.Field() == f.Query.Order.Field()
}

// click sorts by a column head, selects a cell, or shows details if the cell is
// selected already.
func (f *Screen) click(x, y int) tea.Cmd {
	if y >= f.above {
		return nil // the details
	}
	t := &f.Table
	col, onColumn := t.layout.at(x)
	if y == 0 {
		switch {
		case !onColumn:
		case f.orderedBy(col):
			t.Col = col
			return f.reverseSort()
		default:
			t.Col = col
			return f.toggleSort(col)
		}
		return nil
	}
	i := f.Rows.top + y - 1
	if i >= f.Rows.Len() {
		return nil
	}
	again := f.State != Live && i == f.Rows.cur && onColumn && col == t.Col
	if onColumn {
		t.Col = col
	}
	if again {
		f.openDetails()
		return nil
	}
	f.LeaveLive()
	f.Rows.Move(i)
	return f.loadNear()
}

// Draw writes the table, or why it is empty, and the details below it.
func (f *Screen) Draw(p *ui.Pen) {
	lines := f.detailLines(p.Theme)
	f.above = f.height - len(lines)
	f.drawTable(p, f.above)
	for _, line := range lines {
		p.Newline()
		p.Styled(line)
	}
}

func (f *Screen) drawTable(p *ui.Pen, height int) {
	if f.Rows.Len() > 0 {
		f.Table.resting = f.State == Live
		f.Table.draw(p, &f.Style, f.width, height, f.Query.Order)
		f.RowsInSight = f.Table.height
		return
	}
	f.RowsInSight = max(height-1, 1)
	f.Table.height = f.RowsInSight
	lines := f.EmptyLines(f.width - 6)
	if percent, ok := f.Searched(); ok {
		lines = append(lines, ui.Message{Text: ui.Progress(p.Theme, percent, min(f.width-6, progressWidth))})
	}
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

// DrawPlain writes the visible flows as plain text.
func (f *Screen) DrawPlain(p *ui.Pen, width, height int) {
	resting := f.Table.resting
	f.Table.resting = true
	f.Table.draw(p, &f.Style, width, height, f.Query.Order)
	f.Table.resting = resting
}

// detailLines returns the details of the selected flow in as many lines as the table
// can spare; none when they are closed.
func (f *Screen) detailLines(th *ui.Theme) []string {
	r := f.Rows.Selected()
	if !f.details || r == nil {
		return nil
	}
	return detailLines(th, r, f.Cfg.Loc, f.width, max(f.height-leastRows, 2))
}

// Keys returns what commands do on this screen.
func (f *Screen) Keys() keys.Help {
	h := keys.Help{
		Title: "Flows",
		Words: map[keys.Command]string{
			keys.Left: "column to the left", keys.Right: "column to the right", keys.Details: "details of the flow, below the table",
			keys.Mark: "mark the flow and move down", keys.Include: "only flows with this value",
			keys.Close: "close the details, else clear the marks", keys.Quit: "quit",
		},
	}
	if f.details {
		h.Hints = []keys.Hint{
			keys.Hinted(keys.Close, "close"), keys.Hinted(keys.Conversation, "across nodes"), keys.Hinted(keys.Flags, "flags"), keys.Hinted(keys.Yank, "copy"), keys.Hinted(keys.Include, "include"),
			keys.Hinted(keys.Exclude, "exclude"), keys.Hinted(keys.Follow, "live"), keys.Hinted(keys.Filter, "filter"),
		}
		return h
	}
	pause := "pause"
	if f.State == Paused {
		pause = "resume"
	}
	h.Hints = []keys.Hint{
		keys.Hinted(keys.Pause, pause), keys.Hinted(keys.Filter, "filter"), keys.Hinted(keys.Search, "search"), keys.Hinted(keys.Details, "details"), keys.Hinted(keys.Range, "range"),
		keys.Hinted(keys.Nodes, "node"), keys.Hinted(keys.Export, "csv"), keys.Hinted(keys.Flags, "flags"), keys.Hinted(keys.Talkers, "talkers"), keys.Hinted(keys.Timeline, "timeline"),
		keys.Hinted(keys.Sort, "sort"), keys.Hinted(keys.Order, "order"), keys.Hinted(keys.Columns, "columns"), keys.Hinted(keys.Palette, "commands"),
	}
	return h
}

// Chosen returns the marked flows, or the selected one if none is marked or one is set.
func (f *Screen) Chosen(one bool) []flow.Record {
	recs := f.Rows.Marked()
	if r := f.Rows.Selected(); r != nil && (len(recs) == 0 || one) {
		recs = []flow.Record{*r}
	}
	return recs
}
