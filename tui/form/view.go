package form

import (
	"fmt"

	"weir/search"
	"weir/tui/ui"
)

// The size of the window in terminal columns and lines; without blank lines it fits in 80 × 24.
const (
	formWidth      = 78
	formHeight     = 25
	formLabelCol   = 11 // labels of the left column; a column for a sign follows
	formRightLabel = 9  // labels of the right column
	formHintLines  = 2
	formFlagRow    = 7
)

// formHeadings come before the row of their index, formGaps after it.
const (
	formHeadingRow = 3
	formGapRow     = 5
)

// View implements [ui.Window].
func (f *Form) View(th *ui.Theme, w, h int) string {
	if f.past.open {
		return f.historyView(th, w, h)
	}
	width := min(w, formWidth)
	inner := ui.Inner(width)
	body, at := f.body(th, inner)
	tail := append([]string{f.keptLine(th, inner)}, f.hintLines(th, inner)...)
	next := f.keys.Next
	if f.completes() {
		next.SetHelp(next.Help().Key, "complete")
	}
	tail = append(tail, ui.KeyLine(th, inner, f.keys.Accept, next, f.keys.Clear, f.keys.ClearAll, f.keys.History, f.keys.Cancel))

	room := h - 2
	if len(body)+len(tail) > room {
		body, at = withoutBlanks(body, at)
	}
	if over := len(body) + len(tail) - room; over > 0 {
		rows := max(len(body)-over, 1)
		top := min(max(at-rows/2, 0), len(body)-rows)
		body = body[top : top+rows]
	}
	return ui.Box(th, "Advanced search", ui.Squeeze(append(body, tail...), 0, room), width, h)
}

// body returns the grid, and the index of the line with the focus.
func (f *Form) body(th *ui.Theme, inner int) (lines []string, at int) {
	for id := cellID(0); id < numCells; {
		row := f.cells[id].row
		if row == formHeadingRow {
			left, _ := formColumns(inner)
			lines = append(lines, "", th.Paint(ui.Header, ui.Fill("", formLabelCol+1)+ui.Fill("Source", left+2)+"Destination"))
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

// formColumns returns the widths of the fields in the two columns.
func formColumns(inner int) (left, right int) {
	room := max(inner-formLabelCol-3, 2)
	return room / 2, room - room/2
}

// cellView draws a field with its label and sign: ">" for the focus, "!" if it is
// invalid.
func (f *Form) cellView(th *ui.Theme, id cellID, inner int) string {
	c := &f.cells[id]
	left, right := formColumns(inner)
	label, width := ui.Fill(c.label, formLabelCol), left
	switch {
	case c.col == 1:
		label, width = " ", right
		if c.label != "" {
			label, width = " "+ui.Fill(c.label, formRightLabel), right-formRightLabel
		}
	case c.row == formFlagRow || id == cellRange || id == cellNodes:
		width = inner - formLabelCol - 1
	}
	sign, look := " ", ui.Input
	if id == f.focus {
		sign = th.Paint(ui.Accent, ">")
	}
	if f.problem(id) != nil {
		sign, look = th.Paint(ui.Bad, "!"), ui.Bad
	}
	return th.Paint(f.labelLook(id), label) + sign + f.fieldView(th, id, width, look)
}

func (f *Form) labelLook(id cellID) ui.Role {
	if id == f.focus {
		return ui.Accent
	}
	return ui.Text
}

func (f *Form) fieldView(th *ui.Theme, id cellID, w int, look ui.Role) string {
	if !f.canFocus(id) {
		return th.Paint(ui.Dim, ui.Fill(" "+f.resolvedBound(id), w))
	}
	return f.cells[id].field.View(th, w, id == f.focus, look)
}

// hintLines returns the error of the field under the cursor, or its hint.
func (f *Form) hintLines(th *ui.Theme, inner int) []string {
	if choices := f.choices(); len(choices) > 0 && f.refused == nil {
		return f.offerLines(th, inner, choices)
	}
	text, look := f.cells[f.focus].hint, ui.Dim
	if err := f.problem(f.focus); err != nil {
		text, look = ui.Safe(ui.Sentence(err.Error())), ui.Bad
	}
	if f.refused != nil {
		text, look = ui.Sentence(f.refused.Error()), ui.Warn
	}
	lines := ui.Wrap(text, inner, formHintLines)
	for len(lines) < formHintLines {
		lines = append(lines, ui.Fill("", inner))
	}
	return ui.PaintLines(th, look, lines)
}

// keptLine returns a line about the terms that apply although no field shows them.
func (f *Form) keptLine(th *ui.Theme, inner int) string {
	if len(f.kept) == 0 || f.dropped {
		return ui.Fill("", inner)
	}
	noun := "terms"
	if len(f.kept) == 1 {
		noun = "term"
	}
	line := fmt.Sprintf("and %d more %s: %s", len(f.kept), noun, ui.Safe(search.Text(search.Join(f.kept))))
	return th.Paint(ui.Warn, ui.Fill(line, inner))
}
