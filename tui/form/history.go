package form

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/input"
	"weir/tui/ui"
)

// pastSearches is the history tab of the form: the latest searches, the newest
// first. One key searches again.
type pastSearches struct {
	texts    []string // the oldest first
	open     bool
	cur, top int // counted from the newest
	err      error
}

// at returns search i, counted from the newest.
func (p *pastSearches) at(i int) string { return p.texts[len(p.texts)-1-i] }

// updateHistory handles a message while the tab is open.
func (f *Form) updateHistory(msg tea.Msg) tea.Msg {
	const page = 10
	p, k := &f.past, &f.keys
	p.err = nil
	last := max(len(p.texts)-1, 0)
	switch {
	case ui.Means(msg, k.Cancel, k.History):
		p.open = false
	case ui.Means(msg, k.Accept):
		if q, ok := p.query(f.env); ok {
			return QueryChosenMsg{q}
		}
	case ui.Means(msg, k.Next): // into the form, to be changed
		if q, ok := p.query(f.env); ok {
			*f = *New(q, p.texts, f.env)
		}
	case ui.Means(msg, k.Down):
		p.cur = min(p.cur+1, last)
	case ui.Means(msg, k.Up):
		p.cur = max(p.cur-1, 0)
	case ui.Means(msg, k.PageDown):
		p.cur = min(p.cur+page, last)
	case ui.Means(msg, k.PageUp):
		p.cur = max(p.cur-page, 0)
	case ui.Means(msg, k.First):
		p.cur = 0
	case ui.Means(msg, k.Last):
		p.cur = last
	}
	return nil
}

// query is the search under the cursor.
func (p *pastSearches) query(env input.Env) (search.Query, bool) {
	if len(p.texts) == 0 {
		return search.Query{}, false
	}
	q, err := search.ParseQuery(p.at(p.cur), env.Now, env.Loc)
	p.err = err
	return q, err == nil
}

// historyView draws the tab in the place of the form.
func (f *Form) historyView(th *ui.Theme, w, h int) string {
	p := &f.past
	width := min(w, formWidth)
	inner := ui.Inner(width)
	rows := min(max(min(h, formHeight)-2-3, 1), max(len(p.texts), 1))
	p.top = max(min(p.top, p.cur), p.cur-rows+1)
	var lines []string
	for i := p.top; i < min(p.top+rows, len(p.texts)); i++ {
		look := ui.Text
		if i == p.cur {
			look = ui.Selected
		}
		lines = append(lines, th.Paint(look, ui.Fill(ui.Right(strconv.Itoa(i+1), 3)+"  "+ui.Safe(p.at(i)), inner)))
	}
	if len(p.texts) == 0 {
		lines = append(lines, th.Paint(ui.Dim, ui.Fill("No search yet. What you search for is kept here, the last "+strconv.Itoa(input.HistoryMax)+".", inner)))
	}
	say := ui.Fill("", inner)
	if p.err != nil {
		say = th.Paint(ui.Bad, ui.Fill(ui.Safe(ui.Sentence(p.err.Error())), inner))
	}
	accept, next, cancel := f.keys.Accept, f.keys.Next, f.keys.Cancel
	accept.SetHelp("Enter", "search again")
	next.SetHelp("Tab", "into the form")
	cancel.SetHelp("Esc", "back")
	lines = append(lines, say, ui.KeyLine(th, inner, accept, next, cancel))
	return ui.Box(th, "Earlier searches", ui.Squeeze(lines, 2, h-2), width, h)
}
