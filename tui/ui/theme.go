package ui

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
)

// Role says what a piece of text is, never what it looks like.
type Role uint8

// The roles.
const (
	Text     Role = iota // plain
	Dim                  // less important: units, separators, hints
	Accent               // the one accent: titles, active choices, live mark
	Header               // column heads
	Selected             // the selected row or choice
	Bad                  // refused, reset, unreachable, errors
	Warn                 // unanswered, losses, paused
	Good                 // valid, done
	Input                // text being typed
	Border               // dialog borders and rules
	Cell                 // the selected cell of the selected row
	numRoles
)

// Theme says what each role looks like. The zero theme draws plain text.
type Theme struct {
	ASCII bool // borders and signs in ASCII only

	styles [numRoles]lipgloss.Style
	sgr    [numRoles]string // what the style writes before a text, or empty
}

// reset ends a styled text, as lipgloss does it.
const reset = "\x1b[m"

// Style returns the look of r, for what lipgloss and bubbles draw.
func (t *Theme) Style(r Role) lipgloss.Style { return t.styles[r] }

// Set makes s the look of r: attributes and colours, without width, padding or
// borders. What s writes before a text is kept as a string: for each text of a frame,
// rendering by the style takes 140 times as long and four allocations (BenchmarkPaint).
func (t *Theme) Set(r Role, s lipgloss.Style) {
	before, _, _ := strings.Cut(s.Render("x"), "x")
	if s.GetUnderline() { // lipgloss v2.0.6 writes its parameter a second time, as the last one
		before = strings.TrimSuffix(before, ";4m") + "m"
	}
	t.styles[r], t.sgr[r] = s, before
}

// Paint returns s in the look of r. s must already be safe to draw.
func (t *Theme) Paint(r Role, s string) string {
	if t.sgr[r] == "" || s == "" {
		return s
	}
	return t.sgr[r] + s + reset
}

// Terminal describes a terminal for themes.
type Terminal struct {
	Profile    colorprofile.Profile // number of colours; Unknown: as with NO_COLOR
	Background Background
	ASCII      bool // it draws borders and signs in ASCII only
}

// Background is the brightness of a terminal's background.
type Background uint8

// The backgrounds.
const (
	UnknownBackground Background = iota // not reported: taken as dark
	DarkBackground
	LightBackground
)

// BackgroundOf returns the background that a terminal reported.
func BackgroundOf(dark bool) Background {
	if dark {
		return DarkBackground
	}
	return LightBackground
}

// NewTheme returns the looks of a theme for a terminal. The first theme has no name
// and takes its colours from the 16 of the palette on every terminal that has
// colours: the reader's own palette is made for the reader's own background, and a
// frame takes half the bytes of one in true colour.
func NewTheme(term Terminal, name string) *Theme {
	t := &Theme{ASCII: term.ASCII}
	if term.Profile == colorprofile.NoTTY {
		return t
	}
	style := lipgloss.NewStyle()
	t.Set(Selected, style.Reverse(true))
	t.Set(Header, style.Bold(true))
	t.Set(Dim, style.Faint(true))
	t.Set(Border, style.Faint(true))
	t.Set(Cell, style.Bold(true).Underline(true).Reverse(true))
	p := paletteOf(name)
	switch {
	case term.Profile < colorprofile.ANSI: // NO_COLOR
		t.Set(Accent, style.Bold(true))
		t.Set(Bad, style.Bold(true))
	case p == nil:
		t.colourOf16(term.Background != LightBackground)
	default:
		t.colour(p, term.Profile)
	}
	return t
}

// colourOf16 gives roles those of the terminal's 16 colours that can be read. Yellow,
// green and cyan are too light on a light background, red and blue too dark on a
// dark one.
func (t *Theme) colourOf16(dark bool) {
	readable := lipgloss.LightDark(dark)
	set := func(r Role, light, dark color.Color) { t.foreground(r, readable(light, dark)) }
	set(Accent, lipgloss.Blue, lipgloss.BrightCyan)
	set(Bad, lipgloss.Red, lipgloss.BrightRed)
	set(Warn, lipgloss.Magenta, lipgloss.BrightYellow)
	set(Good, lipgloss.Blue, lipgloss.BrightGreen)
}

func (t *Theme) foreground(r Role, c color.Color) { t.Set(r, lipgloss.NewStyle().Foreground(c)) }
