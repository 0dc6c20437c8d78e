package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"weir/tui/keys"
	"weir/tui/ui"
)

// screen is what the middle of the terminal shows: flows, talkers, timeline or
// health. Header, filter line and footer are the same for all of them.
type screen interface {
	// SetSize says how many columns and lines the next frames have.
	SetSize(w, h int)

	// Refresh is called when the screen comes into sight, and while it is in
	// sight when the query has changed: it asks for what it shows. Hide is called
	// when another screen takes its place.
	Refresh() tea.Cmd
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

// shownScreen is a screen with the command that shows it.
type shownScreen struct {
	command keys.Command
	screen
}

// at returns the screen that a command shows, which there must be.
func (m *model) at(c keys.Command) screen {
	i := slices.IndexFunc(m.screens[:], func(s shownScreen) bool { return s.command == c })
	return m.screens[i].screen
}

// inSight returns the screen that the reader sees.
func (m *model) inSight() screen { return m.at(m.active) }
