package tui

import (
	"bytes"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"weir/csvexport"
	"weir/flow"
	"weir/tui/column"
	"weir/tui/ui"
)

// yankDialog asks what to copy.
type yankDialog struct {
	keys yankKeys
	what yanked
	n    int    // flows that rows are copied of
	cell string // the selected column in words
}

// yanked is what can be copied.
type yanked uint8

const (
	yankRow yanked = iota
	yankCell
	yankSource
	yankDest
	yankJSON
	yankCommand
)

// yankKeys work in the yank dialog.
type yankKeys struct{ row, cell, source, dest, json, command, cancel key.Binding }

func newYankKeys() yankKeys {
	return yankKeys{
		row:     ui.Bind("y", "row, its columns separated by tabs", "y"),
		cell:    ui.Bind("c", "cell", "c"),
		source:  ui.Bind("s", "source", "s"),
		dest:    ui.Bind("d", "destination", "d"),
		json:    ui.Bind("j", "JSON", "j"),
		command: ui.Bind("q", "command that prints this view", "q"),
		cancel:  ui.Bind("Esc", "nothing", "esc"),
	}
}

// choices pairs the keys with what they copy.
func (k *yankKeys) choices() []key.Binding {
	return []key.Binding{yankRow: k.row, yankCell: k.cell, yankSource: k.source, yankDest: k.dest, yankJSON: k.json, yankCommand: k.command}
}

func (d *yankDialog) update(msg tea.Msg) (tea.Cmd, outcome) {
	for what, binding := range d.keys.choices() {
		if ui.Means(msg, binding) {
			d.what = yanked(what)
			return nil, accepted
		}
	}
	if ui.Means(msg, d.keys.cancel) {
		return nil, canceled
	}
	return nil, stay
}

func (d *yankDialog) view(th *ui.Theme, w, h int) string {
	const width = 46
	var lines []string
	for what, binding := range d.keys.choices() {
		does := binding.Help().Desc
		switch {
		case yanked(what) == yankCell:
			does += ": " + d.cell
		case d.n > 1 && yanked(what) != yankCommand:
			does += ", of " + ui.Count(d.n) + " marked flows"
		}
		lines = append(lines, th.Paint(ui.Accent, binding.Help().Key)+"  "+does)
	}
	lines = append(lines, "", th.Paint(ui.Dim, "Esc copies nothing"))
	return ui.Box(th, "Copy", lines, min(width, w), h)
}

// openYank asks what to copy of the marked flows, or of the selected one.
func (m *model) openYank() tea.Cmd {
	if m.table.rows.selected() == nil {
		m.say(ui.Text, "no flows in the view, nothing to copy")
		return nil
	}
	m.dialog = &yankDialog{keys: m.keys.copy, n: len(m.table.rows.marked()), cell: m.table.col.Words()}
	return nil
}

// yank copies what was chosen.
func (m *model) yank(what yanked) tea.Cmd {
	recs := m.table.rows.marked()
	if r := m.table.rows.selected(); r != nil && (len(recs) == 0 || what == yankCell) {
		recs = []flow.Record{*r}
	}
	if len(recs) == 0 && what != yankCommand {
		return nil // the flows left while the dialog was open
	}
	many := ui.Count(len(recs)) + ui.Plural(len(recs), " flow")
	lines := func(text func(r *flow.Record) string) string {
		var b strings.Builder
		for i := range recs {
			if i > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(text(&recs[i]))
		}
		return b.String()
	}
	switch what {
	case yankCell:
		return m.copyText(m.table.col.Words(), m.cellText(m.table.col, &recs[0]))
	case yankSource:
		return m.copyText("source", lines(func(r *flow.Record) string { return r.Src.Addr.String() }))
	case yankDest:
		return m.copyText("destination", lines(func(r *flow.Record) string { return r.Dst.Addr.String() }))
	case yankJSON:
		var b bytes.Buffer
		out := csvexport.NewJSON(&b, m.cfg.Loc)
		for i := range recs {
			if err := out.Write(&recs[i]); err != nil {
				m.say(ui.Bad, ui.OneLine(err))
				return nil
			}
		}
		if err := out.Flush(); err != nil {
			m.say(ui.Bad, ui.OneLine(err))
			return nil
		}
		return m.copyText(many+" as JSON", b.String())
	case yankCommand:
		return m.copyText("command", m.query.Command())
	}
	return m.copyText(many, lines(m.rowText))
}

// rowText is a flow as one line, its columns separated by tabs.
func (m *model) rowText(r *flow.Record) string {
	cells := make([]string, 0, column.Num)
	for _, c := range wideOrder {
		cells = append(cells, m.cellText(c, r))
	}
	return strings.Join(cells, "\t")
}

// cellText is what the table shows in a column, with nothing left out for want
// of room.
func (m *model) cellText(c column.Column, r *flow.Record) string {
	full := column.Style{Loc: m.cfg.Loc, Dates: true, VerdictWidth: column.All[column.Verdict].Max}
	b, _ := full.Append(nil, c, r)
	return string(b)
}
