package ui

import (
	"image/color"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// palette is the colours of a theme, as 0xRRGGBB. They and what 256 colours make of
// them have a contrast of at least 4.5:1 on the backgrounds that the theme is for: a
// test computes it.
type palette struct {
	name                         string
	dark                         bool // for dark backgrounds, else for light ones
	accent, bad, warn, good, dim uint32
	accentOf16                   ansi.BasicColor
}

// palettes are the themes with a name. The first theme has none: it is the
// terminal's own 16 colours.
var palettes = [...]palette{
	{"dusk", true, 0x8ab4f8, 0xff8a80, 0xf2c94c, 0x81c995, 0x9aa0a6, lipgloss.BrightCyan},
	{"river", true, 0x5ad1e6, 0xff9482, 0xffd479, 0x7ee0a2, 0x93a4b0, lipgloss.BrightCyan},
	{"ember", true, 0xffb86b, 0xff8f8f, 0xf4e285, 0xb5d99c, 0xa89f94, lipgloss.BrightMagenta},
	{"paper", false, 0x1a56c4, 0xb3261e, 0x8a4b00, 0x1a6e2e, 0x5f6368, lipgloss.Blue},
	{"chalk", false, 0x005f73, 0x9b2226, 0x7a4100, 0x386641, 0x575c61, lipgloss.Blue},
}

// hueOf256 is for colours whose hue is lost in colorprofile's nearest of 256: two
// greys become teal and olive, and a green becomes grey.
var hueOf256 = map[uint32]ansi.IndexedColor{
	0x9aa0a6: 247, // #9e9e9e, not #87afaf
	0xa89f94: 247, // #9e9e9e, not #afaf87
	0x386641: 22,  // #005f00, not #5f5f5f
}

// AnsiTheme is the name of the first theme on the screen.
const AnsiTheme = "16 colours"

// ThemeNames are the names of the themes with a palette, in their order.
func ThemeNames() []string {
	names := make([]string, len(palettes))
	for i := range palettes {
		names[i] = palettes[i].name
	}
	return names
}

func paletteOf(name string) *palette {
	at := slices.IndexFunc(palettes[:], func(p palette) bool { return p.name == name })
	if at < 0 {
		return nil
	}
	return &palettes[at]
}

// colour gives roles the colours of a palette, as near as the terminal comes.
//
// Of the 16 colours those that can be read are five on a dark background and three
// on a light one, and three of them are taken by what they mean: bad, warn and good
// stay as they are, and the accent is the nearest of the rest. colorprofile would
// turn the five yellows red.
func (t *Theme) colour(p *palette, profile colorprofile.Profile) {
	if profile == colorprofile.ANSI {
		t.colourOf16(p.dark)
		t.foreground(Accent, p.accentOf16)
		return
	}
	set := func(r Role, rgb uint32) { t.foreground(r, nearest(rgb, profile)) }
	set(Accent, p.accent)
	set(Bad, p.bad)
	set(Warn, p.warn)
	set(Good, p.good)
	set(Dim, p.dim)
	set(Border, p.dim)
}

// nearest returns the colour nearest to 0xRRGGBB on a terminal of 256 or more colours.
func nearest(rgb uint32, profile colorprofile.Profile) color.Color {
	if c, ok := hueOf256[rgb]; ok && profile == colorprofile.ANSI256 {
		return c
	}
	return profile.Convert(color.RGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: 0xff})
}

// NextTheme returns the name of the theme after the named one, among those that make a
// difference on the terminal and can be read on its background. The first one, whose
// name is empty, follows the last. passed says which are left out in between, and why;
// empty: none.
func NextTheme(term Terminal, name string) (next, passed string) {
	order := append([]string{""}, ThemeNames()...)
	at := max(slices.Index(order, name), 0)
	var light, dark, alike []string
	for i := 1; i < len(order); i++ {
		if next = order[(at+i)%len(order)]; next == "" {
			break
		}
		p := paletteOf(next)
		switch {
		case p.dark && term.Background == LightBackground:
			dark = append(dark, next)
		case !p.dark && term.Background == DarkBackground:
			light = append(light, next)
		case p.looksLikeAnother(term):
			alike = append(alike, next)
		default:
			return next, words(light, dark, alike)
		}
	}
	return "", words(light, dark, alike)
}

// looksLikeAnother reports whether the first theme or one before p looks the same.
func (p *palette) looksLikeAnother(term Terminal) bool {
	looks := NewTheme(term, p.name).sgr
	for _, earlier := range append([]string{""}, ThemeNames()...) {
		if earlier == p.name {
			break
		}
		if NewTheme(term, earlier).sgr == looks {
			return true
		}
	}
	return false
}

// words says which themes were passed over, and why.
func words(light, dark, alike []string) string {
	var parts []string
	add := func(names []string, verb, why string) {
		switch len(names) {
		case 0:
			return
		case 1:
			verb += "s"
		}
		parts = append(parts, strings.Join(names, ", ")+" "+verb+" "+why)
	}
	add(alike, "look", "the same here")
	add(dark, "need", "a dark background")
	add(light, "need", "a light background")
	return strings.Join(parts, "; ")
}
