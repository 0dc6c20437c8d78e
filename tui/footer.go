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
	hints := []struct {
		key  key.Binding
		word string
	}{
		{k.pause, "pause"}, {k.filter, "filter"}, {k.search, "search"}, {k.details, "details"}, {k.span, "range"},
		{k.nodes, "node"}, {k.export, "csv"}, {k.flags, "flags"}, {k.sort, "sort"}, {k.order, "order"},
	}
	const last = "? help  q quit "
	room := m.width - textWidth(last)
	for _, h := range hints {
		name := h.key.Help().Key
		if p.x+textWidth(name)+1+textWidth(h.word)+2 > room {
			continue
		}
		word := h.word
		if h.key.Help().Key == k.pause.Help().Key && m.state == paused {
			word = "go on"
		}
		p.put(roleText, name)
		p.space(1)
		p.put(roleDim, word)
		p.space(2)
	}
	p.to(room)
	p.put(roleText, k.help.Help().Key)
	p.put(roleDim, " help  ")
	p.put(roleText, k.quit.Help().Key)
	p.put(roleDim, " quit")
}

// amount says how many flows are loaded, out of how many, and the limit.
func (m *model) amount() string {
	f, s := &m.feed, &m.table.rows
	if f.loading {
		return "searching ..."
	}
	loaded := countText(s.len())
	if !s.more {
		return loaded + plural(s.len(), " flow") + " (limit " + countText(m.limit()) + ")"
	}
	switch {
	case f.matches < 0:
		return loaded + " of more (limit)"
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

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
