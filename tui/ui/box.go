package ui

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// Inner returns the width of the text in a box of w columns, without border and one
// space of padding on each side.
func Inner(w int) int { return max(w-4, 0) }

// Box draws lines in a thin border with the title in its upper edge. The
// result is exactly w columns wide and has len(lines)+2 lines, h at most; lines
// beyond that are left out. A box too small for its border is drawn as blank.
//
// The border is one of lipgloss, drawn here: a lipgloss.Style draws no title and no
// faint border, and takes 50 times as long for a window of 44 lines (BenchmarkBox).
func Box(th *Theme, title string, lines []string, w, h int) string {
	if w < 4 || h < 3 {
		return Fill("", w)
	}
	border := th.border()
	title = ansi.Truncate(" "+title+" ", w-4, CutMark+" ")
	rule := strings.Repeat(border.Top, w-3-ansi.StringWidth(title))
	left, right := th.Paint(Border, border.Left), th.Paint(Border, border.Right)

	var b strings.Builder
	b.Grow(2 * w * h)
	b.WriteString(th.Paint(Border, border.TopLeft+border.Top) + th.Paint(Accent, title) + th.Paint(Border, rule+border.TopRight))
	for _, line := range lines[:min(len(lines), h-2)] {
		pad := Inner(w) - Width(line)
		if pad < 0 {
			line, pad = Fill(line, Inner(w)), 0
		}
		b.WriteString("\n")
		b.WriteString(left)
		b.WriteString(" ")
		b.WriteString(line)
		for ; pad > 0; pad -= len(blanks) {
			b.WriteString(blanks[:min(pad, len(blanks))])
		}
		b.WriteString(" ")
		b.WriteString(right)
	}
	b.WriteString("\n" + th.Paint(Border, border.BottomLeft+strings.Repeat(border.Bottom, w-2)+border.BottomRight))
	return b.String()
}

// Rule returns a line of n columns.
func Rule(th *Theme, n int) string { return Repeat(th.border().Top, n) }

// border returns the border of boxes and rules.
func (t *Theme) border() lipgloss.Border {
	if t.ASCII {
		return lipgloss.ASCIIBorder()
	}
	return lipgloss.NormalBorder()
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
