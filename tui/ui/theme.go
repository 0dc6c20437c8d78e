package ui

import "github.com/charmbracelet/colorprofile"

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

// Theme maps roles to SGR sequences, computed once. The zero theme draws plain
// text, which is what NO_COLOR asks for except for reverse video and bold.
type Theme struct {
	Sgr   [numRoles]string // complete escape sequence, or empty
	ASCII bool             // borders and signs in ASCII only
}

const Reset = "\x1b[m"

// Paint returns s in the look of r. s must already be safe to draw.
func (t *Theme) Paint(r Role, s string) string {
	if t.Sgr[r] == "" || s == "" {
		return s
	}
	return t.Sgr[r] + s + Reset
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
	t.Sgr[Selected] = Sgr("7")
	t.Sgr[Header] = Sgr("1")
	t.Sgr[Dim] = Sgr("2")
	t.Sgr[Border] = Sgr("2")
	if p < colorprofile.ANSI { // NO_COLOR
		t.Sgr[Accent] = Sgr("1")
		t.Sgr[Bad] = Sgr("1")
		t.Sgr[Cell] = Sgr("1;4;7")
		return t
	}
	// Yellow, green and cyan are too light to read on a light background, red
	// and blue too dark on a dark one.
	accent, bad, warn, good := "96", "91", "93", "92"
	if !dark {
		accent, bad, warn, good = "34", "31", "35", "34"
	}
	t.Sgr[Accent] = Sgr(accent)
	t.Sgr[Bad] = Sgr(bad)
	t.Sgr[Warn] = Sgr(warn)
	t.Sgr[Good] = Sgr(good)
	t.Sgr[Cell] = Sgr("1;4;7")
	return t
}

func Sgr(params string) string { return "\x1b[" + params + "m" }
