package keys

import "weir/tui/ui"

// Help is what a screen says of its keys.
type Help struct {
	Title  string
	Hints  []Hint             // for the footer, the most important first
	Words  map[Command]string // what a command does there, if that is not what its binding says; "": nothing
	Others bool               // it shows no table of flows: the commands about that do nothing
}

// Hint is a command and what it does, in one word.
type Hint struct {
	Command Command
	Word    string
}

// At returns the keys that work on a screen, with what they do there.
func (m *Map) At(h Help) []ui.KeyGroup {
	var groups []ui.KeyGroup
	for _, g := range m.Groups {
		shown := ui.KeyGroup{Title: g.Title}
		for _, b := range g.Bindings {
			words, said := h.Words[b.Command]
			if said && words == "" || h.Others && b.Command.explainedWithFlows() {
				continue
			}
			if said {
				b.Binding = ui.Said(b.Binding, words)
			}
			shown.Keys = append(shown.Keys, b.Binding)
		}
		if len(shown.Keys) > 0 {
			groups = append(groups, shown)
		}
	}
	groups[0].Title = h.Title
	return groups
}

// Hinted is a command with its word.
func Hinted(c Command, word string) Hint { return Hint{c, word} }
