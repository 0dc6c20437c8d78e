package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"weir/tui/keys"
	"weir/tui/ui"
)

// screen is the middle of the terminal: flows, talkers, timeline or health. All of them
// share header, filter line and footer.
type screen interface {
	// SetSize sets the size of the next frames in terminal columns and lines.
	SetSize(w, h int)

	// Refresh is called when the screen becomes visible, and when the query changes
	// while it is: it requests what it shows. Hide is called when another screen
	// becomes visible.
	Refresh() tea.Cmd
	Hide()

	// Update handles commands (keys.Command), the mouse in coordinates of the screen
	// (ui.ClickMsg, ui.DragMsg, ui.WheelMsg), ticks, and replies of the store.
	Update(msg tea.Msg) tea.Cmd

	// Draw writes exactly as many lines as SetSize set, the last one without a newline.
	Draw(p *ui.Pen)

	// Keys returns what commands do here, for help and footer.
	Keys() keys.Help

	// Amount returns how much is shown; empty: the footer shows the number of flows.
	Amount() string
}

// shownScreen is a screen with the command that shows it.
type shownScreen struct {
	command keys.Command
	screen
}

// at returns the screen of a command that shows one.
func (m *model) at(c keys.Command) screen {
	i := slices.IndexFunc(m.screens[:], func(s shownScreen) bool { return s.command == c })
	return m.screens[i].screen
}

// inSight returns the visible screen.
func (m *model) inSight() screen { return m.at(m.active) }
