package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"weir/tui/ui"
)

// openHelp explains the keys of what is on top: a window, the filter line, or
// the present place.
func (m *model) openHelp() tea.Cmd {
	switch {
	case m.window != nil:
		m.help = newHelpDialog([]ui.KeyGroup{m.window.Help()}, false)
	case m.line.editing:
		m.help = newHelpDialog([]ui.KeyGroup{m.keys.line.help()}, false)
	default:
		m.help = newHelpDialog(m.keys.groupsAt(m.place), m.place == atFlows)
	}
	m.box.of = nil
	return nil
}

// asksHelp reports whether the key opens the help over a window or the filter
// line: one that types nothing, so that it can't be missed in a text.
func (m *model) asksHelp(msg tea.Msg) bool {
	press, ok := msg.(tea.KeyPressMsg)
	return ok && m.help == nil && press.Text == "" && key.Matches(press, m.keys.help)
}

// helpHint is the first of the help's keys that works over a window, as it is shown.
func (m *model) helpHint() string {
	for _, name := range m.keys.help.Keys() {
		if len([]rune(name)) > 1 {
			return shownKeys([]string{name})
		}
	}
	return ""
}
