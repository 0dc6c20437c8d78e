package tui

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// pen writes lines of styled text and keeps count of the columns. Its buffer
// is used again for every frame, so that drawing allocates next to nothing.
type pen struct {
	th   *theme
	buf  []byte
	x    int  // columns written on the present line
	flat bool // inside a selected row: roles don't show
}

// blanks is what columns are padded with.
const blanks = "                                                                                "

// spaces is n blanks.
func spaces(n int) string {
	if n <= len(blanks) {
		return blanks[:max(n, 0)]
	}
	return strings.Repeat(" ", n)
}

// textWidth is the columns that s takes. SGR sequences take none. It is
// ansi.StringWidth, ten times as fast for the text that screens are made of.
func textWidth(s string) int {
	w := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\x1b':
			end := strings.IndexByte(s[i:], 'm')
			if end < 0 {
				return ansi.StringWidth(s)
			}
			i += end
		case c < ' ' || c >= utf8.RuneSelf:
			return ansi.StringWidth(s)
		default:
			w++
		}
	}
	return w
}

// put writes s, which must be safe to draw, in the look of r.
func (p *pen) put(r role, s string) {
	sgr := p.th.sgr[r]
	if p.flat || sgr == "" || s == "" {
		p.buf = append(p.buf, s...)
	} else {
		p.buf = append(p.buf, sgr...)
		p.buf = append(p.buf, s...)
		p.buf = append(p.buf, sgrReset...)
	}
	p.x += textWidth(s)
}

// bytes is put for text in a buffer.
func (p *pen) bytes(r role, b []byte) {
	sgr := p.th.sgr[r]
	if p.flat || sgr == "" || len(b) == 0 {
		p.buf = append(p.buf, b...)
	} else {
		p.buf = append(p.buf, sgr...)
		p.buf = append(p.buf, b...)
		p.buf = append(p.buf, sgrReset...)
	}
	if isASCII(b) {
		p.x += len(b)
	} else {
		p.x += textWidth(string(b))
	}
}

// styled writes s, which holds its own escape sequences.
func (p *pen) styled(s string) {
	p.buf = append(p.buf, s...)
	p.x += textWidth(s)
}

// space writes n blanks.
func (p *pen) space(n int) {
	if n <= 0 {
		return
	}
	p.x += n
	p.buf = appendBlanks(p.buf, n)
}

// to writes blanks up to column x.
func (p *pen) to(x int) { p.space(x - p.x) }

// newline ends the line.
func (p *pen) newline() {
	p.buf = append(p.buf, '\n')
	p.x = 0
}

// begin draws what follows in the look of r, whatever its own roles, until end.
func (p *pen) begin(r role) {
	p.buf = append(p.buf, p.th.sgr[r]...)
	p.flat = true
}

func (p *pen) end() {
	p.buf = append(p.buf, sgrReset...)
	p.flat = false
}

// runBegin starts text in the look of r that lasts over several puts of plain text.
func (p *pen) runBegin(r role) { p.buf = append(p.buf, p.th.sgr[r]...) }

func (p *pen) runEnd() { p.buf = append(p.buf, sgrReset...) }

// rule is a line of n columns.
func rule(th *theme, n int) string {
	if th.ascii {
		return strings.Repeat("-", max(n, 0))
	}
	return strings.Repeat("─", max(n, 0))
}
