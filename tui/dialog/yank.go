package dialog

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"weir/tui/ui"
)

// Yank asks what to copy.
type Yank struct {
	keys yankKeys
	n    int    // number of flows to copy
	cell string // name of the selected column
}

// YankPart is what to copy.
type YankPart uint8

// The parts of a flow.
const (
	YankRow YankPart = iota
	YankCell
	YankSource
	YankDest
	YankJSON
	YankCommand
)

// YankChosenMsg asks to copy this part.
type YankChosenMsg struct{ Part YankPart }

// NewYank asks for a part of n flows; cell is the name of the selected column.
func NewYank(n int, cell string) *Yank {
	return &Yank{keys: newYankKeys(), n: n, cell: cell}
}

// yankKeys are the keys of the window.
type yankKeys struct{ row, cell, source, dest, json, command, cancel key.Binding }

func newYankKeys() yankKeys {
	return yankKeys{
		row:     ui.Bind("y", "row, tab-separated", "y"),
		cell:    ui.Bind("c", "cell", "c"),
		source:  ui.Bind("s", "source", "s"),
		dest:    ui.Bind("d", "destination", "d"),
		json:    ui.Bind("j", "JSON", "j"),
		command: ui.Bind("q", "command that prints this view", "q"),
		cancel:  ui.Bind("Esc", "cancel", "esc"),
	}
}

// choices returns the keys in the order of [YankPart].
func (k *yankKeys) choices() []key.Binding {
	return []key.Binding{YankRow: k.row, YankCell: k.cell, YankSource: k.source, YankDest: k.dest, YankJSON: k.json, YankCommand: k.command}
}

// Update implements [ui.Window].
func (d *Yank) Update(msg tea.Msg) tea.Msg {
	for what, binding := range d.keys.choices() {
		if ui.Means(msg, binding) {
			return YankChosenMsg{YankPart(what)}
		}
	}
	if ui.Means(msg, d.keys.cancel) {
		return ui.ClosedMsg{}
	}
	return nil
}

// View implements [ui.Window].
func (d *Yank) View(th *ui.Theme, w, h int) string {
	const width = 46
	var lines []string
	for what, binding := range d.keys.choices() {
		does := binding.Help().Desc
		switch {
		case YankPart(what) == YankCell:
			does += ": " + d.cell
		case d.n > 1 && YankPart(what) != YankCommand:
			does += ", of " + ui.Count(d.n) + " marked flows"
		}
		lines = append(lines, th.Paint(ui.Accent, binding.Help().Key)+"  "+does)
	}
	lines = append(lines, "", th.Paint(ui.Dim, "Esc cancel"))
	return ui.Box(th, "Copy", lines, min(width, w), h)
}

// Help implements [ui.Window].
func (d *Yank) Help() ui.KeyGroup {
	return ui.KeyGroup{Title: "Copy", Keys: append(d.keys.choices(), d.keys.cancel)}
}
