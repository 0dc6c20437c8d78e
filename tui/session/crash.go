package session

import (
	"fmt"
	"runtime/debug"

	tea "charm.land/bubbletea/v2"
)

// CrashedMsg reports that a command panicked.
type CrashedMsg struct{ Err error }

// Crash returns a recovered panic as an error with its stack. A panic ends the
// screen the way quitting does, so that the terminal is restored, and becomes
// the error of Run. Bubble Tea's own recovery prints the stack and closes the
// input while it is being read.
func Crash(recovered any) error {
	return fmt.Errorf("panic: %v\n\n%s", recovered, debug.Stack())
}

// Guarded returns cmd with a panic turned into a [CrashedMsg].
func Guarded(cmd tea.Cmd) tea.Cmd {
	return func() (msg tea.Msg) {
		defer func() {
			if r := recover(); r != nil {
				msg = CrashedMsg{Crash(r)}
			}
		}()
		return cmd()
	}
}
