package tui

import (
	"charm.land/bubbles/v2/key"

	"weir/search"
	"weir/tui/ui"
)

// drawFooter writes how much of the result is loaded, and the keys that matter
// most or what the last key led to.
func (m *model) drawFooter(p *ui.Pen) {
	p.Space(1)
	p.Put(ui.Text, m.amount())
	if n := len(m.table.rows.marks); n > 0 {
		p.Put(ui.Accent, ", "+ui.Count(n)+" marked")
	}
	p.Space(3)
	if m.status.Text != "" {
		p.Put(m.status.Look, ui.Cut(m.status.Text, m.width-p.X))
		return
	}
	m.drawHints(p)
}

// drawHints writes as many keys as there is room for. Help and quit come last
// and stay longest.
func (m *model) drawHints(p *ui.Pen) {
	k := &m.keys
	switch {
	case m.help != nil:
		m.drawLeast(p, ui.FirstKey(m.keys.list.Down), "down", "Esc", "close")
		return
	case m.window != nil || m.line.editing:
		m.drawLeast(p, m.helpHint(), "help", "Esc", "close")
		return
	}
	help, quit := ui.FirstKey(k.help), ui.FirstKey(k.quit)
	room := m.width - ui.Width(help+" help  "+quit+" "+m.quitWord()+" ")
	for _, h := range m.hints() {
		name := ui.FirstKey(h.key)
		if p.X+ui.Width(name)+1+ui.Width(h.word)+2 > room {
			continue
		}
		word := h.word
		if name == ui.FirstKey(k.pause) && m.state == paused {
			word = "go on"
		}
		p.Put(ui.Text, name)
		p.Space(1)
		p.Put(ui.Dim, word)
		p.Space(2)
	}
	m.drawLeast(p, help, "help", quit, m.quitWord())
}

// quitWord is what the key to quit does here.
func (m *model) quitWord() string {
	if m.place == atFlows {
		return "quit"
	}
	return "back"
}

// drawLeast writes two keys at the end of the line: the way to know and the way out.
func (m *model) drawLeast(p *ui.Pen, know, knows, leave, leaves string) {
	p.To(m.width - ui.Width(know+" "+knows+"  "+leave+" "+leaves+" "))
	p.Put(ui.Text, know)
	p.Put(ui.Dim, " "+knows+"  ")
	p.Put(ui.Text, leave)
	p.Put(ui.Dim, " "+leaves)
}

// hint is a key and what it does here, in one word.
type hint struct {
	key  key.Binding
	word string
}

// hints is the keys that matter most at the present place.
func (m *model) hints() []hint {
	k := &m.keys
	switch m.place {
	case atTalkers:
		return []hint{{k.details, "flows"}, {k.include, "only"}, {k.exclude, "without"}, {k.aggregate, "by"}, {k.filter, "filter"}, {k.span, "range"}, {k.flowsScreen, "flows"}}
	case atTimeline:
		return []hint{{k.mark, "span"}, {k.details, "flows"}, {k.left, "earlier"}, {k.right, "later"}, {k.filter, "filter"}, {k.span, "range"}}
	case atHealth:
		return []hint{{k.flowsScreen, "flows"}, {k.talkersScreen, "talkers"}, {k.timelineScreen, "timeline"}}
	}
	if m.details {
		return []hint{
			{k.closeTop, "close"}, {k.conversation, "across nodes"}, {k.flags, "flags"}, {k.yank, "copy"}, {k.include, "only"}, {k.exclude, "without"},
			{k.follow, "live"}, {k.filter, "filter"},
		}
	}
	return []hint{
		{k.pause, "pause"}, {k.filter, "filter"}, {k.search, "search"}, {k.details, "details"}, {k.span, "range"},
		{k.nodes, "node"}, {k.export, "csv"}, {k.flags, "flags"}, {k.talkersScreen, "talkers"}, {k.timelineScreen, "timeline"},
		{k.sort, "sort"}, {k.order, "order"}, {k.columns, "columns"}, {k.palette, "commands"},
	}
}

// amount says how many flows are loaded, out of how many, and the limit.
func (m *model) amount() string {
	f, s := &m.feed, &m.table.rows
	if f.loading {
		return "searching ..." + f.progress.text(m.now())
	}
	if n := len(m.talkers.rows); m.place == atTalkers && n > 0 {
		most := ""
		if n == talkersMax {
			most = " with the most bytes"
		}
		return ui.Count(n) + " " + ui.Plural(n, talkerWords[m.talkers.by]) + most
	}
	loaded := ui.Count(s.len())
	if !s.more {
		return loaded + ui.Plural(s.len(), " flow") + " (limit " + ui.Count(m.limit()) + ")"
	}
	switch {
	case f.matches < 0:
		return loaded + " and more (limit)"
	case f.matches > countMax:
		return loaded + " of more than " + ui.Count(countMax) + " (limit)"
	}
	return loaded + " of " + ui.Count(max(f.matches, int64(s.len()))) + " (limit)"
}

// limit is how many flows are loaded at first.
func (m *model) limit() int {
	if m.query.Limit == 0 {
		return search.DefaultLimit
	}
	return most(&m.query)
}
