package tui

import (
	"strings"
	"unicode/utf8"

	"weir/search"
)

// offer is what could stand at the cursor of the filter line. The first Tab
// writes as much of it as is clear, the next ones go round what is left.
type offer struct {
	choices []search.Completion
	at      int    // the chosen one; -1: none yet
	text    string // what was typed before one was chosen
}

// complete extends the word before the cursor as far as it is clear what is
// meant, or puts the next of the words there that could be.
func (l *filterLine) complete(env search.Env) {
	o := &l.offered
	if len(o.choices) > 1 {
		o.at = (o.at + 1) % len(o.choices)
		l.put(o.choices[o.at].Apply(o.text))
		return
	}
	text, cursor := l.input.value(), l.cursor()
	choices := search.Complete(text, cursor, env)
	if len(choices) == 0 {
		return
	}
	common := choices[0]
	common.Text = commonPrefix(choices)
	typed := text[common.From:common.To]
	switch {
	case len(choices) == 1:
		l.put(choices[0].Apply(text))
	case len(common.Text) > len(typed) && !strings.HasPrefix(common.Text, `"`): // half a quoted name is none
		l.put(common.Apply(text))
	default:
		*o = offer{choices: choices, at: -1, text: text}
	}
}

// cursor is the cursor's place in the typed text, in bytes.
func (l *filterLine) cursor() int {
	text := []rune(l.input.value())
	return len(string(text[:min(l.input.model.Position(), len(text))]))
}

// put replaces the typed text, and puts the cursor at a byte of it.
func (l *filterLine) put(text string, cursor int) {
	l.set(text)
	l.input.model.SetCursor(utf8.RuneCountInString(text[:cursor]))
}

// searchEnv is what completion knows of the network.
func searchEnv(inv inventory) search.Env {
	env := search.Env{Groups: inv.groups.Names()}
	for i := range inv.nodes {
		env.Nodes = append(env.Nodes, inv.nodes[i].Name)
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
func (m *model) drawOffer(p *pen) {
	o := &m.line.offered
	p.space(3)
	for i := range o.choices {
		c := &o.choices[(i+max(o.at, 0))%len(o.choices)]
		word := drawable(c.Text)
		if p.x+textWidth(word)+2 > m.width {
			break
		}
		look := roleText
		if i == 0 && o.at >= 0 {
			look = roleAccent
		}
		p.put(look, word)
		p.space(2)
	}
	if o.at >= 0 {
		p.put(roleDim, cut(drawable(o.choices[o.at].Help), m.width-p.x))
	}
}
