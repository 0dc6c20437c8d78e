package tui

import "strings"

// bar is n of most as a bar of at most w columns; what is not nothing shows.
func bar(th *theme, n, most uint64, w int) string {
	if n == 0 || most == 0 || w <= 0 {
		return ""
	}
	long := max(int(float64(n)/float64(most)*float64(w)), 1)
	sign := "━"
	if th.ascii {
		sign = "="
	}
	return repeat(sign, long)
}

// chartSign is the part of a bar that lies in a row of the chart. What is not
// nothing shows.
func (t *theme) chartSign(n, most uint64, row, rows int) string {
	const eighths = 8
	if n == 0 || most == 0 {
		return " "
	}
	high := max(int(float64(n)/float64(most)*float64(rows*eighths)), 1) - row*eighths
	switch {
	case high <= 0:
		return " "
	case t.ascii && high >= eighths/2:
		return "#"
	case t.ascii:
		return "."
	}
	return [...]string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}[min(high, eighths)-1]
}

func repeat(s string, n int) string { return strings.Repeat(s, max(n, 0)) }

// sortSign points from the first row to the smaller values.
func sortSign(th *theme, desc bool) string {
	switch {
	case th.ascii && desc:
		return "v"
	case th.ascii:
		return "^"
	case desc:
		return "▼"
	}
	return "▲"
}
