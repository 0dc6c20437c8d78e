package tui

import (
	tea "charm.land/bubbletea/v2"

	"weir/tui/keys"
	"weir/tui/ui"
)

// rootCommands are the commands of the root. All others go to the visible screen.
func rootCommands() map[keys.Command]func(*model) tea.Cmd {
	return map[keys.Command]func(*model) tea.Cmd{
		keys.Flows:     show(keys.Flows),
		keys.Talkers:   show(keys.Talkers),
		keys.Timeline:  show(keys.Timeline),
		keys.Health:    show(keys.Health),
		keys.Aggregate: (*model).aggregate,

		keys.Conversation: (*model).followConversation,
		keys.Flags:        (*model).openFlags,
		keys.Export:       func(m *model) tea.Cmd { return m.exports.Export() },
		keys.ExportAs:     (*model).openExport,
		keys.Yank:         (*model).openYank,
		keys.Columns:      (*model).openColumns,

		keys.Names:    func(m *model) tea.Cmd { return m.flows.ToggleNames() },
		keys.Services: func(m *model) tea.Cmd { return m.flows.ToggleServices() },
		keys.Theme:    (*model).nextTheme,
		keys.Mouse:    (*model).toggleMouse,
		keys.Plain:    (*model).openPlain,

		keys.Filter:    (*model).openLine,
		keys.Search:    (*model).openSearch,
		keys.Drop:      func(m *model) tea.Cmd { return m.DropTerm() },
		keys.Range:     (*model).openRange,
		keys.Order:     func(m *model) tea.Cmd { return m.ToggleOrder() },
		keys.Nodes:     (*model).openNodes,
		keys.NodesBack: (*model).backToNodes,

		keys.Palette: (*model).openPalette,
		keys.Close:   (*model).closeTop,
		keys.ShowKey: (*model).openHelp,
		keys.Suspend: func(*model) tea.Cmd { return tea.Suspend },
		keys.Quit:    (*model).back,
		keys.Kill:    func(m *model) tea.Cmd { return m.exports.Quit() },
	}
}

// do runs a command.
func (m *model) do(c keys.Command) tea.Cmd {
	if c.AboutFlows() && m.active != keys.Flows {
		m.Say(ui.Text, "only in the flow list (press "+m.Key(keys.Flows)+")")
		return nil
	}
	if c.AboutRows() && m.active != keys.Flows && m.active != keys.Talkers {
		m.Say(ui.Text, "only in the flow list (press "+m.Key(keys.Flows)+") and the talkers (press "+m.Key(keys.Talkers)+")")
		return nil
	}
	if run, ok := m.commands[c]; ok {
		return run(m)
	}
	return m.inSight().Update(c)
}

// show returns the command that shows a screen.
func show(c keys.Command) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		if _, ok := m.Cfg.Store.(Aggregator); !ok && (c == keys.Talkers || c == keys.Timeline) {
			m.Say(ui.Text, "this store does not support sums")
			return nil
		}
		m.inSight().Hide()
		m.active = c
		return m.at(c).Refresh()
	}
}

// aggregate shows the sums by the selected column; on that screen, the next grouping.
func (m *model) aggregate() tea.Cmd {
	if m.active == keys.Talkers {
		return m.talkers.Update(keys.Aggregate)
	}
	if _, ok := m.Cfg.Store.(Aggregator); ok {
		m.talkers.ByColumn(m.flows.Table.Col)
	}
	return m.do(keys.Talkers)
}

// back shows the flows, and quits from there.
func (m *model) back() tea.Cmd {
	if m.active == keys.Flows {
		return m.exports.Quit()
	}
	return m.do(keys.Flows)
}

// closeTop closes the topmost layer of the visible screen.
func (m *model) closeTop() tea.Cmd {
	if m.NodesWanted {
		m.NodesWanted = false
		return nil
	}
	return m.inSight().Update(keys.Close)
}

// backToNodes restores the previous set of nodes.
func (m *model) backToNodes() tea.Cmd {
	if m.NodesBefore == nil {
		m.Say(ui.Text, "no previous set of nodes yet; "+m.Key(keys.Nodes)+" selects nodes")
		return nil
	}
	return m.NodesBack()
}

// openPlain shows the visible flows as plain text, for the selection of the terminal:
// no colours, no frame, no mouse, no updates.
func (m *model) openPlain() tea.Cmd {
	m.flows.LeaveLive()
	m.plain = true
	return nil
}

// helpHint returns the first help key that works over a window, as shown.
func (m *model) helpHint() string {
	for _, name := range m.keys.Of(keys.ShowKey).Keys() {
		if len([]rune(name)) > 1 {
			return keys.Shown(name)
		}
	}
	return ""
}

// KeyTable returns the keys as a Markdown table, for the README.
func KeyTable() string { return keys.New().Table() }

// Commands returns the names of all commands, for key bindings.
func Commands() []string { return keys.New().Commands() }

// KeyError is an invalid key binding.
type KeyError = keys.Error

// CheckKeys validates key bindings by the names of commands. The error joins a
// [KeyError] for each invalid one.
func CheckKeys(own map[string][]string) error { return keys.New().Rebind(own) }
