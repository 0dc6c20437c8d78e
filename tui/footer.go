package tui

import (
	"charm.land/bubbles/v2/key"

	"weir/search"
)

// drawFooter writes how much of the result is loaded, and the keys that matter
// most or what the last key led to.
func (m *model) drawFooter(p *pen) {
	p.space(1)
	p.put(roleText, m.amount())
	if n := len(m.table.rows.marks); n > 0 {
		p.put(roleAccent, ", "+countText(n)+" marked")
	}
	p.space(3)
	if m.status.text != "" {
		p.put(m.status.look, cut(m.status.text, m.width-p.x))
		return
	}
	m.drawHints(p)
}

// drawHints writes as many keys as there is room for. Help and quit come last
// and stay longest.
func (m *model) drawHints(p *pen) {
	k := &m.keys
	switch {
	case m.help != nil:
		m.drawLeast(p, firstKey(m.keys.list.down), "down", "Esc", "close")
		return
	case m.dialog != nil || m.line.editing:
		m.drawLeast(p, m.helpHint(), "help", "Esc", "close")
		return
	}
	help, quit := firstKey(k.help), firstKey(k.quit)
	room := m.width - textWidth(help+" help  "+quit+" "+m.quitWord()+" ")
	for _, h := range m.hints() {
		name := firstKey(h.key)
		if p.x+textWidth(name)+1+textWidth(h.word)+2 > room {
			continue
		}
		word := h.word
		if name == firstKey(k.pause) && m.state == paused {
			word = "go on"
		}
		p.put(roleText, name)
		p.space(1)
		p.put(roleDim, word)
		p.space(2)
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
func (m *model) drawLeast(p *pen, know, knows, leave, leaves string) {
	p.to(m.width - textWidth(know+" "+knows+"  "+leave+" "+leaves+" "))
	p.put(roleText, know)
	p.put(roleDim, " "+knows+"  ")
	p.put(roleText, leave)
	p.put(roleDim, " "+leaves)
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
		return countText(n) + " " + plural(n, talkerWords[m.talkers.by]) + most
	}
	loaded := countText(s.len())
	if !s.more {
		return loaded + plural(s.len(), " flow") + " (limit " + countText(m.limit()) + ")"
	}
	switch {
	case f.matches < 0:
		return loaded + " and more (limit)"
	case f.matches > countMax:
		return loaded + " of more than " + countText(countMax) + " (limit)"
	}
	return loaded + " of " + countText(max(f.matches, int64(s.len()))) + " (limit)"
}

// limit is how many flows are loaded at first.
func (m *model) limit() int {
	if m.query.Limit == 0 {
		return search.DefaultLimit
	}
	return most(&m.query)
}
