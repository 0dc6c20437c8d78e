package flows

import (
	"slices"
	"time"

	"weir/flow"
	"weir/internal/termsafe"
	"weir/tui/column"
	"weir/tui/ui"
)

// widths is how wide the columns have to be for the loaded flows. They only
// grow while a query stands, so that columns keep their places.
type widths [column.Num]int

func minWidths() widths {
	var w widths
	for c := range w {
		w[c] = column.All[c].Min
	}
	return w
}

// grow makes room for recs.
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

// span is a column's place on the screen.
type span struct {
	col  column.Column
	x, w int
}

// layout is which columns are visible and where. The first of the order is always.
type layout struct {
	spans       []span
	cutL, cutR  bool // columns are out of sight on that side
	verdictWide int
}

// leastVerdict is how narrow the verdict may get before it is left out.
const leastVerdict = 7

// Where there is no room, names of nodes get no more than leastName, and IPv6
// addresses no more than leastIP.
const (
	leastName = 8
	leastIP   = 16
)

// Below compactBelow columns of the screen, where the verdict would be out of
// sight, the columns come in the compact order: what every flow is asked first,
// up to the answer's bytes, fits 80 columns. Below terse columns START leaves
// out the milliseconds, too.
const (
	compactBelow = 120
	compactFirst = 8 // columns up to RECV
	terse        = 76
	compactDate  = len("01-02 15:04:05")
	terseStart   = len("15:04:05")
)

// wideOrder is that of the reference's table.
var WideOrder = [...]column.Column{
	column.Start, column.End, column.Proto, column.SrcNode, column.SrcIP, column.SrcPort, column.DstNode, column.DstIP, column.DstPort,
	column.Recv, column.Sent, column.Flags, column.Verdict, column.Node,
}

var compactOrder = [...]column.Column{
	column.Start, column.Proto, column.SrcIP, column.SrcPort, column.DstIP, column.DstPort, column.Flags, column.Recv,
	column.Sent, column.Verdict, column.End, column.SrcNode, column.DstNode, column.Node,
}

// compact narrows the columns that can say the same in less.
func (w *widths) compact(width int, dates bool) {
	w[column.Proto] = column.CompactProto
	switch {
	case dates:
		w[column.Start] = compactDate
	case width < terse:
		w[column.Start] = terseStart
	}
	w[column.SrcIP], w[column.DstIP] = min(w[column.SrcIP], leastIP), min(w[column.DstIP], leastIP)
	if width < compactWidth(w) {
		w[column.SrcIP], w[column.DstIP] = column.All[column.SrcIP].Min, column.All[column.DstIP].Min
	}
}

// compactWidth is the width of the compact order up to RECV, with the sign
// before and the mark behind it.
func compactWidth(w *widths) int {
	total := 1
	for _, c := range compactOrder[:compactFirst] {
		total += w[c] + 1
	}
	return total + 1
}

// squeeze narrows what may be long: one long name must not push everything else
// out of sight, least of all how it went. It comes before the widths that the
// reader chose.
func (w *widths) squeeze(width int) {
	if width < compactBelow {
		for _, c := range [...]column.Column{column.SrcNode, column.DstNode, column.Node} {
			w[c] = min(w[c], leastName)
		}
		w[column.SrcIP], w[column.DstIP] = min(w[column.SrcIP], leastIP), min(w[column.DstIP], leastIP)
		return
	}
	const all = len(WideOrder)
	for w.over(width, all) > 0 && max(w[column.SrcIP], w[column.DstIP]) > leastIP { // the wider one gives first
		if w[column.SrcIP] > w[column.DstIP] {
			w[column.SrcIP]--
		} else {
			w[column.DstIP]--
		}
	}
	w.narrow(width, all, limit{column.SrcNode, leastName}, limit{column.DstNode, leastName}, limit{column.Node, leastName}, limit{column.Proto, column.CompactProto})
	upTo := slices.Index(WideOrder[:], column.Verdict) + 1
	w.narrow(width, upTo, limit{column.SrcNode, column.All[column.SrcNode].Min}, limit{column.DstNode, column.All[column.DstNode].Min},
		limit{column.SrcIP, column.All[column.SrcIP].Min}, limit{column.DstIP, column.All[column.DstIP].Min}, limit{column.Start, compactDate})
	for _, c := range [...]column.Column{column.SrcNode, column.DstNode} { // the long titles, where there is room to spare
		if more := ui.Width(column.All[c].Long) - w[c]; more > 0 && w.over(width, all) <= -more {
			w[c] += more
		}
	}
}

// limit is how narrow a column may get.
type limit struct {
	col   column.Column
	least int
}

// narrow takes from the columns, one after the other, what the first upTo
// columns of the wide order are too wide for the screen.
func (w *widths) narrow(width, upTo int, limits ...limit) {
	for _, l := range limits {
		w[l.col] -= min(max(w.over(width, upTo), 0), max(w[l.col]-l.least, 0))
	}
}

// over is how many columns of the screen are missing for the first upTo columns
// of the wide order, with the sign before them and the mark for more behind.
func (w *widths) over(width, upTo int) int {
	over := 1 + totalWidth(w, WideOrder[:upTo], 1) - width
	if upTo < len(WideOrder) {
		over++
	}
	return over
}

// arrange places the columns of order in width columns of the screen: the sign,
// the first one, and those from place left on as far as they fit.
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
			room-- // the mark for columns further right needs a place
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

// totalWidth is the width of the first column and of those from place left on.
func totalWidth(w *widths, order []column.Column, left int) int {
	total := w[order[0]]
	for _, c := range order[min(left, len(order)):] {
		total += 1 + w[c]
	}
	return total
}

// shows reports whether the column is in sight.
func (l *layout) shows(c column.Column) bool {
	for _, s := range l.spans {
		if s.col == c {
			return true
		}
	}
	return false
}

// yearsOf is the years of recs, which are in order of time: "2023", or "2023-24";
// empty if they are of now's.
func yearsOf(recs []flow.Record, now time.Time, loc *time.Location) string {
	if len(recs) == 0 {
		return ""
	}
	a, b := recs[0].Start.In(loc), recs[len(recs)-1].Start.In(loc)
	if b.Before(a) {
		a, b = b, a
	}
	switch {
	case a.Year() == b.Year() && a.Year() == now.Year():
		return ""
	case a.Year() == b.Year():
		return a.Format("2006")
	}
	return a.Format("2006") + "-" + b.Format("06")
}

// needDates reports whether the first and the last of recs, which are in order
// of time, are not all of the day of now.
func needDates(recs []flow.Record, now time.Time, loc *time.Location) bool {
	if len(recs) == 0 {
		return false
	}
	y, m, d := now.In(loc).Date()
	for _, r := range [...]*flow.Record{&recs[0], &recs[len(recs)-1]} {
		if ry, rm, rd := r.Start.In(loc).Date(); ry != y || rm != m || rd != d {
			return true
		}
	}
	return false
}

// at returns the column that is drawn at x.
func (l *layout) at(x int) (column.Column, bool) {
	for _, s := range l.spans {
		if x >= s.x-1 && x < s.x+s.w {
			return s.col, true
		}
	}
	return 0, false
}
