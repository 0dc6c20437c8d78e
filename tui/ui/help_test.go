package ui

import (
	"slices"
	"testing"

	"charm.land/bubbles/v2/key"
	"github.com/charmbracelet/colorprofile"
)

func TestKeysAreShownWithWhatTheyDo(t *testing.T) {
	off := Bind("z", "nothing now", "z")
	off.SetEnabled(false)
	keys := []key.Binding{Bind("p", "pause", "p"), off, Bind("↓ j", "down", "down", "j")}
	th := NewTheme(Terminal{Profile: colorprofile.ANSI}, "")
	if got, want := KeyHints(th, keys), "p \x1b[2mpause\x1b[m  ↓ j \x1b[2mdown\x1b[m"; got != want {
		t.Errorf("on a line: %q, want %q", got, want)
	}
	if got := HintWidth("↓ j", "down"); got != 10 {
		t.Errorf("down takes %d columns with its gap, want 10", got)
	}
	if got, want := KeyTable(th, 6, keys), []string{" p     \x1b[2mpause\x1b[m", " ↓ j   \x1b[2mdown\x1b[m"}; !slices.Equal(got, want) {
		t.Errorf("as a table: %q, want %q", got, want)
	}
	if got := KeyTable(th, 6, []key.Binding{off}); got != nil {
		t.Errorf("a table of nothing: %q", got)
	}
}
