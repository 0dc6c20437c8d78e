package tui

import (
	"fmt"

	"weir/search"
)

// The grid of the form, in columns and lines. With its border it takes 78 × 22.
const (
	formWidth      = 78
	formHeight     = 22
	formLabelCol   = 11 // labels of the left column; one column for a sign follows
	formRightLabel = 9  // labels of the right column
	formHintLines  = 2
	formFlagRow    = 7
)

// formHeadings stand before the row of their index, formGaps behind it.
const (
	formHeadingRow = 3
	formGapRow     = 5
)

func (f *formDialog) view(th *theme, w, h int) string {
	if f.past.open {
		return f.historyView(th, w, h)
	}
	width := min(w, formWidth)
	inner := boxInner(width)
	body, at := f.body(th, inner)
	tail := append([]string{f.keptLine(th, inner)}, f.hintLines(th, inner)...)
	next := f.keys.next
	if f.completes() {
		next.SetHelp(next.Help().Key, "complete")
	}
	tail = append(tail, keyLine(th, inner, f.keys.accept, next, f.keys.clear, f.keys.clearAll, f.keys.history, f.keys.cancel))

	room := h - 2
	if len(body)+len(tail) > room {
		body, at = withoutBlanks(body, at)
	}
	if over := len(body) + len(tail) - room; over > 0 {
		rows := max(len(body)-over, 1)
		top := min(max(at-rows/2, 0), len(body)-rows)
		body = body[top : top+rows]
	}
	return drawBox(th, "Advanced search", boxSqueeze(append(body, tail...), 0, room), width, h)
}

// body is the grid, and the line of it that has the focus.
func (f *formDialog) body(th *theme, inner int) (lines []string, at int) {
	for id := cellID(0); id < numCells; {
		row := f.cells[id].row
		if row == formHeadingRow {
			left, _ := formColumns(inner)
			lines = append(lines, "", th.paint(roleHeader, boxFill("", formLabelCol+1)+boxFill("Source", left+2)+"Destination"))
		}
		if f.cells[f.focus].row == row {
			at = len(lines)
		}
		line := ""
		for ; id < numCells && f.cells[id].row == row; id++ {
			line += f.cellView(th, id, inner)
		}
		lines = append(lines, line)
		if row == formGapRow {
			lines = append(lines, "")
		}
	}
	return append(lines, ""), at
}

func withoutBlanks(lines []string, at int) ([]string, int) {
	var kept []string
	for i, line := range lines {
		if i == at {
			at = len(kept)
		}
		if line != "" {
			kept = append(kept, line)
		}
	}
	return kept, at
}

// formColumns are the widths of the fields in the two columns.
func formColumns(inner int) (left, right int) {
	room := max(inner-formLabelCol-3, 2)
	return room / 2, room - room/2
}

// cellView draws a field with its label and sign: ">" has the focus, "!" is
// not valid.
func (f *formDialog) cellView(th *theme, id cellID, inner int) string {
	c := &f.cells[id]
	left, right := formColumns(inner)
	label, width := boxFill(c.label, formLabelCol), left
	switch {
	case c.col == 1:
		label, width = " ", right
		if c.label != "" {
			label, width = " "+boxFill(c.label, formRightLabel), right-formRightLabel
		}
	case c.row == formFlagRow || id == cellRange || id == cellNodes:
		width = inner - formLabelCol - 1
	}
	sign, look := " ", roleInput
	if id == f.focus {
		sign = th.paint(roleAccent, ">")
	}
	if f.problem(id) != nil {
		sign, look = th.paint(roleBad, "!"), roleBad
	}
	return th.paint(f.labelLook(id), label) + sign + f.fieldView(th, id, width, look)
}

func (f *formDialog) labelLook(id cellID) role {
	if id == f.focus {
		return roleAccent
	}
	return roleText
}

func (f *formDialog) fieldView(th *theme, id cellID, w int, look role) string {
	if !f.canFocus(id) {
		return th.paint(roleDim, boxFill(" "+f.resolvedBound(id), w))
	}
	return f.cells[id].field.view(th, w, id == f.focus, look)
}

// hintLines say what is wrong with the field under the cursor, or how to fill it in.
func (f *formDialog) hintLines(th *theme, inner int) []string {
	if choices := f.choices(); len(choices) > 0 {
		return f.offerLines(th, inner, choices)
	}
	text, look := f.cells[f.focus].hint, roleDim
	if err := f.problem(f.focus); err != nil {
		text, look = drawable(fullSentence(err.Error())), roleBad
	}
	lines := boxWrap(text, inner, formHintLines)
	for len(lines) < formHintLines {
		lines = append(lines, boxFill("", inner))
	}
	return paintLines(th, look, lines)
}

// keptLine tells of the terms that apply although no field shows them.
func (f *formDialog) keptLine(th *theme, inner int) string {
	if len(f.kept) == 0 || f.dropped {
		return boxFill("", inner)
	}
	noun := "terms"
	if len(f.kept) == 1 {
		noun = "term"
	}
	line := fmt.Sprintf("and %d more %s: %s", len(f.kept), noun, drawable(search.Text(search.Join(f.kept))))
	return th.paint(roleWarn, boxFill(line, inner))
}
