package form

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/input"
	"weir/tui/ui"
)

// pastSearches is the history tab of the form: the latest searches, newest first.
type pastSearches struct {
	texts []string // oldest first
	open  bool
	at    ui.List // counted from the newest
	err   error
}

func newPastSearches(texts []string) pastSearches {
	p := pastSearches{texts: texts, at: ui.List{Page: historyPage}}
	p.at.SetLen(len(texts))
	return p
}

// historyPage is how many rows PgDn moves by.
const historyPage = 10

// text returns search i, counted from the newest.
func (p *pastSearches) text(i int) string { return p.texts[len(p.texts)-1-i] }

// updateHistory handles a key or a paste while the tab is open.
func (f *Form) updateHistory(msg tea.Msg) tea.Msg {
	p, k := &f.past, &f.keys
	p.err = nil
	switch {
	case p.at.Update(msg, k.Motion()):
	case ui.Means(msg, k.Cancel, k.History):
		p.open = false
	case ui.Means(msg, k.Accept):
		if q, ok := p.query(f.env); ok {
			return QueryChosenMsg{q}
		}
	case ui.Means(msg, k.Next): // into the form, for editing
		if q, ok := p.query(f.env); ok {
			*f = *New(q, p.texts, f.env)
		}
	}
	return nil
}

// query returns the search under the cursor; false: none, or one that no longer parses.
func (p *pastSearches) query(env input.Env) (search.Query, bool) {
	if len(p.texts) == 0 {
		return search.Query{}, false
	}
	q, err := env.ParseQuery(p.text(p.at.Cursor()))
	p.err = err
	return q, err == nil
}

// historyView draws the tab in place of the form.
func (f *Form) historyView(th *ui.Theme, w, h int) string {
	p := &f.past
	width := min(w, formWidth)
	inner := ui.Inner(width)
	rows := min(max(min(h, formHeight)-2-3, 1), max(len(p.texts), 1))
	from, to := p.at.View(rows)
	var lines []string
	for i := from; i < to; i++ {
		look := ui.Text
		if i == p.at.Cursor() {
			look = ui.Selected
		}
		lines = append(lines, th.Paint(look, ui.Fill(ui.Right(strconv.Itoa(i+1), 3)+"  "+ui.Safe(p.text(i)), inner)))
	}
	if len(p.texts) == 0 {
		lines = append(lines, th.Paint(ui.Dim, ui.Fill("No searches yet. This lists the last "+strconv.Itoa(input.HistoryMax)+".", inner)))
	}
	say := ui.Fill("", inner)
	if p.err != nil {
		say = th.Paint(ui.Bad, ui.Fill(ui.Safe(ui.Sentence(p.err.Error())), inner))
	}
	accept, next, cancel := f.keys.Accept, f.keys.Next, f.keys.Cancel
	accept.SetHelp("Enter", "search again")
	next.SetHelp("Tab", "edit")
	cancel.SetHelp("Esc", "back")
	lines = append(lines, say, ui.KeyLine(th, inner, accept, next, cancel))
	return ui.Box(th, "Earlier searches", ui.Squeeze(lines, 2, h-2), width, h)
}
