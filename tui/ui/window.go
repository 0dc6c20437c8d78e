package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// Window lies over a screen and gets every key while it is open. The screen
// behind it stays visible and alive.
type Window interface {
	// Update handles one message: a key, a paste, or news that the program
	// tells the open window. News reach whatever window is open, so a window
	// ignores those that it doesn't know. It does no IO and does not wait.
	//
	// An answer that is not nil is what the reader chose, or a [ClosedMsg]. The
	// program takes it before the next message, so that a key typed right after
	// it finds it done, and closes the window unless the answer is [StaysOpen].
	Update(msg tea.Msg) (answer tea.Msg)

	// Help is the window's keys, under its name.
	Help() KeyGroup

	// View draws the window, border included, in at most w columns and h lines.
	View(th *Theme, w, h int) string
}

// ClosedMsg is the answer of a window that was closed without a choice.
type ClosedMsg struct{}

// StaysOpen is an answer after which the window stays open, to show what becomes of it.
type StaysOpen interface{ StaysOpen() }

// TimePassedMsg tells a window that shows the time, or how far something is, that it has to be drawn again.
type TimePassedMsg struct{ Now time.Time }
