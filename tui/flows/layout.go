package flows

import (
	"slices"

	"weir/flow"
	"weir/internal/termsafe"
	"weir/tui/column"
	"weir/tui/ui"
)

// widths are the widths that the columns need for the loaded flows. They only grow
// until the query changes, so that columns stay in place.
type widths [column.Num]int

func minWidths() widths {
	var w widths
	for c := range w {
		w[c] = column.All[c].Min
	}
	return w
}

// grow widens the columns for recs.
func (w *widths) grow(recs []flow.Record) {
	var b [64]byte
	for i := range recs {
		r := &recs[i]
		w.fit(column.SrcNode, ui.Width(termsafe.Text(r.Src.Node)))
		w.fit(column.DstNode, ui.Width(termsafe.Text(r.Dst.Node)))
		w.fit(column.Node, ui.Width(termsafe.Text(r.Node)))
		if r.Src.Addr.Is6() { // an IPv4 address always fits
			w.fit(column.SrcIP, len(r.Src.Addr.AppendTo(b[:0])))
		}
		if r.Dst.Addr.Is6() {
			w.fit(column.DstIP, len(r.Dst.Addr.AppendTo(b[:0])))
		}
	}
}

func (w *widths) fit(c column.Column, need int) {
	w[c] = min(max(w[c], need), column.All[c].Max)
}

// span is the place of a column on the screen.
type span struct {
	col  column.Column
	x, w int
}

// layout is the visible columns and their places. The first column of the order is always visible.
type layout struct {
	spans       []span
	cutL, cutR  bool // columns are hidden on that side
	verdictWide int
}

// leastVerdict is the minimum width of the verdict; below it the column is hidden.
const leastVerdict = 7

// In a narrow window, names of nodes are limited to leastName and IPv6
// addresses to leastIP.
const (
	leastName = 8
	leastIP   = 16
)

// Below compactBelow terminal columns, where the verdict would be hidden, the
// compact order is used: its columns up to RECV fit 78 columns. Below terse
// columns START also omits the milliseconds.
const (
	compactBelow = 120
	compactFirst = 8 // columns up to RECV
	terse        = 85
	compactDate  = len("01-02 15:04:05")
	terseStart   = len("15:04:05")
)

// WideOrder is the order of the columns in a wide window: that of the reference's table.
var WideOrder = [...]column.Column{
	column.Start, column.End, column.Proto, column.SrcNode, column.SrcIP, column.SrcPort, column.DstNode, column.DstIP, column.DstPort,
	column.Recv, column.Sent, column.Flags, column.Verdict, column.Node,
}

var compactOrder = [...]column.Column{
	column.Start, column.Proto, column.SrcIP, column.SrcPort, column.DstIP, column.DstPort, column.Verdict, column.Recv,
	column.Sent, column.Flags, column.End, column.SrcNode, column.DstNode, column.Node,
}

// compact narrows the columns that have a shorter form. START has an offset of that width.
func (w *widths) compact(width int, dates bool, offset int) {
	w[column.Proto] = column.CompactProto
	switch {
	case dates:
		w[column.Start] = compactDate + offset
	case width < terse:
		w[column.Start] = terseStart + offset
	}
	w[column.SrcIP], w[column.DstIP] = min(w[column.SrcIP], leastIP), min(w[column.DstIP], leastIP)
	if width < compactWidth(w) {
		w[column.SrcIP], w[column.DstIP] = column.All[column.SrcIP].Min, column.All[column.DstIP].Min
	}
}

// compactWidth returns the width of the compact order up to RECV, including the
// sign before it and the mark after it.
func compactWidth(w *widths) int {
	total := 1
	for _, c := range compactOrder[:compactFirst] {
		total += w[c] + 1
	}
	return total + 1
}

