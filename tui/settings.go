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

// keepColumns shows columns in their order; none: what fits the window.
func (s *session) keepColumns(chosen []column.Chosen) tea.Cmd {
	set := s.settings
	set.Columns = nil
	for _, c := range chosen {
		set.Columns = append(set.Columns, ColumnSetting{column.All[c.Column].Name, c.Width})
	}
	return s.keep(set)
}

// keep takes the settings over and has them written.
func (s *session) keep(chosen Settings) tea.Cmd {
	s.settings = chosen
	for _, fn := range s.settingWatchers {
		fn()
	}
	save := s.cfg.Save
	if save == nil {
		return nil
	}
	return guarded(func() tea.Msg { return settingsSavedMsg{save(chosen)} })
}

func (s *session) onSaved(msg settingsSavedMsg) {
	if msg.err != nil {
		s.say(ui.Bad, "this is not remembered: "+ui.OneLine(msg.err))
	}
}

// CheckTheme says whether there is a theme of that name. Empty is the first one.
func CheckTheme(name string) error {
	if names := ui.ThemeNames(); name != "" && !slices.Contains(names, name) {
		return fmt.Errorf("unknown theme %q; there are %s", name, strings.Join(names, ", "))
	}
	return nil
}
