package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"weir/tui/ui"
)

// yankDialog asks what to copy.
type yankDialog struct {
	keys yankKeys
	n    int    // flows that rows are copied of
	cell string // the selected column in words
}

// yankPart is what can be copied.
type yankPart uint8

const (
	yankRow yankPart = iota
	yankCell
	yankSource
	yankDest
	yankJSON
	yankCommand
)

// yankChosenMsg: this part is to be copied.
type yankChosenMsg struct{ Part yankPart }

// newYankDialog asks for a part of n flows; cell is the selected column in words.
func newYankDialog(n int, cell string) *yankDialog {
	return &yankDialog{keys: newYankKeys(), n: n, cell: cell}
}

// yankKeys work in the yank dialog.
type yankKeys struct{ row, cell, source, dest, json, command, cancel key.Binding }

func newYankKeys() yankKeys {
	return yankKeys{
		row:     ui.Bind("y", "row, its columns separated by tabs", "y"),
		cell:    ui.Bind("c", "cell", "c"),
		source:  ui.Bind("s", "source", "s"),
		dest:    ui.Bind("d", "destination", "d"),
		json:    ui.Bind("j", "JSON", "j"),
		command: ui.Bind("q", "command that prints this view", "q"),
		cancel:  ui.Bind("Esc", "nothing", "esc"),
	}
}

// choices pairs the keys with what they copy.
func (k *yankKeys) choices() []key.Binding {
	return []key.Binding{yankRow: k.row, yankCell: k.cell, yankSource: k.source, yankDest: k.dest, yankJSON: k.json, yankCommand: k.command}
}

func (d *yankDialog) Update(msg tea.Msg) tea.Msg {
	for what, binding := range d.keys.choices() {
		if ui.Means(msg, binding) {
			return yankChosenMsg{yankPart(what)}
		}
	}
	if ui.Means(msg, d.keys.cancel) {
		return ui.ClosedMsg{}
	}
	return nil
}

func (d *yankDialog) View(th *ui.Theme, w, h int) string {
	const width = 46
	var lines []string
	for what, binding := range d.keys.choices() {
		does := binding.Help().Desc
		switch {
		case yankPart(what) == yankCell:
			does += ": " + d.cell
		case d.n > 1 && yankPart(what) != yankCommand:
			does += ", of " + ui.Count(d.n) + " marked flows"
		}
		lines = append(lines, th.Paint(ui.Accent, binding.Help().Key)+"  "+does)
	}
	lines = append(lines, "", th.Paint(ui.Dim, "Esc copies nothing"))
	return ui.Box(th, "Copy", lines, min(width, w), h)
}

func (d *yankDialog) Help() ui.KeyGroup {
	return ui.KeyGroup{Title: "Copy", Keys: append(d.keys.choices(), d.keys.cancel)}
}
