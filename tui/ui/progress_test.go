package ui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

func TestABarShowsHowMuchIsDone(t *testing.T) {
	for _, c := range []struct {
		th      *Theme
		percent int
		w       int
		want    string
	}{
		{&Theme{ASCII: true}, 0, 10, "----------"},
		{&Theme{ASCII: true}, 43, 10, "====------"},
		{&Theme{ASCII: true}, 100, 10, "=========="},
		{&Theme{ASCII: true}, 120, 10, "=========="},
		{&Theme{ASCII: true}, -5, 10, "----------"},
		{&Theme{ASCII: true}, 50, 0, ""},
		{&Theme{ASCII: true}, 50, -1, ""},
		{&Theme{}, 50, 4, "━━──"},
		{NewTheme(Terminal{Profile: colorprofile.ASCII}, ""), 50, 4, "━━──"},
		{NewTheme(Terminal{Profile: colorprofile.ANSI}, ""), 50, 4, "\x1b[96m━━\x1b[m──"},
		{NewTheme(Terminal{Profile: colorprofile.ANSI256}, "dusk"), 50, 4, "\x1b[38;5;111m━━\x1b[m\x1b[38;5;247m──\x1b[m"},
	} {
		if got := Progress(c.th, c.percent, c.w); strings.TrimSpace(got) != c.want {
			t.Errorf("%d %% of %d columns: %q, want %q", c.percent, c.w, got, c.want)
		}
	}
}
