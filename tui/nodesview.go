package tui

import (
	"fmt"
	"strconv"
	"strings"

	"weir/node"
)

// The node list, in columns and lines.
const (
	nodesWidth     = 78  // with the prefixes left out
	nodesWideWidth = 112 // with the prefixes
	nodesMarkCol   = 6   // cursor sign and mark
	nodesNameCol   = 34  // at most
	nodesFlowsCol  = 14
	nodesBytesCol  = 8
	nodesAgeCol    = 12
	nodesFixedRows = 5 // filter, column heads, summary, keys, and a blank line
)

func (d *nodesDialog) view(th *theme, w, h int) string {
	width := min(w, nodesWidth)
	if w >= nodesWideWidth {
		width = nodesWideWidth
	}
	inner := boxInner(width)
	d.scroll(max(1, h-2-nodesFixedRows))

	lines := []string{
		th.paint(roleDim, "Filter ") + d.filter.view(th, min(inner-7, 40), true, roleInput),
		th.paint(roleHeader, nodeColumns(inner, "", "NODE", "FLOWS", "BYTES", "LAST SEEN", "PREFIXES")),
	}
	for row := d.top; row < d.top+d.rows; row++ {
		switch {
		case row < len(d.listed):
			lines = append(lines, d.row(th, row, inner))
		case row == 0:
			lines = append(lines, d.emptyLine(th))
		default:
			lines = append(lines, "")
		}
	}
	lines = append(lines, "", d.summary(th, inner),
		keyLine(th, inner, d.keys.accept, d.keys.toggle, d.keys.all, d.keys.clear, d.keys.cancel))
	return drawBox(th, "Nodes", boxSqueeze(lines, 2, h-2), width, h)
}

// scroll keeps the cursor on the screen when n rows fit. The rows depend on all
// nodes, not on those listed, so that the box keeps its size while the reader types.
func (d *nodesDialog) scroll(n int) {
	d.rows = min(n, len(d.all)+1)
	d.top = min(d.top, d.cursor)
	d.top = max(d.top, d.cursor-d.rows+1)
	d.top = max(0, min(d.top, len(d.listed)-d.rows))
}

func (d *nodesDialog) row(th *theme, row, inner int) string {
	sum, name, mark := &d.total, "all nodes", ""
	if i := d.listed[row]; i != allRow {
		sum, name, mark = &d.all[i], drawable(d.all[i].Name), "[ ]"
		if d.marked[d.all[i].Name] {
			mark = "[x]"
		}
	}
	sign := "  "
	if row == d.cursor {
		sign = "> "
	}
	text := nodeColumns(inner, sign+mark, name, countText(sum.Flows), string(appendSize(nil, sum.Octets)),
		ageText(d.env.now, sum.LastSeen), prefixesText(&sum.Node))
	switch {
	case row == d.cursor:
		return th.paint(roleSelected, text)
	case mark == "[x]":
		return th.paint(roleAccent, text)
	case sum.Flows == 0:
		return th.paint(roleDim, text)
	}
	return th.paint(roleText, text)
}

// nodeColumns is one line of the list, w columns wide. Where it gets narrow,
// the prefixes go first, then a part of the name.
func nodeColumns(w int, mark, name, flows, octets, age, prefixes string) string {
	room := w - nodesMarkCol - nodesFlowsCol - nodesBytesCol - nodesAgeCol
	line := boxFill(mark, nodesMarkCol) + boxFill(name, min(room, nodesNameCol)) + boxRight(flows, nodesFlowsCol) +
		boxRight(octets, nodesBytesCol) + boxRight(age, nodesAgeCol)
	if w >= boxInner(nodesWideWidth) {
		line += "  " + prefixes
	}
	return boxFill(line, w)
}

// emptyLine says why nothing is listed and what to do about it.
func (d *nodesDialog) emptyLine(th *theme) string {
	return th.paint(roleWarn, fmt.Sprintf("None of the %d nodes matches; ^u clears the filter.", len(d.all)))
}

// summary says what Enter will take, and how much of the list is out of sight.
func (d *nodesDialog) summary(th *theme, inner int) string {
	what := "Enter takes the node under the cursor"
	switch n := len(d.marked); {
	case n > 0 && n == len(d.all):
		what = "Enter takes all nodes"
	case n == 1:
		what = "Enter takes the marked node"
	case n > 1:
		what = "Enter takes the " + strconv.Itoa(n) + " marked nodes"
	case len(d.listed) == 0:
		what = "Enter takes nothing"
	case d.listed[d.cursor] == allRow:
		what = "Enter takes all nodes"
	}
	if len(d.listed) <= d.rows {
		return boxFill(what, inner)
	}
	place := fmt.Sprintf("%d-%d of %d", d.top+1, min(d.top+d.rows, len(d.listed)), len(d.listed))
	return boxFill(what, inner-len(place)) + th.paint(roleDim, place)
}

func prefixesText(n *node.Node) string {
	texts := make([]string, len(n.Prefixes))
	for i, p := range n.Prefixes {
		texts[i] = p.String()
		if p.IsSingleIP() {
			texts[i] = p.Addr().String()
		}
	}
	return strings.Join(texts, " ")
}
