package tui

import (
	"fmt"
	"slices"
	"strings"

	"weir/tui/column"
	"weir/tui/ui"
)

// CheckTheme returns an error unless there is a theme of that name. Empty is the default.
func CheckTheme(name string) error {
	if names := ui.ThemeNames(); name != "" && !slices.Contains(names, name) {
		return fmt.Errorf("unknown theme %q: expected %s", name, strings.Join(names, ", "))
	}
	return nil
}

// CheckColumn returns an error unless there is a column of that name which can have
// that width in terminal columns; 0 is automatic.
func CheckColumn(name string, width int) error {
	var all []string
	for _, c := range column.All {
		switch {
		case c.Name == name && c.InBounds(width) == width:
			return nil
		case c.Name == name:
			return fmt.Errorf("invalid width of column %q: %d, expected %d to %d, or 0 for automatic", name, width, column.Least, c.Max)
		}
		all = append(all, c.Name)
	}
	return fmt.Errorf("unknown column %q: expected %s", name, strings.Join(all, ", "))
}
