package input

import (
	"strings"

	"weir/search"
)

// Offer is the completions at the cursor of a line. The first Tab inserts their common
// prefix, the next ones cycle through them.
type Offer struct {
	Choices []search.Completion
	At      int    // index of the inserted one; -1: none yet
	text    string // the text before one was inserted
}

// GoesRound reports whether the next Tab inserts the next choice.
func (o *Offer) GoesRound() bool { return len(o.Choices) > 1 }

// Complete extends the word before the cursor to the common prefix of the choices, or
// replaces it by the next choice.
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
	case len(common.Text) > len(typed) && !strings.HasPrefix(common.Text, `"`): // half a quoted name is not valid
		line.Put(common.Apply(text))
	default:
		*o = Offer{Choices: choices, At: -1, text: text}
	}
}

// commonPrefix returns the common prefix of the choices, ignoring case.
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
