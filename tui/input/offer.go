package input

import (
	"strings"

	"weir/search"
)

// Offer is what could stand at the cursor of a line. The first Tab writes as
// much of it as is clear, the next ones go round what is left.
type Offer struct {
	Choices []search.Completion
	At      int    // the chosen one; -1: none yet
	text    string // what was typed before one was chosen
}

// GoesRound reports whether the next Tab puts the next of the choices there.
func (o *Offer) GoesRound() bool { return len(o.Choices) > 1 }

// Complete extends the word before the cursor as far as it is clear which of
// the choices is meant, or puts the next of them there.
func (o *Offer) Complete(line *Line, choices []search.Completion) {
	if o.GoesRound() {
		o.At = (o.At + 1) % len(o.Choices)
		line.Put(o.Choices[o.At].Apply(o.text))
		return
	}
	if len(choices) == 0 {
		return
	}
	text := line.Value()
	common := choices[0]
	common.Text = commonPrefix(choices)
	typed := text[common.From:common.To]
	switch {
	case len(choices) == 1:
		line.Put(choices[0].Apply(text))
	case len(common.Text) > len(typed) && !strings.HasPrefix(common.Text, `"`): // half a quoted name is none
		line.Put(common.Apply(text))
	default:
		*o = Offer{Choices: choices, At: -1, text: text}
	}
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
