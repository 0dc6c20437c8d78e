package tui

import (
	"slices"
	"time"

	"weir/flow"
	"weir/internal/termsafe"
	"weir/tui/ui"
)

// widths is how wide the columns have to be for the loaded flows. They only
// grow while a query stands, so that columns keep their places.
type widths [numColumns]int

func minWidths() widths {
	var w widths
	for c := range w {
		w[c] = columns[c].min
	}
	return w
}

// grow makes room for recs.
func (w *widths) grow(recs []flow.Record) {
	var b [64]byte
	for i := range recs {
		r := &recs[i]
		w.fit(colSrcNode, ui.Width(termsafe.Text(r.Src.Node)))
		w.fit(colDstNode, ui.Width(termsafe.Text(r.Dst.Node)))
		w.fit(colNode, ui.Width(termsafe.Text(r.Node)))
		if r.Src.Addr.Is6() { // an IPv4 address always fits
			w.fit(colSrcIP, len(r.Src.Addr.AppendTo(b[:0])))
		}
		if r.Dst.Addr.Is6() {
			w.fit(colDstIP, len(r.Dst.Addr.AppendTo(b[:0])))
		}
	}
}

func (w *widths) fit(c column, need int) {
	w[c] = min(max(w[c], need), columns[c].max)
}

// span is a column's place on the screen.
type span struct {
	col  column
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
	compactProto = 5
	compactDate  = len("01-02 15:04:05")
	terseStart   = len("15:04:05")
)

// wideOrder is that of the reference's table.
var wideOrder = [...]column{
	colStart, colEnd, colProto, colSrcNode, colSrcIP, colSrcPort, colDstNode, colDstIP, colDstPort,
	colRecv, colSent, colFlags, colVerdict, colNode,
}

var compactOrder = [...]column{
	colStart, colProto, colSrcIP, colSrcPort, colDstIP, colDstPort, colFlags, colRecv,
	colSent, colVerdict, colEnd, colSrcNode, colDstNode, colNode,
}

// compact narrows the columns that can say the same in less.
func (w *widths) compact(width int, dates bool) {
	w[colProto] = compactProto
	switch {
	case dates:
		w[colStart] = compactDate
	case width < terse:
		w[colStart] = terseStart
	}
	w[colSrcIP], w[colDstIP] = min(w[colSrcIP], leastIP), min(w[colDstIP], leastIP)
	if width < compactWidth(w) {
		w[colSrcIP], w[colDstIP] = columns[colSrcIP].min, columns[colDstIP].min
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
		for _, c := range [...]column{colSrcNode, colDstNode, colNode} {
			w[c] = min(w[c], leastName)
		}
		w[colSrcIP], w[colDstIP] = min(w[colSrcIP], leastIP), min(w[colDstIP], leastIP)
		return
	}
	const all = len(wideOrder)
	for w.over(width, all) > 0 && max(w[colSrcIP], w[colDstIP]) > leastIP { // the wider one gives first
		if w[colSrcIP] > w[colDstIP] {
			w[colSrcIP]--
		} else {
			w[colDstIP]--
		}
	}
	w.narrow(width, all, limit{colSrcNode, leastName}, limit{colDstNode, leastName}, limit{colNode, leastName}, limit{colProto, compactProto})
	upTo := slices.Index(wideOrder[:], colVerdict) + 1
	w.narrow(width, upTo, limit{colSrcNode, columns[colSrcNode].min}, limit{colDstNode, columns[colDstNode].min},
		limit{colSrcIP, columns[colSrcIP].min}, limit{colDstIP, columns[colDstIP].min}, limit{colStart, compactDate})
	for _, c := range [...]column{colSrcNode, colDstNode} { // the long titles, where there is room to spare
		if more := ui.Width(columns[c].long) - w[c]; more > 0 && w.over(width, all) <= -more {
			w[c] += more
		}
	}
}

// limit is how narrow a column may get.
type limit struct {
	col   column
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
	over := 1 + totalWidth(w, wideOrder[:upTo], 1) - width
	if upTo < len(wideOrder) {
		over++
	}
	return over
}

// arrange places the columns of order in width columns of the screen: the sign,
// the first one, and those from place left on as far as they fit.
func (l *layout) arrange(w *widths, order []column, width, left int) {
	left = max(left, 1)
	wide := *w
	l.spans = l.spans[:0]
	l.cutL, l.cutR = left > 1, false
	if 1+totalWidth(&wide, order, left)-wide[colVerdict]+columns[colVerdict].max <= width {
		wide[colVerdict] = columns[colVerdict].max
	}
	x := 1 // the sign
	l.spans = append(l.spans, span{order[0], x, wide[order[0]]})
	x += wide[order[0]] + 1
	for i := left; i < len(order); i++ {
		c, room := order[i], width-x
		if i < len(order)-1 && room == wide[c] && !columns[c].leavesRoom() {
			room-- // the mark for columns further right needs a place
		}
		if c == colVerdict && room < wide[c] && room-1 >= leastVerdict {
			wide[c] = room - 1
		}
		if room < wide[c] {
			l.cutR = true
			break
		}
		l.spans = append(l.spans, span{c, x, wide[c]})
		x += wide[c] + 1
	}
	l.verdictWide = wide[colVerdict]
}

// totalWidth is the width of the first column and of those from place left on.
func totalWidth(w *widths, order []column, left int) int {
	total := w[order[0]]
	for _, c := range order[min(left, len(order)):] {
		total += 1 + w[c]
	}
	return total
}

// shows reports whether the column is in sight.
func (l *layout) shows(c column) bool {
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
