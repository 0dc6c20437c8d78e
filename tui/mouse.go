package tui

import (
	tea "charm.land/bubbletea/v2"

	"weir/tui/ui"
)

// onMouse handles the mouse. Everything it does has a key as well.
func (m *model) onMouse(msg tea.MouseMsg) tea.Cmd {
	if m.tooSmall() || m.Settings.NoMouse || m.plain {
		return nil
	}
	at := msg.Mouse()
	switch msg.(type) {
	case tea.MouseWheelMsg:
		return m.onWheel(at)
	case tea.MouseClickMsg:
		m.Status, m.dragging = ui.Message{}, false
		if at.Button == tea.MouseLeft && m.onTop() == nil && !m.line.editing {
			return m.onClick(at.X, at.Y)
		}
	case tea.MouseMotionMsg:
		if m.dragging && at.Button == tea.MouseLeft && m.onTop() == nil {
			return m.inSight().Update(ui.DragMsg{X: at.X})
		}
	}
	return nil
}

// onWheel moves the cursor; windows get arrow keys instead.
func (m *model) onWheel(at tea.Mouse) tea.Cmd {
	rows, press := ui.WheelRows, tea.KeyPressMsg{Code: tea.KeyDown}
	switch at.Button {
	case tea.MouseWheelUp:
		rows, press = -ui.WheelRows, tea.KeyPressMsg{Code: tea.KeyUp}
	case tea.MouseWheelDown:
	default:
		return nil
	}
	switch {
	case m.onTop() != nil:
		return m.toFocus(press)
	case m.line.editing:
		return nil
	}
	return m.inSight().Update(ui.WheelMsg{Rows: rows})
}

// onClick edits the filter, or goes to the visible screen.
func (m *model) onClick(x, y int) tea.Cmd {
	if y == 1 {
		return m.openLine()
	}
	if row := y - m.bodyTop; row >= 0 && row < m.bodyLines {
		m.dragging = true
		return m.inSight().Update(ui.ClickMsg{X: x, Y: row})
	}
	return nil
}

// toggleMouse turns the mouse off, so that the terminal can select text, or on.
func (m *model) toggleMouse() tea.Cmd {
	s := m.Settings
	s.NoMouse = !s.NoMouse
	if s.NoMouse {
		m.Say(ui.Text, "mouse off: the terminal selects text")
	} else {
		m.Say(ui.Text, "mouse on: click selects, wheel moves, a click on a head sorts")
	}
	return m.Keep(s)
}
