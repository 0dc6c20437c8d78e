package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// outcome is what a dialog says after each message.
type outcome uint8

const (
	stay     outcome = iota // keep it open
	canceled                // close it and change nothing
	accepted                // close it and take its result
)

// dialog sits over the table and gets every key while it is open. The table
// behind it stays visible and alive.
type dialog interface {
	// update handles one message. It does no IO and does not wait.
	update(msg tea.Msg) (tea.Cmd, outcome)

	// view draws the dialog, border included, in at most w columns and h lines.
	view(th *theme, w, h int) string
}

// dialogEnv is what a dialog may ask about the world: the time and where on
// earth the reader is. Tests hand in fixed ones.
type dialogEnv struct {
	now time.Time
	loc *time.Location // never nil
}
