package ui

import "strings"

// Bar returns n of most as a bar of at most w columns. A value above zero takes at
// least one.
func Bar(th *Theme, n, most uint64, w int) string {
	if n == 0 || most == 0 || w <= 0 {
		return ""
	}
	const eighths = 8
	share := float64(n) / float64(most) * float64(w)
	if th.ASCII {
		return Repeat("=", max(int(share), 1))
	}
	long := max(int(share*eighths), 1)
	bar := Repeat("█", long/eighths)
	if rest := long % eighths; rest > 0 {
		bar += string(rune('█' + eighths - rest)) // the left eighths follow the full block, widest first
	}
	return bar
}

// ChartSign returns the part of a vertical bar, n of most in rows, that lies in a row of
// the chart; row 0 is the lowest. A value above zero takes at least an eighth of a row.
func (t *Theme) ChartSign(n, most uint64, row, rows int) string {
	const eighths = 8
	if n == 0 || most == 0 {
		return " "
	}
	high := max(int(float64(n)/float64(most)*float64(rows*eighths)), 1) - row*eighths
	switch {
	case high <= 0:
		return " "
	case t.ASCII && high >= eighths/2:
		return "#"
	case t.ASCII:
		return "."
	}
	return [...]string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}[min(high, eighths)-1]
}

// Repeat returns s n times, and "" for a negative n.
func Repeat(s string, n int) string { return strings.Repeat(s, max(n, 0)) }

// SortSign points to where the smaller values are: down if the order is desc.
func SortSign(th *Theme, desc bool) string {
	switch {
	case th.ASCII && desc:
		return "v"
	case th.ASCII:
		return "^"
	case desc:
		return "▼"
	}
	return "▲"
}
