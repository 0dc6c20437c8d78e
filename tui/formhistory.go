package tui

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"weir/search"
)

// pastSearches is the history tab of the form: the latest searches, the newest
// first. One key searches again.
type pastSearches struct {
	texts    history // the oldest first
	open     bool
	cur, top int // counted from the newest
	err      error
	chosen   *search.Query // not nil: this is searched, not what the form says
}

// at returns search i, counted from the newest.
func (p *pastSearches) at(i int) string { return p.texts[len(p.texts)-1-i] }

// updateHistory handles a message while the tab is open.
func (f *formDialog) updateHistory(msg tea.Msg) outcome {
	const page = 10
	p, k := &f.past, &f.keys
	p.err = nil
	last := max(len(p.texts)-1, 0)
	switch {
	case means(msg, k.cancel, k.history):
		p.open = false
	case means(msg, k.accept):
		if q, ok := p.query(f.env); ok {
			p.chosen = &q
			return accepted
		}
	case means(msg, k.next): // into the form, to be changed
		if q, ok := p.query(f.env); ok {
			texts := p.texts
			*f = *newFormDialog(q, f.env)
			f.past.texts = texts
		}
	case means(msg, k.down):
		p.cur = min(p.cur+1, last)
	case means(msg, k.up):
		p.cur = max(p.cur-1, 0)
	case means(msg, k.pageDown):
		p.cur = min(p.cur+page, last)
	case means(msg, k.pageUp):
		p.cur = max(p.cur-page, 0)
	case means(msg, k.first):
		p.cur = 0
	case means(msg, k.last):
		p.cur = last
	}
	return stay
}

// query is the search under the cursor.
func (p *pastSearches) query(env dialogEnv) (search.Query, bool) {
	if len(p.texts) == 0 {
		return search.Query{}, false
	}
	q, err := search.ParseQuery(p.at(p.cur), env.now, env.loc)
	p.err = err
	return q, err == nil
}

// historyView draws the tab in the place of the form.
func (f *formDialog) historyView(th *theme, w, h int) string {
	p := &f.past
	width := min(w, formWidth)
	inner := boxInner(width)
	rows := min(max(min(h, formHeight)-2-3, 1), max(len(p.texts), 1))
	p.top = max(min(p.top, p.cur), p.cur-rows+1)
	var lines []string
	for i := p.top; i < min(p.top+rows, len(p.texts)); i++ {
		look := roleText
		if i == p.cur {
			look = roleSelected
		}
		lines = append(lines, th.paint(look, boxFill(boxRight(strconv.Itoa(i+1), 3)+"  "+drawable(p.at(i)), inner)))
	}
	if len(p.texts) == 0 {
		lines = append(lines, th.paint(roleDim, boxFill("No search yet. What you search for is kept here, the last "+strconv.Itoa(historyMax)+".", inner)))
	}
	say := boxFill("", inner)
	if p.err != nil {
		say = th.paint(roleBad, boxFill(drawable(fullSentence(p.err.Error())), inner))
	}
	accept, next, cancel := f.keys.accept, f.keys.next, f.keys.cancel
	accept.SetHelp("Enter", "search again")
	next.SetHelp("Tab", "into the form")
	cancel.SetHelp("Esc", "back")
	lines = append(lines, say, keyLine(th, inner, accept, next, cancel))
	return drawBox(th, "Earlier searches", boxSqueeze(lines, 2, h-2), width, h)
}
