package tui

import "github.com/charmbracelet/colorprofile"

// role says what a piece of text is, never what it looks like.
type role uint8

const (
	roleText     role = iota // plain
	roleDim                  // not news: units, separators, hints
	roleAccent               // the one accent: titles, active choices, live mark
	roleHeader               // column heads
	roleSelected             // the selected row or choice
	roleBad                  // refused, reset, unreachable, errors
	roleWarn                 // unanswered, losses, paused
	roleGood                 // valid, done
	roleInput                // text being typed
	roleBorder               // dialog borders and rules
	roleCell                 // the selected cell of the selected row
	numRoles
)

// theme maps roles to SGR sequences, computed once. The zero theme draws plain
// text, which is what NO_COLOR asks for except for reverse video and bold.
type theme struct {
	sgr   [numRoles]string // complete escape sequence, or empty
	ascii bool             // borders and signs in ASCII only
}

const sgrReset = "\x1b[m"

// paint returns s in the look of r. s must already be safe to draw.
func (t *theme) paint(r role, s string) string {
	if t.sgr[r] == "" || s == "" {
		return s
	}
	return t.sgr[r] + s + sgrReset
}

// newTheme makes the looks for a terminal. Colours are those of the 16-colour
// palette on every terminal that has colours: the reader's own palette is made
// for the reader's own background, and a frame takes half the bytes of one in
// true colour. dark tells which of the palette's colours have contrast.
func newTheme(p colorprofile.Profile, dark, ascii bool) *theme {
	t := &theme{ascii: ascii}
	if p == colorprofile.NoTTY {
		return t
	}
	t.sgr[roleSelected] = sgr("7")
	t.sgr[roleHeader] = sgr("1")
	t.sgr[roleDim] = sgr("2")
	t.sgr[roleBorder] = sgr("2")
	if p < colorprofile.ANSI { // NO_COLOR
		t.sgr[roleAccent] = sgr("1")
		t.sgr[roleBad] = sgr("1")
		t.sgr[roleCell] = sgr("1;4;7")
		return t
	}
	// Yellow, green and cyan are too light to read on a light background, red
	// and blue too dark on a dark one.
	accent, bad, warn, good := "96", "91", "93", "92"
	if !dark {
		accent, bad, warn, good = "34", "31", "35", "34"
	}
	t.sgr[roleAccent] = sgr(accent)
	t.sgr[roleBad] = sgr(bad)
	t.sgr[roleWarn] = sgr(warn)
	t.sgr[roleGood] = sgr(good)
	t.sgr[roleCell] = sgr("1;4;7")
	return t
}

func sgr(params string) string { return "\x1b[" + params + "m" }
