package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weir/tui/column"
	"weir/tui/ui"
)

// Settings is what the reader has chosen on the screen and expects to find
// again the next time. Names that this version doesn't know are ignored.
type Settings struct {
	Columns  []ColumnSetting // shown columns in their order; empty: what fits the window
	Theme    string          // empty: the terminal's own 16 colours
	NoMouse  bool            // the mouse is the terminal's
	Names    bool            // host names instead of addresses
	Services bool            // names of services instead of port numbers
}

// ColumnSetting is one column of the table.
type ColumnSetting struct {
	Name  string // such as "start" or "dport"
	Width int    // columns of the screen; 0: as needed
}

// CheckColumn says whether there is a column of that name which can be that
// wide; 0 is as wide as needed.
func CheckColumn(name string, width int) error {
	var all []string
	for _, c := range column.All {
		switch {
		case c.Name == name && c.InBounds(width) == width:
			return nil
		case c.Name == name:
			return fmt.Errorf("column %q can't be %d wide: expected %d to %d, or 0 for as wide as needed", name, width, column.Least, c.Max)
		}
		all = append(all, c.Name)
	}
	return fmt.Errorf("unknown column %q; there are %s", name, strings.Join(all, ", "))
}

// settingsSavedMsg: the settings were written, or not.
type settingsSavedMsg struct{ err error }

// apply takes the settings over.
func (m *model) apply(s Settings) {
	m.settings = s
	m.table.style.Services = s.Services
	m.table.style.Names = nil
	if s.Names {
		m.table.style.Names = m.names.known
	}
	m.retheme()
	m.table.chosen = m.table.chosen[:0]
	for _, set := range s.Columns {
		c := slices.IndexFunc(column.All[:], func(i column.Info) bool { return i.Name == set.Name })
		twice := slices.ContainsFunc(m.table.chosen, func(old column.Chosen) bool { return old.Column == column.Column(c) })
		if c >= 0 && !twice {
			m.table.chosen = append(m.table.chosen, column.Chosen{Column: column.Column(c), Width: column.All[c].InBounds(set.Width)})
		}
	}
	m.table.reorder(m.width)
}

// keepColumns shows columns in their order; none: what fits the window.
func (m *model) keepColumns(chosen []column.Chosen) tea.Cmd {
	s := m.settings
	s.Columns = nil
	for _, c := range chosen {
		s.Columns = append(s.Columns, ColumnSetting{column.All[c.Column].Name, c.Width})
	}
	return m.keep(s)
}

// keep takes the settings over and has them written.
func (m *model) keep(s Settings) tea.Cmd {
	m.apply(s)
	save := m.cfg.Save
	if save == nil {
		return nil
	}
	return guarded(func() tea.Msg { return settingsSavedMsg{save(s)} })
}

func (m *model) onSaved(msg settingsSavedMsg) {
	if msg.err != nil {
		m.say(ui.Bad, "this is not remembered: "+ui.OneLine(msg.err))
	}
}

// CheckTheme says whether there is a theme of that name. Empty is the first one.
func CheckTheme(name string) error {
	if names := ui.ThemeNames(); name != "" && !slices.Contains(names, name) {
		return fmt.Errorf("unknown theme %q; there are %s", name, strings.Join(names, ", "))
	}
	return nil
}
