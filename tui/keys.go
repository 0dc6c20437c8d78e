package tui

import (
	"charm.land/bubbles/v2/key"

	"weir/tui/ui"
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
	list ui.ListKeys
}

// lineKeys work while the filter line is edited, besides those of editing.
type lineKeys struct{ apply, cancel, complete, older, newer key.Binding }

func newKeyMap() keyMap {
	return keyMap{
		up:       ui.Bind("k ↑", "one flow up", "k", "up"),
		down:     ui.Bind("j ↓", "one flow down; leaves live", "j", "down"),
		pageUp:   ui.Bind("PgUp", "one page up", "pgup"),
		pageDown: ui.Bind("PgDn", "one page down; scrolls on into history", "pgdown"),
		halfUp:   ui.Bind("^u", "half a page up", "ctrl+u"),
		halfDown: ui.Bind("^d", "half a page down", "ctrl+d"),
		top:      ui.Bind("g Home", "first flow; back to live", "g", "home"),
		bottom:   ui.Bind("G", "last flow that is loaded", "G"),
		left:     ui.Bind("h ←", "column, grouping or time to the left", "h", "left"),
		right:    ui.Bind("l →", "column, grouping or time to the right", "l", "right"),
		first:    ui.Bind("0", "first column", "0"),
		last:     ui.Bind("$", "last column", "$"),

		pause:        ui.Bind("p", "pause the view, and go on; capture goes on anyway", "p"),
		follow:       ui.Bind("F End", "back to live from anywhere", "F", "end"),
		details:      ui.Bind("Enter", "details of the flow; flows of the talker or of the span of time", "enter"),
		closeTop:     ui.Bind("Esc", "close what is open on top", "esc"),
		export:       ui.Bind("e", "export the view to a CSV file", "e"),
		flags:        ui.Bind("t", "decode TCP flags", "t"),
		sort:         ui.Bind("s", "sort by the column; again: as loaded", "s"),
		reverse:      ui.Bind("S", "sort the other way round", "S"),
		columns:      ui.Bind("c", "columns: which, in which order, how wide", "c"),
		conversation: ui.Bind("x", "follow the conversation across nodes and NAT", "x"),
		mark:         ui.Bind("Space", "mark the flow, and go to the next; in the timeline: begin a span", "space"),
		yank:         ui.Bind("y", "copy the flow, a part of it, or the command for the view", "y"),

		filter:  ui.Bind("/", "edit the filter", "/"),
		search:  ui.Bind("f", "advanced search", "f"),
		include: ui.Bind("=", "only flows with this cell's value, or of this talker", "="),
		exclude: ui.Bind("!", "only flows without it", "!"),
		drop:    ui.Bind("Backspace", "drop the last term of the filter", "backspace"),
		span:    ui.Bind("r", "time range", "r"),
		order:   ui.Bind("o", "newest or oldest first", "o"),
		nodes:   ui.Bind("n", "nodes and groups of nodes", "n"),

		nodesBack: ui.Bind("N", "the nodes that were shown before", "N"),

		flowsScreen:    ui.Bind("1", "flows", "1"),
		talkersScreen:  ui.Bind("2", "talkers: sums by source, destination, pair, port or node", "2"),
		timelineScreen: ui.Bind("3", "timeline: flows and bytes over the range", "3"),
		healthScreen:   ui.Bind("4", "health: what was counted, skipped and lost", "4"),
		aggregate:      ui.Bind("a", "add up by the column; again: by something else", "a"),

		exportAs: ui.Bind("E", "export: format, columns, path, all that match", "E"),

		names:    ui.Bind("d", "names of hosts, or addresses", "d"),
		services: ui.Bind("P", "names of services, or port numbers", "P"),
		mouse:    ui.Bind("M", "mouse on, or off to select text", "M"),
		theme:    ui.Bind("T", "next theme", "T"),
		plain:    ui.Bind("L", "the page as plain text, to be selected", "L"),
		suspend:  ui.Bind("^z", "go to the background; fg comes back", "ctrl+z"),

		palette: ui.Bind(":", "commands by name; save and open searches", ":"),

		help: ui.Bind("? ^g F1", "the keys that work here", "?", "ctrl+g", "f1"),
		quit: ui.Bind("q", "quit; on another screen than the flows: back to them", "q"),
		kill: ui.Bind("^c", "quit from anywhere", "ctrl+c"),

		line: newLineKeys(),
		list: ui.NewListKeys(),
	}
}

func newLineKeys() lineKeys {
	return lineKeys{
		apply:    ui.Bind("Enter", "apply the filter", "enter"),
		cancel:   ui.Bind("Esc", "keep the old filter", "esc"),
		complete: ui.Bind("Tab", "complete the word", "tab"),
		older:    ui.Bind("↑", "earlier filter", "up"),
		newer:    ui.Bind("↓", "later filter", "down"),
	}
}
