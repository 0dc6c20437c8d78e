package tui

import (
	"slices"

	"charm.land/bubbles/v2/key"
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
func (k *keyMap) groupsAt(p place) []keyGroup {
	var groups []keyGroup
	for _, g := range k.commandGroups() {
		shown := keyGroup{title: g.title}
		for _, c := range g.commands {
			words, works := wordsAt(p, c.name)
			if !works || p != atFlows && slices.Contains(flowsOnly, c.name) {
				continue
			}
			b := *c.keys
			if words != "" {
				b.SetHelp(b.Help().Key, words)
			}
			shown.keys = append(shown.keys, b)
		}
		if len(shown.keys) > 0 {
			groups = append(groups, shown)
		}
	}
	groups[0].title = placeTitles[p]
	return groups
}

func (l *lineKeys) help() keyGroup {
	return keyGroup{"Filter line", []key.Binding{l.apply, l.cancel, l.complete, l.older, l.newer}}
}

func (f *formDialog) help() keyGroup {
	k := &f.keys
	if f.past.open {
		return keyGroup{"Earlier searches", []key.Binding{
			said(k.accept, "search again"), said(k.next, "into the form, to be changed"), k.up, k.down, k.pageUp, k.pageDown, k.first, k.last,
			said(k.cancel, "back to the form"),
		}}
	}
	return keyGroup{"Advanced search", []key.Binding{
		said(k.accept, "search, from any field"), said(k.next, "next field"), said(k.prev, "field before"),
		said(k.up, "field above"), said(k.down, "field below"), said(k.left, "choice before, or the cursor to the left"),
		said(k.right, "next choice, or the cursor to the right"), said(k.toggle, "tick, untick, or next choice"),
		said(k.clear, "clear the field"), said(k.clearAll, "clear all fields"), said(k.history, "earlier searches"), said(k.cancel, "keep the old search"),
	}}
}

func (d *nodesDialog) help() keyGroup {
	k := &d.keys
	return keyGroup{"Nodes", []key.Binding{
		said(k.accept, "show the marked ones, or the one under the cursor"), said(k.toggle, "mark a node or a group"), said(k.all, "mark all that are listed, or none"),
		said(k.history, "mark the set that was shown before"), said(k.clear, "clear what was typed"), k.up, k.down, k.pageUp, k.pageDown, k.first, k.last,
		said(k.cancel, "keep the nodes"),
	}}
}

func (d *flagDialog) help() keyGroup {
	k := &d.keys
	return keyGroup{"TCP flags", []key.Binding{
		said(k.accept, "find flows with these flags"), said(k.next, "exactly these, all or any of them"), said(k.clear, "clear"), said(k.cancel, "close"),
	}}
}

func (d *paletteDialog) help() keyGroup {
	k := &d.keys
	return keyGroup{"Commands", []key.Binding{
		said(k.accept, "do what is under the cursor"), said(k.next, "complete its name"), k.up, k.down, said(k.clear, "clear"), said(k.cancel, "close"),
	}}
}

func (d *yankDialog) help() keyGroup {
	return keyGroup{"Copy", append(d.keys.choices(), d.keys.cancel)}
}

func (d *columnsDialog) help() keyGroup {
	k := &d.keys
	return keyGroup{"Columns", []key.Binding{
		k.down, k.up, k.toggle, k.earlier, k.later, k.wider, k.narrower, k.auto, k.usual, k.accept, k.cancel,
	}}
}

func (d *rangeDialog) help() keyGroup {
	k := &d.keys
	return keyGroup{"Time range", []key.Binding{k.down, k.up, said(k.choose, "show this range"), said(k.cancel, "keep the range")}}
}

func (d *exportDialog) help() keyGroup {
	k := &d.keys
	if d.job != nil {
		return keyGroup{"Export", []key.Binding{said(k.cancel, "stop, and leave no file behind")}}
	}
	return keyGroup{"Export", []key.Binding{
		said(k.accept, "write the file"), said(k.next, "next field"), said(k.prev, "field before"), said(k.left, "choice before"), said(k.right, "next choice"),
		said(k.clear, "clear the field"), said(k.cancel, "close, and write nothing"),
	}}
}

func (d *conversationDialog) help() keyGroup {
	k := &d.keys
	return keyGroup{"One conversation", []key.Binding{
		said(k.right, "next node"), said(k.left, "node before"), said(k.down, "one line down"), said(k.up, "one line up"), k.pageDown, k.pageUp, k.cancel,
	}}
}
