package tui

import (
	tea "charm.land/bubbletea/v2"

	"weir/tui/keys"
	"weir/tui/ui"
)

// screen is what the middle of the terminal shows: flows, talkers, timeline or
// health. Header, filter line and footer are the same for all of them.
type screen interface {
	// SetSize says how many columns and lines the next frames have.
	SetSize(w, h int)

	// Show is called when the screen comes into sight, and while it is in sight
	// when the query has changed. Hide is called when another one takes its place.
	Show() tea.Cmd
	Hide()

	// Update takes a command of the reader's (keys.Command), the mouse in
	// coordinates of the screen (ui.ClickMsg, ui.DragMsg, ui.WheelMsg), time that
	// passed, and answers of the store.
	Update(msg tea.Msg) tea.Cmd

	// Draw writes exactly as many lines as SetSize said, the last one without its end.
	Draw(p *ui.Pen)

	// Keys is what commands do here; help and footer are made of it.
	Keys() keys.Help

	// Amount says how much is shown; empty: as much as there are flows.
	Amount() string
}
