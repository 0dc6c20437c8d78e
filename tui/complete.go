package tui

import (
	"slices"
	"strings"

	"weir/search"
	"weir/tui/ui"
)

// offer is what could stand at the cursor of a line. The first Tab writes as
// much of it as is clear, the next ones go round what is left.
type offer struct {
	choices []search.Completion
	at      int    // the chosen one; -1: none yet
	text    string // what was typed before one was chosen
}

// goesRound reports whether the next Tab puts the next of the choices there.
func (o *offer) goesRound() bool { return len(o.choices) > 1 }

// complete extends the word before the cursor as far as it is clear which of
// the choices is meant, or puts the next of them there.
func (o *offer) complete(line *lineInput, choices []search.Completion) {
	if o.goesRound() {
		o.at = (o.at + 1) % len(o.choices)
		line.put(o.choices[o.at].Apply(o.text))
		return
	}
	if len(choices) == 0 {
		return
	}
	text := line.value()
	common := choices[0]
	common.Text = commonPrefix(choices)
	typed := text[common.From:common.To]
	switch {
	case len(choices) == 1:
		line.put(choices[0].Apply(text))
	case len(common.Text) > len(typed) && !strings.HasPrefix(common.Text, `"`): // half a quoted name is none
		line.put(common.Apply(text))
	default:
		*o = offer{choices: choices, at: -1, text: text}
	}
}

// complete helps to write the filter.
func (l *filterLine) complete(env search.Env) {
	l.offered.complete(&l.input, search.Complete(l.input.value(), l.input.cursor(), env))
	l.check()
}

// words are what completion knows of the network: its nodes and groups, and the
// interfaces of the loaded flows.
func (m *model) words() search.Env {
	env := search.Env{Groups: m.inventory.groups.Names()}
	for i := range m.nodes {
		env.Nodes = append(env.Nodes, m.nodes[i].Name)
	}
	for i := range m.table.rows.recs {
		if name := m.table.rows.recs[i].Interface; name != "" && !slices.Contains(env.Interfaces, name) {
			env.Interfaces = append(env.Interfaces, name)
		}
	}
	return env
}

// commonPrefix is what all choices begin with, whatever their case.
func commonPrefix(choices []search.Completion) string {
	common := choices[0].Text
	for _, c := range choices[1:] {
		n := 0
		for n < min(len(common), len(c.Text)) && strings.EqualFold(common[n:n+1], c.Text[n:n+1]) {
			n++
		}
		common = common[:n]
	}
	return common
}

// drawOffer writes the words that could stand at the cursor, from the chosen
// one on.
func (m *model) drawOffer(p *ui.Pen) {
	o := &m.line.offered
	p.Space(3)
	for i := range o.choices {
		c := &o.choices[(i+max(o.at, 0))%len(o.choices)]
		word := ui.Safe(c.Text)
		if p.X+ui.Width(word)+2 > m.width {
			break
		}
		look := ui.Text
		if i == 0 && o.at >= 0 {
			look = ui.Accent
		}
		p.Put(look, word)
		p.Space(2)
	}
	if o.at >= 0 {
		p.Put(ui.Dim, ui.Cut(ui.Safe(o.choices[o.at].Help), m.width-p.X))
	}
}
