package dialog

import (
	"fmt"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"

	"weir/node"
	"weir/tui/ui"
)

// The size of the window in terminal columns and lines.
const (
	nodesWidth     = 78  // without prefixes
	nodesWideWidth = 112 // with prefixes
	nodesMarkCol   = 6   // cursor sign and mark
	nodesNameCol   = 34  // at most
	nodesGroupCol  = 14  // if there are groups
	nodesFlowsCol  = 14
	nodesBytesCol  = 8
	nodesAgeCol    = 12
	nodesFixedRows = 5 // filter, column heads, summary, keys, and a blank line
)

// View implements [ui.Window].
func (d *Nodes) View(th *ui.Theme, w, h int) string {
	width := min(w, nodesWidth)
	if w >= nodesWideWidth {
		width = nodesWideWidth
	}
	inner := ui.Inner(width)
	// The number of rows depends on all nodes, not on the listed ones, so that the
	// window keeps its size during typing.
	rows := min(max(1, h-2-nodesFixedRows), len(d.all)+1)
	from, to := d.at.View(rows)

	lines := []string{
		th.Paint(ui.Dim, "Filter ") + d.filter.View(th, min(inner-7, 40), true, ui.Input),
		th.Paint(ui.Header, d.columns(inner, nodeCells{"", "NODE", "GROUP", "FLOWS", "BYTES", "LAST SEEN", "PREFIXES"})),
	}
	for row := from; row < to; row++ {
		lines = append(lines, d.row(th, row, inner))
	}
	if len(d.listed) == 0 {
		lines = append(lines, d.emptyLine(th))
	}
	for len(lines) < 2+rows {
		lines = append(lines, "")
	}
	lines = append(lines, "", d.summary(th, inner, from, to),
		ui.KeyLine(th, inner, d.commands()...))
	return ui.Box(th, "Nodes", ui.Squeeze(lines, 2, h-2), width, h)
}

// commands returns the keys of the last line.
func (d *Nodes) commands() []key.Binding {
	k := &d.keys
	if d.before == nil {
		return []key.Binding{k.Accept, k.Toggle, k.All, k.Clear, k.Cancel}
	}
	return []key.Binding{k.Accept, k.Toggle, k.All, k.Clear, k.History, k.Cancel}
}

func (d *Nodes) row(th *ui.Theme, row, inner int) string {
	sum, name, mark := &node.Entry{Summary: d.total}, "all nodes", ""
	if i := d.listed[row]; i != allRow {
		sum, name, mark = &d.all[i], ui.Safe(d.all[i].Name), "[ ]"
		if d.marked[d.all[i].Name] {
			mark = "[x]"
		}
	}
	sign := "  "
	if row == d.at.Cursor() {
		sign = "> "
	}
	in := ui.Safe(strings.Join(sum.In, ","))
	if sum.Group {
		in = "group of " + strconv.Itoa(len(sum.Members))
	}
	text := d.columns(inner, nodeCells{sign + mark, name, in, ui.Count(sum.Flows), string(ui.AppendSize(nil, sum.Octets)),
		ui.Age(d.env.Now, sum.LastSeen), owns(sum)})
	switch {
	case row == d.at.Cursor():
		return th.Paint(ui.Selected, text)
	case mark == "[x]":
		return th.Paint(ui.Accent, text)
	case sum.Flows == 0:
		return th.Paint(ui.Dim, text)
	}
	return th.Paint(ui.Text, text)
}

// nodeCells are the cells of a line.
type nodeCells struct{ mark, name, group, flows, octets, age, prefixes string }

// columns returns a line of the list, w terminal columns wide. In a narrow window the
// prefixes are dropped first, then names are cut. The column of groups exists only if
// there are any.
func (d *Nodes) columns(w int, c nodeCells) string {
	name := min(w-nodesMarkCol-nodesFlowsCol-nodesBytesCol-nodesAgeCol, nodesNameCol)
	line := ui.Fill(c.mark, nodesMarkCol)
	if len(d.all) > 0 && d.all[0].Group {
		line += ui.Fill(c.name, name-nodesGroupCol-1) + " " + ui.Fill(c.group, nodesGroupCol)
	} else {
		line += ui.Fill(c.name, name)
	}
	line += ui.Right(c.flows, nodesFlowsCol) + ui.Right(c.octets, nodesBytesCol) + ui.Right(c.age, nodesAgeCol)
	if w >= ui.Inner(nodesWideWidth) {
		line += "  " + c.prefixes
	}
	return ui.Fill(line, w)
}

// emptyLine returns why nothing is listed and what to do.
func (d *Nodes) emptyLine(th *ui.Theme) string {
	return th.Paint(ui.Warn, "No node or group matches; ^u clears the filter.")
}

// summary returns what Enter selects, and which rows are visible if not all are.
func (d *Nodes) summary(th *ui.Theme, inner, from, to int) string {
	what := "Enter shows the selected one"
	switch n := len(d.marked); {
	case n > 0 && d.allMarked():
		what = "Enter shows all nodes"
	case n == 1:
		what = "Enter shows the marked one"
	case n > 1:
		what = "Enter shows the " + strconv.Itoa(n) + " marked ones"
	case len(d.listed) == 0:
		what = "Enter does nothing"
	case d.index() == allRow:
		what = "Enter shows all nodes"
	}
	if to-from == len(d.listed) {
		return ui.Fill(what, inner)
	}
	place := fmt.Sprintf("%d-%d of %d", from+1, to, len(d.listed))
	return ui.Fill(what, inner-len(place)) + th.Paint(ui.Dim, place)
}
