package ui

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
)

// Role says what a piece of text is, never what it looks like.
type Role uint8

const (
	Text     Role = iota // plain
	Dim                  // not news: units, separators, hints
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

// Style is the look of r, for what lipgloss and bubbles draw.
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

// NewTheme makes the looks for a terminal. Colours are those of the 16-colour
// palette on every terminal that has colours: the reader's own palette is made
// for the reader's own background, and a frame takes half the bytes of one in
// true colour. dark tells which of the palette's colours have contrast.
func NewTheme(p colorprofile.Profile, dark, ascii bool) *Theme {
	t := &Theme{ASCII: ascii}
	if p == colorprofile.NoTTY {
		return t
	}
	style := lipgloss.NewStyle()
	t.Set(Selected, style.Reverse(true))
	t.Set(Header, style.Bold(true))
	t.Set(Dim, style.Faint(true))
	t.Set(Border, style.Faint(true))
	t.Set(Cell, style.Bold(true).Underline(true).Reverse(true))
	if p < colorprofile.ANSI { // NO_COLOR
		t.Set(Accent, style.Bold(true))
		t.Set(Bad, style.Bold(true))
		return t
	}
	// Yellow, green and cyan are too light to read on a light background, red
	// and blue too dark on a dark one.
	readable := lipgloss.LightDark(dark)
	colour := func(light, dark color.Color) lipgloss.Style { return style.Foreground(readable(light, dark)) }
	t.Set(Accent, colour(lipgloss.Blue, lipgloss.BrightCyan))
	t.Set(Bad, colour(lipgloss.Red, lipgloss.BrightRed))
	t.Set(Warn, colour(lipgloss.Magenta, lipgloss.BrightYellow))
	t.Set(Good, colour(lipgloss.Blue, lipgloss.BrightGreen))
	return t
}
