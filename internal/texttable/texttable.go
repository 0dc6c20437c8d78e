// Package texttable lays out the text tables that commands print.
//
// Columns are as wide as their widest cell on the terminal, two blanks apart.
// Every cell passes [termsafe.Text] on its way out, so that a name from the
// network or a file can neither drive the terminal nor begin a line of its own;
// a caller can't forget it.
//
// [Table] measures rows that are all there before the first is written.
// [AppendLine] is the line below it, for tables that decide their widths
// themselves.
package texttable

import (
	"fmt"
	"io"

	"weir/internal/termsafe"
)

// gap is the blanks between two columns.
const gap = 2

// Column is how a column stands.
type Column struct {
	Right bool // its cells end below each other, as numbers do
	Width int  // in cells of the terminal; a wider cell moves the rest of its line
}

// Table is rows of the same number of cells.
type Table struct {
	columns []Column
	rows    [][]string
}

// New returns a table of these columns. Their widths are the least.
func New(columns ...Column) *Table { return &Table{columns: columns} }

// Left returns a table of n columns that are aligned to the left.
func Left(n int) *Table { return New(make([]Column, n)...) }

// Row adds a row, the head included: a cell for each column, as fmt.Sprint
// prints it.
func (t *Table) Row(cells ...any) {
	row := make([]string, len(t.columns))
	for i := range row {
		row[i] = termsafe.Text(fmt.Sprint(cells[i]))
	}
	t.rows = append(t.rows, row)
}

// Print writes the table to w. Nothing follows the last cell of a line.
func (t *Table) Print(w io.Writer) error {
	for _, row := range t.rows {
		for i, cell := range row {
			t.columns[i].Width = max(t.columns[i].Width, termsafe.Width(cell))
		}
	}
	var b []byte
	for _, row := range t.rows {
		b = AppendLine(b, t.columns, row)
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

// AppendLine appends a line with a cell for each column. Nothing follows the
// last cell.
func AppendLine(dst []byte, columns []Column, cells []string) []byte {
	for i, c := range columns {
		if i > 0 {
			dst = appendBlanks(dst, gap)
		}
		cell := termsafe.Text(cells[i])
		pad := c.Width - termsafe.Width(cell)
		if c.Right {
			dst = append(appendBlanks(dst, pad), cell...)
		} else if dst = append(dst, cell...); i < len(columns)-1 {
			dst = appendBlanks(dst, pad)
		}
	}
	return append(dst, '\n')
}

func appendBlanks(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, ' ')
	}
	return dst
}
