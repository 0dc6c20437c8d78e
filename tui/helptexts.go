package tui

import (
	"slices"

	"charm.land/bubbles/v2/key"

	"weir/tui/ui"
)

// placeTitles are the places as the help names them.
var placeTitles = [...]string{atFlows: "Flows", atTalkers: "Talkers", atTimeline: "Timeline", atHealth: "Health"}

// flowsOnly are the commands about the table of flows.
var flowsOnly = []string{
	"pause", "follow", "conversation", "flags", "export", "export-as", "sort", "reverse", "yank", "columns", "names", "services", "plain",
}

// wordsAt says what a command does at a place, if that is not what its binding
// says; false: nothing.
func wordsAt(p place, name string) (words string, works bool) {
	other := map[place]map[string]string{
		atFlows: {
			"left": "column to the left", "right": "column to the right", "details": "details of the flow, below the table",
			"mark": "mark the flow, and go to the next", "include": "only flows with this cell's value", "quit": "quit",
		},
		atTalkers: {
			"down": "next one", "up": "one before", "page-down": "one page down", "top": "first one", "bottom": "last one",
			"left": "grouping to the left", "right": "grouping to the right", "first-column": "by source", "last-column": "by node",
			"details": "flows of this one", "include": "add it to the filter, and stay here", "exclude": "leave it out, and stay here",
			"aggregate": "add up by the next grouping", "mark": "", "quit": "back to the flows",
		},
		atTimeline: {
			"down": "", "up": "", "page-down": "", "page-up": "", "half-down": "", "half-up": "", "top": "", "bottom": "",
			"left": "earlier", "right": "later", "first-column": "begin of the range", "last-column": "end of the range",
			"details": "make the span the range, and show its flows", "mark": "begin a span, or give it up", "include": "", "exclude": "",
			"aggregate": "add up by the selected column of the flows", "quit": "back to the flows",
		},
		atHealth: {
			"down": "one line down", "up": "one line up", "page-down": "one page down", "top": "to the top", "bottom": "to the end",
			"left": "", "right": "", "first-column": "", "last-column": "", "details": "", "mark": "", "include": "", "exclude": "",
			"aggregate": "add up by the selected column of the flows", "quit": "back to the flows",
		},
	}[p]
	words, said := other[name]
	return words, words != "" || !said
}

// groupsAt is the keys that work at a place, with what they do there.
func (k *keyMap) groupsAt(p place) []ui.KeyGroup {
	var groups []ui.KeyGroup
	for _, g := range k.commandGroups() {
		shown := ui.KeyGroup{Title: g.title}
		for _, c := range g.commands {
			words, works := wordsAt(p, c.name)
			if !works || p != atFlows && slices.Contains(flowsOnly, c.name) {
				continue
			}
			b := *c.keys
			if words != "" {
				b.SetHelp(b.Help().Key, words)
			}
			shown.Keys = append(shown.Keys, b)
		}
		if len(shown.Keys) > 0 {
			groups = append(groups, shown)
		}
	}
	groups[0].Title = placeTitles[p]
	return groups
}

func (l *lineKeys) help() ui.KeyGroup {
	return ui.KeyGroup{Title: "Filter line", Keys: []key.Binding{l.apply, l.cancel, l.complete, l.older, l.newer}}
}