// squeeze narrows the columns with values of any length: one long name must not
// hide the other columns, least of all the verdict. Widths chosen by the user are
// applied after it.
func (w *widths) squeeze(width, offset int) {
	if width < compactBelow {
		for _, c := range [...]column.Column{column.SrcNode, column.DstNode, column.Node} {
			w[c] = min(w[c], leastName)
		}
		w[column.SrcIP], w[column.DstIP] = min(w[column.SrcIP], leastIP), min(w[column.DstIP], leastIP)
		return
	}
	const all = len(WideOrder)
	for w.over(width, all) > 0 && max(w[column.SrcIP], w[column.DstIP]) > leastIP { // the wider one first
		if w[column.SrcIP] > w[column.DstIP] {
			w[column.SrcIP]--
		} else {
			w[column.DstIP]--
		}
	}
	w.narrow(width, all, limit{column.SrcNode, leastName}, limit{column.DstNode, leastName}, limit{column.Node, leastName}, limit{column.Proto, column.CompactProto})
	upTo := slices.Index(WideOrder[:], column.Verdict) + 1
	w.narrow(width, upTo, limit{column.SrcNode, column.All[column.SrcNode].Min}, limit{column.DstNode, column.All[column.DstNode].Min},
		limit{column.SrcIP, column.All[column.SrcIP].Min}, limit{column.DstIP, column.All[column.DstIP].Min}, limit{column.Start, compactDate + offset})
	for _, c := range [...]column.Column{column.SrcNode, column.DstNode} { // long titles, where there is room
		if more := ui.Width(column.All[c].Long) - w[c]; more > 0 && w.over(width, all) <= -more {
			w[c] += more
		}
	}
}

// limit is the minimum width of a column.
type limit struct {
	col   column.Column
	least int
}

// narrow narrows one column after another until the first upTo columns of the wide
// order fit the screen.
func (w *widths) narrow(width, upTo int, limits ...limit) {
	for _, l := range limits {
		w[l.col] -= min(max(w.over(width, upTo), 0), max(w[l.col]-l.least, 0))
	}
}

// over returns by how many terminal columns the first upTo columns of the wide order
// are too wide, including the sign before them and the mark for more after them.
func (w *widths) over(width, upTo int) int {
	over := 1 + totalWidth(w, WideOrder[:upTo], 1) - width
	if upTo < len(WideOrder) {
		over++
	}
	return over
}

// arrange places the columns of order in width terminal columns: the sign, the first
// column, and as many as fit from index left on.
func (l *layout) arrange(w *widths, order []column.Column, width, left int) {
	left = max(left, 1)
	wide := *w
	l.spans = l.spans[:0]
	l.cutL, l.cutR = left > 1, false
	if 1+totalWidth(&wide, order, left)-wide[column.Verdict]+column.All[column.Verdict].Max <= width {
		wide[column.Verdict] = column.All[column.Verdict].Max
	}
	x := 1 // the sign
	l.spans = append(l.spans, span{order[0], x, wide[order[0]]})
	x += wide[order[0]] + 1
	for i := left; i < len(order); i++ {
		c, room := order[i], width-x
		if i < len(order)-1 && room == wide[c] && !column.All[c].LeavesRoom() {
			room-- // for the mark that there are more columns
		}
		if c == column.Verdict && room < wide[c] && room-1 >= leastVerdict {
			wide[c] = room - 1
		}
		if room < wide[c] {
			l.cutR = true
			break
		}
		l.spans = append(l.spans, span{c, x, wide[c]})
		x += wide[c] + 1
	}
	l.verdictWide = wide[column.Verdict]
}

// totalWidth returns the width of the first column and of those from index left on.
func totalWidth(w *widths, order []column.Column, left int) int {
	total := w[order[0]]
	for _, c := range order[min(left, len(order)):] {
		total += 1 + w[c]
	}
	return total
}

// shows reports whether the column is visible.
func (l *layout) shows(c column.Column) bool {
	for _, s := range l.spans {
		if s.col == c {
			return true
		}
	}
	return false
}

// at returns the column at terminal column x.
func (l *layout) at(x int) (column.Column, bool) {
	for _, s := range l.spans {
		if x >= s.x-1 && x < s.x+s.w {
			return s.col, true
		}
	}
	return 0, false
}
