package tui

import (
	"fmt"
	"runtime/debug"

	tea "charm.land/bubbletea/v2"
)

// crashedMsg: a command panicked.
type crashedMsg struct{ err error }

// crash is what was recovered from a panic, with the stack it came from. A
// panic ends the screen like a quit does, so that the terminal is restored in
// order, and becomes Run's error. Bubble Tea's own recovery prints the stack
// and closes the input under its reader.
func crash(recovered any) error {
	return fmt.Errorf("panic: %v\n\n%s", recovered, debug.Stack())
}

// guarded runs a command and turns a panic into a message.
func guarded(cmd tea.Cmd) tea.Cmd {
	return func() (msg tea.Msg) {
		defer func() {
			if r := recover(); r != nil {
				msg = crashedMsg{crash(r)}
			}
		}()
		return cmd()
	}
}

// Update handles one message. It does no IO and does not wait.
func (m *model) Update(msg tea.Msg) (next tea.Model, cmd tea.Cmd) {
	defer func() {
		if r := recover(); r != nil {
			m.crashed = crash(r)
		}
		if m.crashed != nil {
			next, cmd = m, tea.Quit
		}
	}()
	return m, m.route(msg)
}

// View returns the screen. It is asked for after every message; what was drawn
// is kept until a message changes it.
func (m *model) View() tea.View {
	if m.dirty && m.crashed == nil {
		m.redraw()
	}
	v := tea.NewView(m.frame)
	v.AltScreen = true
	if !m.settings.NoMouse && !m.plain {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}

func (m *model) redraw() {
	defer func() {
		if r := recover(); r != nil {
			m.crashed = crash(r) // the next pulse quits
		}
	}()
	m.frame = m.draw()
	m.dirty = false
}
