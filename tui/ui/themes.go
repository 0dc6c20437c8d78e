package ui

import (
	"image/color"
	"slices"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
)

// palette is the colours of a theme for true-colour terminals, as 0xRRGGBB.
// They have a contrast of at least 4.5:1 on the backgrounds that the theme is
// for: a test computes it.
type palette struct {
	Name                         string
	Dark                         bool // for dark backgrounds, else for light ones
	Accent, Bad, Warn, Good, Dim uint32
}

// palettes are the true-colour themes. The first theme has no palette: it is
// the terminal's own 16 colours.
var Palettes = [...]palette{
	{"dusk", true, 0x8ab4f8, 0xff8a80, 0xf2c94c, 0x81c995, 0x9aa0a6},
	{"river", true, 0x5ad1e6, 0xff9482, 0xffd479, 0x7ee0a2, 0x93a4b0},
	{"ember", true, 0xffb86b, 0xff8f8f, 0xf4e285, 0xb5d99c, 0xa89f94},
	{"paper", false, 0x1a56c4, 0xb3261e, 0x8a4b00, 0x1a6e2e, 0x5f6368},
	{"chalk", false, 0x005f73, 0x9b2226, 0x7a4100, 0x386641, 0x575c61},
}

// ansiTheme is the name of the theme of 16 colours.
const AnsiTheme = "16 colours"

// ThemeNames are the names of the themes with a palette, in their order.
func ThemeNames() []string {
	names := make([]string, len(Palettes))
	for i := range Palettes {
		names[i] = Palettes[i].Name
	}
	return names
}

// ThemeAfter is the name of the theme behind that of a name. The first one, the
// terminal's own colours, has none and follows the last.
func ThemeAfter(name string) string {
	at := slices.IndexFunc(Palettes[:], func(p palette) bool { return p.Name == name })
	if at+1 < len(Palettes) {
		return Palettes[at+1].Name
	}
	return ""
}

// Colour lays the colours of a named theme over the looks, if there is one and
// the terminal can draw it.
func (t *Theme) Colour(name string, profile colorprofile.Profile) {
	at := slices.IndexFunc(Palettes[:], func(p palette) bool { return p.Name == name })
	if at < 0 || profile < colorprofile.TrueColor {
		return
	}
	p := &Palettes[at]
	paint := func(r Role, c uint32) {
		t.Set(r, lipgloss.NewStyle().Foreground(color.RGBA{R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c), A: 0xff}))
	}
	paint(Accent, p.Accent)
	paint(Bad, p.Bad)
	paint(Warn, p.Warn)
	paint(Good, p.Good)
	paint(Dim, p.Dim)
	paint(Border, p.Dim)
}
