package session

import (
	"fmt"
	"runtime/debug"

	tea "charm.land/bubbletea/v2"
)

// CrashedMsg: a command panicked.
type CrashedMsg struct{ Err error }

// Crash is what was recovered from a panic, with the stack it came from. A
// panic ends the screen like a quit does, so that the terminal is restored in
// order, and becomes Run's error. Bubble Tea's own recovery prints the stack
// and closes the input under its reader.
func Crash(recovered any) error {
	return fmt.Errorf("panic: %v\n\n%s", recovered, debug.Stack())
}

// Guarded runs a command and turns a panic into a message.
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
