package tui

import (
	"bytes"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weir/csvexport"
	"weir/flow"
	"weir/tui/column"
	"weir/tui/dialog"
	"weir/tui/flows"
	"weir/tui/ui"
)

// openYank opens the window that asks what to copy of the marked or the selected flow.
func (m *model) openYank() tea.Cmd {
	if m.flows.Rows.Selected() == nil {
		m.Say(ui.Text, "no flows in the view, nothing to copy")
		return nil
	}
	m.openWindow(dialog.NewYank(len(m.flows.Rows.Marked()), m.flows.Table.Col.Words()))
	return nil
}

// copiedCommand is what messages call a copied command: it has no flows.
const copiedCommand = "command"

// yank copies the chosen part.
func (m *model) yank(part dialog.YankPart) tea.Cmd {
	recs := m.flows.Chosen(part == dialog.YankCell)
	if len(recs) == 0 && part != dialog.YankCommand {
		return nil // the flows disappeared while the window was open
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
	switch part {
	case dialog.YankCell:
		return m.copyText(m.flows.Table.Col.Words(), m.cellText(m.flows.Table.Col, &recs[0]))
	case dialog.YankSource:
		return m.copyText("source", lines(func(r *flow.Record) string { return r.Src.Addr.String() }))
	case dialog.YankDest:
		return m.copyText("destination", lines(func(r *flow.Record) string { return r.Dst.Addr.String() }))
	case dialog.YankJSON:
		var b bytes.Buffer
		out := csvexport.NewJSON(&b, m.Cfg.Loc)
		for i := range recs {
			if err := out.Write(&recs[i]); err != nil {
				m.Say(ui.Bad, ui.OneLine(err))
				return nil
			}
		}
		if err := out.Flush(); err != nil {
			m.Say(ui.Bad, ui.OneLine(err))
			return nil
		}
		return m.copyText(many+" as JSON", b.String())
	case dialog.YankCommand:
		return m.copyText(copiedCommand, m.Query.Command())
	}
	return m.copyText(many, lines(m.rowText))
}

// rowText returns a flow as a line with columns separated by tabs.
func (m *model) rowText(r *flow.Record) string {
	cells := make([]string, 0, column.Num)
	for _, c := range flows.WideOrder {
		cells = append(cells, m.cellText(c, r))
	}
	return strings.Join(cells, "\t")
}

// cellText returns what the table shows in a column of unlimited width.
func (m *model) cellText(c column.Column, r *flow.Record) string {
	full := column.Style{Loc: m.Cfg.Loc, Dates: true, VerdictWidth: column.All[column.Verdict].Max}
	b, _ := full.Append(nil, c, r)
	return string(b)
}
