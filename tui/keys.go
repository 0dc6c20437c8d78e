package tui

import (
	"charm.land/bubbles/v2/key"
)

// keyMap is every key of the screen. Nothing else in the package compares keys.
// What the keys of the screen itself do is in the table of commands.
//
// The letters A B C D and O and the brackets stay free: over a slow link an
// arrow key arrives as Esc, "[" and one of them.
type keyMap struct {
	up, down, pageUp, pageDown, halfUp, halfDown, top, bottom, left, right, first, last key.Binding

	pause, follow, details, closeTop, export, flags, sort, reverse, columns, mark, yank, conversation key.Binding

	filter, search, include, exclude, drop, span, order, nodes, nodesBack key.Binding

	flowsScreen, talkersScreen, timelineScreen, healthScreen, aggregate key.Binding

	names, services, mouse, theme, plain, suspend key.Binding

	exportAs, palette, help, quit, kill key.Binding

	line lineKeys
	list listKeys
	cols columnKeys
	copy yankKeys
}

// lineKeys work while the filter line is edited, besides those of editing.
type lineKeys struct{ apply, cancel, complete, older, newer key.Binding }

func newKeyMap() keyMap {
	return keyMap{
		up:       bind("k ↑", "one flow up", "k", "up"),
		down:     bind("j ↓", "one flow down; leaves live", "j", "down"),
		pageUp:   bind("PgUp", "one page up", "pgup"),
		pageDown: bind("PgDn", "one page down; scrolls on into history", "pgdown"),
		halfUp:   bind("^u", "half a page up", "ctrl+u"),
		halfDown: bind("^d", "half a page down", "ctrl+d"),
		top:      bind("g Home", "first flow; back to live", "g", "home"),
		bottom:   bind("G", "last flow that is loaded", "G"),
		left:     bind("h ←", "column, grouping or time to the left", "h", "left"),
		right:    bind("l →", "column, grouping or time to the right", "l", "right"),
		first:    bind("0", "first column", "0"),
		last:     bind("$", "last column", "$"),

		pause:        bind("p", "pause the view, and go on; capture goes on anyway", "p"),
		follow:       bind("F End", "back to live from anywhere", "F", "end"),
		details:      bind("Enter", "details of the flow; flows of the talker or of the span of time", "enter"),
		closeTop:     bind("Esc", "close what is open on top", "esc"),
		export:       bind("e", "export the view to a CSV file", "e"),
		flags:        bind("t", "decode TCP flags", "t"),
		sort:         bind("s", "sort by the column; again: as loaded", "s"),
		reverse:      bind("S", "sort the other way round", "S"),
		columns:      bind("c", "columns: which, in which order, how wide", "c"),
		conversation: bind("x", "follow the conversation across nodes and NAT", "x"),
		mark:         bind("Space", "mark the flow, and go to the next; in the timeline: begin a span", "space"),
		yank:         bind("y", "copy the flow, a part of it, or the command for the view", "y"),

		filter:  bind("/", "edit the filter", "/"),
		search:  bind("f", "advanced search", "f"),
		include: bind("=", "only flows with this cell's value, or of this talker", "="),
		exclude: bind("!", "only flows without it", "!"),
		drop:    bind("Backspace", "drop the last term of the filter", "backspace"),
		span:    bind("r", "time range", "r"),
		order:   bind("o", "newest or oldest first", "o"),
		nodes:   bind("n", "nodes and groups of nodes", "n"),

		nodesBack: bind("N", "the nodes that were shown before", "N"),

		flowsScreen:    bind("1", "flows", "1"),
		talkersScreen:  bind("2", "talkers: sums by source, destination, pair, port or node", "2"),
		timelineScreen: bind("3", "timeline: flows and bytes over the range", "3"),
		healthScreen:   bind("4", "health: what was counted, skipped and lost", "4"),
		aggregate:      bind("a", "add up by the column; again: by something else", "a"),

		exportAs: bind("E", "export: format, columns, path, all that match", "E"),

		names:    bind("d", "names of hosts, or addresses", "d"),
		services: bind("P", "names of services, or port numbers", "P"),
		mouse:    bind("M", "mouse on, or off to select text", "M"),
		theme:    bind("T", "next theme", "T"),
		plain:    bind("L", "the page as plain text, to be selected", "L"),
		suspend:  bind("^z", "go to the background; fg comes back", "ctrl+z"),

		palette: bind(":", "commands by name; save and open searches", ":"),

		help: bind("? ^g F1", "the keys that work here", "?", "ctrl+g", "f1"),
		quit: bind("q", "quit; on another screen than the flows: back to them", "q"),
		kill: bind("^c", "quit from anywhere", "ctrl+c"),

		cols: newColumnKeys(),
		copy: newYankKeys(),
		line: newLineKeys(),
		list: newListKeys(),
	}
}

func newLineKeys() lineKeys {
	return lineKeys{
		apply:    bind("Enter", "apply the filter", "enter"),
		cancel:   bind("Esc", "keep the old filter", "esc"),
		complete: bind("Tab", "complete the word", "tab"),
		older:    bind("↑", "earlier filter", "up"),
		newer:    bind("↓", "later filter", "down"),
	}
}
