package ui

import (
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
)

// coloured are the roles that a palette has colours for.
var coloured = []Role{Accent, Bad, Warn, Good, Dim}

// luminance is WCAG 2's relative luminance.
func luminance(c color.Color) float64 {
	part := func(c16 uint32) float64 {
		v := float64(c16>>8) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	r, g, b, _ := c.RGBA()
	return 0.2126*part(r) + 0.7152*part(g) + 0.0722*part(b)
}

func TestThemesCanBeReadInTrueColourAndIn256(t *testing.T) {
	for _, profile := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256} {
		for _, p := range palettes {
			backgrounds := []string{"#000000", "#1e1e1e", "#282c34"}
			if !p.dark {
				backgrounds = []string{"#ffffff", "#fdf6e3", "#f5f5f5"}
			}
			th := NewTheme(Terminal{Profile: profile}, p.name)
			for _, r := range append(coloured, Border) {
				for _, bg := range backgrounds {
					a, b := luminance(th.Style(r).GetForeground()), luminance(lipgloss.Color(bg))
					if ratio := (max(a, b) + 0.05) / (min(a, b) + 0.05); ratio < 4.5 {
						t.Errorf("%s in %s, role %d on %s: contrast %.2f", p.name, profile, r, bg, ratio)
					}
				}
			}
		}
	}
}

// The colours of the 16 that are readable in the palettes of common terminals: on a
// dark background all bright ones but blue and grey, on a light one these three.
var (
	readableOnDark  = []color.Color{lipgloss.BrightRed, lipgloss.BrightGreen, lipgloss.BrightYellow, lipgloss.BrightMagenta, lipgloss.BrightCyan}
	readableOnLight = []color.Color{lipgloss.Red, lipgloss.Blue, lipgloss.Magenta}
)

func TestThemesOf16ColoursTakeThoseThatCanBeRead(t *testing.T) {
	for _, p := range palettes {
		readable := readableOnLight
		if p.dark {
			readable = readableOnDark
		}
		th := NewTheme(Terminal{Profile: colorprofile.ANSI}, p.name)
		for _, r := range []Role{Accent, Bad, Warn, Good} {
			if c := th.Style(r).GetForeground(); !slices.Contains(readable, c) {
				t.Errorf("%s, role %d: %v", p.name, r, c)
			}
		}
	}
}

func TestRolesOfAThemeStayApart(t *testing.T) {
	for _, profile := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256, colorprofile.ANSI} {
		for _, name := range append(ThemeNames(), "") {
			th := NewTheme(Terminal{Profile: profile}, name)
			for i, a := range coloured {
				for _, b := range coloured[:i] {
					few := a == Good && b == Accent && profile == colorprofile.ANSI // three colours for four roles
					if th.sgr[a] == th.sgr[b] && !few {
						t.Errorf("%q in %s: roles %d and %d are both %q", name, profile, a, b, th.sgr[a])
					}
				}
			}
		}
	}
}

func TestThemesReachEveryTerminalWithColours(t *testing.T) {
	for _, c := range []struct {
		theme   string
		profile colorprofile.Profile
		want    [5]string // SGR parameters of accent, bad, warn, good, dim
	}{
		{"dusk", colorprofile.TrueColor, [5]string{"38;2;138;180;248", "38;2;255;138;128", "38;2;242;201;76", "38;2;129;201;149", "38;2;154;160;166"}},
		{"dusk", colorprofile.ANSI256, [5]string{"38;5;111", "38;5;210", "38;5;221", "38;5;114", "38;5;247"}},
		{"dusk", colorprofile.ANSI, [5]string{"96", "91", "93", "92", "2"}},
		{"dusk", colorprofile.ASCII, [5]string{"1", "1", "", "", "2"}},
		{"dusk", colorprofile.NoTTY, [5]string{}},
		{"river", colorprofile.ANSI256, [5]string{"38;5;80", "38;5;210", "38;5;222", "38;5;115", "38;5;109"}},
		{"ember", colorprofile.ANSI256, [5]string{"38;5;215", "38;5;210", "38;5;222", "38;5;151", "38;5;247"}},
		{"ember", colorprofile.ANSI, [5]string{"95", "91", "93", "92", "2"}},
		{"paper", colorprofile.TrueColor, [5]string{"38;2;26;86;196", "38;2;179;38;30", "38;2;138;75;0", "38;2;26;110;46", "38;2;95;99;104"}},
		{"paper", colorprofile.ANSI256, [5]string{"38;5;26", "38;5;124", "38;5;94", "38;5;22", "38;5;241"}},
		{"paper", colorprofile.ANSI, [5]string{"34", "31", "35", "34", "2"}},
		{"chalk", colorprofile.ANSI256, [5]string{"38;5;24", "38;5;124", "38;5;94", "38;5;22", "38;5;240"}},
		{"nosuch", colorprofile.TrueColor, [5]string{"96", "91", "93", "92", "2"}},
	} {
		th := NewTheme(Terminal{Profile: c.profile}, c.theme)
		for i, params := range c.want {
			want := ""
			if params != "" {
				want = "\x1b[" + params + "m"
			}
			if got := th.sgr[coloured[i]]; got != want {
				t.Errorf("%s in %s, role %d: %q, want %q", c.theme, c.profile, coloured[i], got, want)
			}
		}
		if th.sgr[Border] != th.sgr[Dim] {
			t.Errorf("%s in %s: borders are %q", c.theme, c.profile, th.sgr[Border])
		}
	}
}

func TestTheNextThemeIsOneThatMakesADifference(t *testing.T) {
	const notDark, notLight = "paper, chalk need a light background", "dusk, river, ember need a dark background"
	for _, c := range []struct {
		term   Terminal
		names  string // in the order of the key, from the first theme back to it
		passed string // what is said on the way, one after the other
	}{
		{Terminal{Profile: colorprofile.TrueColor}, "dusk river ember paper chalk -", ""},
		{Terminal{Profile: colorprofile.ANSI256}, "dusk river ember paper chalk -", ""},
		{Terminal{Profile: colorprofile.TrueColor, Background: DarkBackground}, "dusk river ember -", notDark},
		{Terminal{Profile: colorprofile.ANSI256, Background: LightBackground}, "paper chalk -", notLight},
		{Terminal{Profile: colorprofile.ANSI}, "ember paper -", "dusk, river look the same here|chalk looks the same here"},
		{Terminal{Profile: colorprofile.ANSI, Background: DarkBackground}, "ember -", "dusk, river look the same here|" + notDark},
		{Terminal{Profile: colorprofile.ANSI, Background: LightBackground}, "-", "paper, chalk look the same here; " + notLight},
	} {
		var names, passed []string
		for at, i := "", 0; i == 0 || at != "" && i < 10; i++ {
			next, why := NextTheme(c.term, at)
			if why != "" {
				passed = append(passed, why)
			}
			names, at = append(names, next), next
		}
		names[len(names)-1] += "-"
		if got := strings.Join(names, " "); got != c.names {
			t.Errorf("%v: %s, want %s", c.term, got, c.names)
		}
		if got := strings.Join(passed, "|"); got != c.passed {
			t.Errorf("%v: it says %q, want %q", c.term, got, c.passed)
		}
	}
}
