package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Inner is the width left for text in a box of w columns: a border and one
// space of padding on each side are taken off.
func Inner(w int) int { return max(w-4, 0) }

// Box draws lines in a thin border with the title in its upper edge. The
// result is exactly w columns wide and has len(lines)+2 lines, h at most; lines
// beyond that are left out. A box too small for its border is drawn as blank.
func Box(th *Theme, title string, lines []string, w, h int) string {
	if w < 4 || h < 3 {
		return Fill("", w)
	}
	edges := [...]string{"┌", "─", "┐", "│", "└", "┘"}
	if th.ASCII {
		edges = [...]string{"+", "-", "+", "|", "+", "+"}
	}
	title = ansi.Truncate(" "+title+" ", w-4, CutMark+" ")
	rule := strings.Repeat(edges[1], w-3-ansi.StringWidth(title))
	side := th.Paint(Border, edges[3])

	var b strings.Builder
	b.Grow(2 * w * h)
	b.WriteString(th.Paint(Border, edges[0]+edges[1]) + th.Paint(Accent, title) + th.Paint(Border, rule+edges[2]))
	for _, line := range lines[:min(len(lines), h-2)] {
		pad := Inner(w) - Width(line)
		if pad < 0 {
			line, pad = Fill(line, Inner(w)), 0
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
	b.WriteString("\n" + th.Paint(Border, edges[4]+strings.Repeat(edges[1], w-2)+edges[5]))
	return b.String()
}

// Rule is a line of n columns.
func Rule(th *Theme, n int) string {
	if th.ASCII {
		return strings.Repeat("-", max(n, 0))
	}
	return strings.Repeat("─", max(n, 0))
}

// Squeeze makes lines fit n: it leaves out blank ones first, then those
// before the last keep ones, which say what can be done.
func Squeeze(lines []string, keep, n int) []string {
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
