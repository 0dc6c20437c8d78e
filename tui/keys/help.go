package keys

import "weir/tui/ui"

// Help describes the keys of a screen.
type Help struct {
	Title  string
	Hints  []Hint             // for the footer, most important first
	Words  map[Command]string // what a command does there, if it differs from its binding; "": nothing
	Others bool               // commands of the flow table do nothing there
}

// Hint is a command with one word for what it does.
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
			if said && words == "" || h.Others && !said && b.Command.explainedWithFlows() {
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

// Hinted returns a hint.
func Hinted(c Command, word string) Hint { return Hint{c, word} }
