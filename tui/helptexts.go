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

func (f *formDialog) help() ui.KeyGroup {
	k := &f.keys
	if f.past.open {
		return ui.KeyGroup{Title: "Earlier searches", Keys: []key.Binding{
			ui.Said(k.Accept, "search again"), ui.Said(k.Next, "into the form, to be changed"), k.Up, k.Down, k.PageUp, k.PageDown, k.First, k.Last,
			ui.Said(k.Cancel, "back to the form"),
		}}
	}
	return ui.KeyGroup{Title: "Advanced search", Keys: []key.Binding{
		ui.Said(k.Accept, "search, from any field"), ui.Said(k.Next, "next field"), ui.Said(k.Prev, "field before"),
		ui.Said(k.Up, "field above"), ui.Said(k.Down, "field below"), ui.Said(k.Left, "choice before, or the cursor to the left"),
		ui.Said(k.Right, "next choice, or the cursor to the right"), ui.Said(k.Toggle, "tick, untick, or next choice"),
		ui.Said(k.Clear, "clear the field"), ui.Said(k.ClearAll, "clear all fields"), ui.Said(k.History, "earlier searches"), ui.Said(k.Cancel, "keep the old search"),
	}}
}

func (d *nodesDialog) help() ui.KeyGroup {
	k := &d.keys
	return ui.KeyGroup{Title: "Nodes", Keys: []key.Binding{
		ui.Said(k.Accept, "show the marked ones, or the one under the cursor"), ui.Said(k.Toggle, "mark a node or a group"), ui.Said(k.All, "mark all that are listed, or none"),
		ui.Said(k.History, "mark the set that was shown before"), ui.Said(k.Clear, "clear what was typed"), k.Up, k.Down, k.PageUp, k.PageDown, k.First, k.Last,
		ui.Said(k.Cancel, "keep the nodes"),
	}}
}

func (d *flagDialog) help() ui.KeyGroup {
	k := &d.keys
	return ui.KeyGroup{Title: "TCP flags", Keys: []key.Binding{
		ui.Said(k.Accept, "find flows with these flags"), ui.Said(k.Next, "exactly these, all or any of them"), ui.Said(k.Clear, "clear"), ui.Said(k.Cancel, "close"),
	}}
}

func (d *paletteDialog) help() ui.KeyGroup {
	k := &d.keys
	return ui.KeyGroup{Title: "Commands", Keys: []key.Binding{
		ui.Said(k.Accept, "do what is under the cursor"), ui.Said(k.Next, "complete its name"), k.Up, k.Down, ui.Said(k.Clear, "clear"), ui.Said(k.Cancel, "close"),
	}}
}

func (d *yankDialog) help() ui.KeyGroup {
	return ui.KeyGroup{Title: "Copy", Keys: append(d.keys.choices(), d.keys.cancel)}
}

func (d *columnsDialog) help() ui.KeyGroup {
	k := &d.keys
	return ui.KeyGroup{Title: "Columns", Keys: []key.Binding{
		k.down, k.up, k.toggle, k.earlier, k.later, k.wider, k.narrower, k.auto, k.usual, k.accept, k.cancel,
	}}
}

func (d *rangeDialog) help() ui.KeyGroup {
	k := &d.keys
	return ui.KeyGroup{Title: "Time range", Keys: []key.Binding{k.Down, k.Up, ui.Said(k.Choose, "show this range"), ui.Said(k.Cancel, "keep the range")}}
}

func (d *exportDialog) help() ui.KeyGroup {
	k := &d.keys
	if d.job != nil {
		return ui.KeyGroup{Title: "Export", Keys: []key.Binding{ui.Said(k.Cancel, "stop, and leave no file behind")}}
	}
	return ui.KeyGroup{Title: "Export", Keys: []key.Binding{
		ui.Said(k.Accept, "write the file"), ui.Said(k.Next, "next field"), ui.Said(k.Prev, "field before"), ui.Said(k.Left, "choice before"), ui.Said(k.Right, "next choice"),
		ui.Said(k.Clear, "clear the field"), ui.Said(k.Cancel, "close, and write nothing"),
	}}
}

func (d *conversationDialog) help() ui.KeyGroup {
	k := &d.keys
	return ui.KeyGroup{Title: "One conversation", Keys: []key.Binding{
		ui.Said(k.Right, "next node"), ui.Said(k.Left, "node before"), ui.Said(k.Down, "one line down"), ui.Said(k.Up, "one line up"), k.PageDown, k.PageUp, k.Cancel,
	}}
}
