package ui

import (
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
)

func TestEveryLookIsThatOfItsStyle(t *testing.T) {
	for _, th := range []*Theme{
		{}, NewTheme(Terminal{Profile: colorprofile.ASCII}, ""), NewTheme(Terminal{Profile: colorprofile.ANSI}, ""),
		NewTheme(Terminal{Profile: colorprofile.ANSI256, Background: LightBackground}, "ember"), NewTheme(Terminal{Profile: colorprofile.TrueColor}, "paper"),
	} {
		for r := range numRoles {
			if r == Cell && th.Style(r).GetUnderline() { // which lipgloss writes letter by letter
				continue
			}
			if got, want := th.Paint(r, "flow"), th.Style(r).Render("flow"); got != want {
				t.Errorf("role %d: %q, want %q", r, got, want)
			}
		}
	}
	th := new(Theme)
	th.Set(Cell, lipgloss.NewStyle().Bold(true).Underline(true).Reverse(true).Foreground(lipgloss.Red))
	if got := th.Paint(Cell, "flow"); got != "\x1b[1;4;7;31mflow\x1b[m" {
		t.Errorf("%q", got)
	}
}

func TestTheFirstThemeIsOfTheTerminalsOwnColours(t *testing.T) {
	for _, c := range []struct {
		name       string
		profile    colorprofile.Profile
		background Background
		want       [numRoles]string // SGR parameters
	}{
		{"no terminal", colorprofile.NoTTY, DarkBackground, [numRoles]string{}},
		{"NO_COLOR", colorprofile.ASCII, DarkBackground, [numRoles]string{Dim: "2", Accent: "1", Header: "1", Selected: "7", Bad: "1", Border: "2", Cell: "1;4;7"}},
		{"not told", colorprofile.ANSI, UnknownBackground, [numRoles]string{
			Dim: "2", Accent: "96", Header: "1", Selected: "7", Bad: "91", Warn: "93", Good: "92", Border: "2", Cell: "1;4;7",
		}},
		{"dark", colorprofile.ANSI256, DarkBackground, [numRoles]string{
			Dim: "2", Accent: "96", Header: "1", Selected: "7", Bad: "91", Warn: "93", Good: "92", Border: "2", Cell: "1;4;7",
		}},
		{"light", colorprofile.TrueColor, LightBackground, [numRoles]string{
			Dim: "2", Accent: "34", Header: "1", Selected: "7", Bad: "31", Warn: "35", Good: "34", Border: "2", Cell: "1;4;7",
		}},
	} {
		th := NewTheme(Terminal{Profile: c.profile, Background: c.background}, "")
		for r, params := range c.want {
			want := "x"
			if params != "" {
				want = "\x1b[" + params + "mx\x1b[m"
			}
			if got := th.Paint(Role(r), "x"); got != want {
				t.Errorf("%s, role %d: %q, want %q", c.name, r, got, want)
			}
		}
	}
}

func BenchmarkPaint(b *testing.B) {
	th := NewTheme(Terminal{Profile: colorprofile.ANSI}, "")
	b.Run("theme", func(b *testing.B) {
		b.ReportAllocs()
		p := Pen{Theme: th}
		for b.Loop() {
			p.Buf = p.Buf[:0]
			p.Put(Accent, "51422")
		}
	})
	b.Run("style", func(b *testing.B) {
		b.ReportAllocs()
		s := th.Style(Accent)
		for b.Loop() {
			_ = s.Render("51422")
		}
	})
}
