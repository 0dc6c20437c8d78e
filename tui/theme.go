package tui

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
