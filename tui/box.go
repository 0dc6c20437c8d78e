package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// cutMark ends a text that did not fit. It is ASCII because the ellipsis has
// an ambiguous width (UAX #11), which shifts the rest of a line in some terminals.
const cutMark = "~"

// boxFill cuts or pads s, which may hold SGR sequences, to exactly w columns.
func boxFill(s string, w int) string {
	if w <= 0 {
		return ""
	}
	have := textWidth(s)
	if have > w {
		s = ansi.Truncate(s, w, cutMark)
		have = textWidth(s)
	}
	if have == w {
		return s
	}
	return s + spaces(w-have)
}

// boxRight pads s on the left to w columns, for numbers.
func boxRight(s string, w int) string {
	if have := textWidth(s); have < w {
		return spaces(w-have) + s
	}
	return boxFill(s, w)
}

// boxWrap breaks plain text into at most n lines of w columns, at spaces where
// it can. What does not fit is cut with a mark.
func boxWrap(s string, w, n int) []string {
	if w <= 0 || n <= 0 {
		return nil
	}
	lines := strings.Split(ansi.Wrap(s, w, " "), "\n")
	if len(lines) > n {
		rest := strings.Join(lines[n-1:], " ")
		lines = append(lines[:n-1:n-1], rest)
	}
	for i := range lines {
		lines[i] = boxFill(lines[i], w)
	}
	return lines
}

// boxInner is the width left for text in a box of w columns: a border and one
// space of padding on each side are taken off.
func boxInner(w int) int { return max(w-4, 0) }

// drawBox draws lines in a thin border with the title in its upper edge. The
// result is exactly w columns wide and has len(lines)+2 lines, h at most; lines
// beyond that are left out. A box too small for its border is drawn as blank.
func drawBox(th *theme, title string, lines []string, w, h int) string {
	if w < 4 || h < 3 {
		return boxFill("", w)
	}
	edges := [...]string{"┌", "─", "┐", "│", "└", "┘"}
	if th.ascii {
		edges = [...]string{"+", "-", "+", "|", "+", "+"}
	}
	title = ansi.Truncate(" "+title+" ", w-4, cutMark+" ")
	rule := strings.Repeat(edges[1], w-3-ansi.StringWidth(title))
	side := th.paint(roleBorder, edges[3])

	var b strings.Builder
	b.Grow(2 * w * h)
	b.WriteString(th.paint(roleBorder, edges[0]+edges[1]) + th.paint(roleAccent, title) + th.paint(roleBorder, rule+edges[2]))
	for _, line := range lines[:min(len(lines), h-2)] {
		pad := boxInner(w) - textWidth(line)
		if pad < 0 {
			line, pad = boxFill(line, boxInner(w)), 0
		}
		b.WriteString("\n")
		b.WriteString(side)
		b.WriteString(" ")
		b.WriteString(line)
		for ; pad > 0; pad -= len(blanks) {
			b.WriteString(blanks[:min(pad, len(blanks))])
		}
		b.WriteString(" ")
		b.WriteString(side)
	}
	b.WriteString("\n" + th.paint(roleBorder, edges[4]+strings.Repeat(edges[1], w-2)+edges[5]))
	return b.String()
}

// boxSqueeze makes lines fit n: it leaves out blank ones first, then those
// before the last keep ones, which say what can be done.
func boxSqueeze(lines []string, keep, n int) []string {
	for i := len(lines) - 1; i >= 0 && len(lines) > n; i-- {
		if lines[i] == "" {
			lines = append(lines[:i:i], lines[i+1:]...)
		}
	}
	if over := len(lines) - max(n, 0); over > 0 {
		cut := max(len(lines)-keep-over, 0)
		lines = append(lines[:cut:cut], lines[min(cut+over, len(lines)):]...)
	}
	return lines
}
