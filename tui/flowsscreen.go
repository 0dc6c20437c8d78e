package tui

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

// flowsScreen is the table of flows, with the details of the selected one below it.
type flowsScreen struct {
	*result
	table         table
	details       bool
	width, height int
	above         int // lines of the last frame that the table had; the details follow
}

func newFlowsScreen(s *session.Session) *flowsScreen {
	f := &flowsScreen{result: newResult(s)}
	f.table.rows = &f.rows
	f.table.widths = minWidths()
	s.WatchSettings(f.onColumns)
	return f
}

// onColumns takes the columns that the reader chose.
func (f *flowsScreen) onColumns() {
	t := &f.table
	t.chosen = t.chosen[:0]
	for _, set := range f.Settings.Columns {
		c := slices.IndexFunc(column.All[:], func(i column.Info) bool { return i.Name == set.Name })
		twice := slices.ContainsFunc(t.chosen, func(old column.Chosen) bool { return old.Column == column.Column(c) })
		if c >= 0 && !twice {
			t.chosen = append(t.chosen, column.Chosen{Column: column.Column(c), Width: column.All[c].InBounds(set.Width)})
		}
	}
	t.reorder(f.width)
}

func (f *flowsScreen) SetSize(w, h int) {
	f.width, f.height = w, h
	f.table.reorder(w)
}

func (f *flowsScreen) Show() tea.Cmd {
	f.hidden = false
	return nil
}

func (f *flowsScreen) Hide() { f.hidden = true }

func (f *flowsScreen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case keys.Command:
		return f.do(msg)
	case pageLoadedMsg:
		taken, fresh, cmd := f.onPage(msg)
		if fresh {
			f.table.widths = minWidths()
		}
		if taken {
			f.table.widths.grow(msg.page.Rows)
		}
		return cmd
	case ui.ClickMsg:
		return f.click(msg.X, msg.Y)
	case ui.WheelMsg:
		if msg.Rows < 0 && f.state == paused && f.rows.cur == 0 {
			return f.follow()
		}
		return f.moveBy(msg.Rows)
	}
	return f.update(msg)
}

// do does what a command means for the flows.
func (f *flowsScreen) do(c keys.Command) tea.Cmd {
	if rows, ok := c.Rows(f.page0()); ok {
		return f.moveBy(rows)
	}
	switch c {
	case keys.Top:
		return f.goTop()
	case keys.Bottom:
		return f.moveBy(f.rows.len())
	case keys.Left:
		f.table.moveColumn(-1)
	case keys.Right:
		f.table.moveColumn(+1)
	case keys.FirstColumn:
		f.table.moveColumn(-int(column.Num))
	case keys.LastColumn:
		f.table.moveColumn(int(column.Num))
	case keys.Details:
		f.openDetails()
	case keys.Mark:
		return f.markRow()
	case keys.Include, keys.Exclude:
		return f.addCell(c == keys.Include)
	case keys.Pause:
		return f.togglePause()
	case keys.Follow:
		return f.follow()
	case keys.Sort:
		return f.toggleSort(f.table.col)
	case keys.Reverse:
		f.reverseSort()
	case keys.Names:
		return f.toggleNames()
	case keys.Services:
		return f.toggleServices()
	case keys.Close:
		if f.details {
			f.details = false
			return nil
		}
		clear(f.rows.marks)
	}
	return nil
}

// page0 is how many rows a page is.
func (f *flowsScreen) page0() int { return max(f.table.height-1, 1) }

// openDetails shows or hides the details of the selected flow. They are about
// one flow, so the view stands still.
func (f *flowsScreen) openDetails() {
	if f.rows.selected() == nil {
		return
	}
	f.details = !f.details
	if f.details {
		f.leaveLive()
	}
}

// addCell narrows the filter by the selected cell.
func (f *flowsScreen) addCell(include bool) tea.Cmd {
	r := f.rows.selected()
	if r == nil {
		return nil
	}
	term, why := column.Term(f.table.col, r)
	if term == nil {
		f.Say(ui.Text, why)
		return nil
	}
	if !include {
		term = search.Not{X: term}
	}
	return f.AddTerm(term)
}

