package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// Window lies over a screen and gets every key while it is open. The screen
// behind it stays visible and alive.
type Window interface {
	// Update handles a message: a key, a paste, or an update from the program. Updates
	// go to whatever window is open, so a window ignores those that it doesn't know. It
	// does no IO and does not wait.
	//
	// An answer that is not nil is the user's choice, or a [ClosedMsg]. The program
	// handles it before the next message, so that the next key finds it done, and
	// closes the window unless the answer is [StaysOpen].
	Update(msg tea.Msg) (answer tea.Msg)

	// Help returns the window's keys, under its name.
	Help() KeyGroup

	// View draws the window, border included, in at most w columns and h lines.
	View(th *Theme, w, h int) string
}

// ClosedMsg is the answer of a window that was closed without a choice.
type ClosedMsg struct{}

// StaysOpen is an answer after which the window stays open, to show the progress.
type StaysOpen interface{ StaysOpen() }

// TimePassedMsg tells a window that shows a time or a progress to draw itself again.
type TimePassedMsg struct{ Now time.Time }