// click sorts by a head, selects a cell, and opens the details of a cell
// that is selected already.
func (f *flowsScreen) click(x, y int) tea.Cmd {
	if y >= f.above {
		return nil // the details
	}
	t := &f.table
	col, onColumn := t.lay.at(x)
	if y == 0 {
		switch {
		case !onColumn:
		case f.rows.sorted() && f.rows.sortBy == col:
			t.col = col
			f.reverseSort()
		default:
			t.col = col
			return f.toggleSort(col)
		}
		return nil
	}
	i := f.rows.top + y - 1
	if i >= f.rows.len() {
		return nil
	}
	again := f.state != live && i == f.rows.cur && onColumn && col == t.col
	if onColumn {
		t.col = col
	}
	if again {
		f.openDetails()
		return nil
	}
	f.leaveLive()
	f.rows.move(i)
	return f.loadNear()
}

// Draw writes the table, or why it is empty, and the details.
func (f *flowsScreen) Draw(p *ui.Pen) {
	details := f.detailLines(p.Theme)
	f.above = f.height - len(details)
	f.drawTable(p, f.above)
	for _, line := range details {
		p.Newline()
		p.Styled(line)
	}
}

func (f *flowsScreen) drawTable(p *ui.Pen, height int) {
	if f.rows.len() > 0 {
		f.table.resting = f.state == live
		f.table.draw(p, &f.style, f.width, height, f.Query.Order == search.Newest)
		f.window = f.table.height
		return
	}
	f.window = max(height-1, 1)
	f.table.height = f.window
	lines := f.emptyLines(f.width - 6)
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

// drawPlain writes the page of flows as bare text.
func (f *flowsScreen) drawPlain(p *ui.Pen, width, height int) {
	resting := f.table.resting
	f.table.resting = true
	f.table.draw(p, &f.style, width, height, f.Query.Order == search.Newest)
	f.table.resting = resting
}

// detailLines is the details of the selected flow, in lines that leave the table
// some rows, or none when they are closed.
func (f *flowsScreen) detailLines(th *ui.Theme) []string {
	r := f.rows.selected()
	if !f.details || r == nil {
		return nil
	}
	return detailLines(th, r, f.Cfg.Loc, f.width, max(f.height-leastRows, 2))
}

func (f *flowsScreen) Amount() string { return f.amount() }

func (f *flowsScreen) Keys() keys.Help {
	h := keys.Help{
		Title: "Flows",
		Words: map[keys.Command]string{
			keys.Left: "column to the left", keys.Right: "column to the right", keys.Details: "details of the flow, below the table",
			keys.Mark: "mark the flow, and go to the next", keys.Include: "only flows with this cell's value", keys.Quit: "quit",
		},
	}
	if f.details {
		h.Hints = []keys.Hint{
			keys.Hinted(keys.Close, "close"), keys.Hinted(keys.Conversation, "across nodes"), keys.Hinted(keys.Flags, "flags"), keys.Hinted(keys.Yank, "copy"), keys.Hinted(keys.Include, "only"),
			keys.Hinted(keys.Exclude, "without"), keys.Hinted(keys.Follow, "live"), keys.Hinted(keys.Filter, "filter"),
		}
		return h
	}
	pause := "pause"
	if f.state == paused {
		pause = "go on"
	}
	h.Hints = []keys.Hint{
		keys.Hinted(keys.Pause, pause), keys.Hinted(keys.Filter, "filter"), keys.Hinted(keys.Search, "search"), keys.Hinted(keys.Details, "details"), keys.Hinted(keys.Range, "range"),
		keys.Hinted(keys.Nodes, "node"), keys.Hinted(keys.Export, "csv"), keys.Hinted(keys.Flags, "flags"), keys.Hinted(keys.Talkers, "talkers"), keys.Hinted(keys.Timeline, "timeline"),
		keys.Hinted(keys.Sort, "sort"), keys.Hinted(keys.Order, "order"), keys.Hinted(keys.Columns, "columns"), keys.Hinted(keys.Palette, "commands"),
	}
	return h
}

// chosen is the marked flows, or the selected one if there are none or one alone is asked for.
func (f *flowsScreen) chosenFlows(one bool) []flow.Record {
	recs := f.rows.marked()
	if r := f.rows.selected(); r != nil && (len(recs) == 0 || one) {
		recs = []flow.Record{*r}
	}
	return recs
}
