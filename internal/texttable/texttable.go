// Package texttable formats the text tables that commands print.
//
// A column is as wide as its widest cell, in terminal cells, but at most 256; a
// wider cell shifts only the rest of its line. Columns are separated by two spaces.
// Every cell passes through [termsafe.Text], so that a name from the network or
// a file can neither control the terminal nor start a new line.
//
// [Table] buffers all rows to measure them. [AppendLine] formats a single line,
// for tables that determine their widths themselves.
package texttable

import (
	"fmt"
	"io"

	"weir/internal/termsafe"
)

const (
	gap      = 2   // blanks between two columns
	maxWidth = 256 // limit of a column width: one cell of 1 MB among 1,000 rows would make 1 GB of blanks
)

// Column is the format of a column.
type Column struct {
	Right bool // right-aligned
	Width int  // in terminal cells; a wider cell shifts the rest of its line
}

// Table is a list of rows with the same number of cells.
type Table struct {
	columns []Column
	rows    [][]string
}

// New returns a table with the given columns. Their widths are minimums.
func New(columns ...Column) *Table { return &Table{columns: columns} }

// Left returns a table with n left-aligned columns.
func Left(n int) *Table { return New(make([]Column, n)...) }

// Row appends a row, or the header: one cell per column, formatted by fmt.Sprint.
// Missing cells are empty.
func (t *Table) Row(cells ...any) {
	row := make([]string, len(t.columns))
	for i := range min(len(row), len(cells)) {
		row[i] = termsafe.Text(fmt.Sprint(cells[i]))
	}
	t.rows = append(t.rows, row)
}

// Print writes the table to w. Lines have no trailing blanks.
func (t *Table) Print(w io.Writer) error {
	for _, row := range t.rows {
		for i, cell := range row {
			t.columns[i].Width = max(t.columns[i].Width, min(termsafe.Width(cell), maxWidth))
		}
	}
	var b []byte
	for _, row := range t.rows {
		for i, cell := range row {
			b = appendCell(b, t.columns, i, cell)
		}
		b = append(b, '\n')
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

// AppendLine appends a line with one cell per column and no trailing blanks.
func AppendLine(dst []byte, columns []Column, cells []string) []byte {
	for i := range columns {
		dst = appendCell(dst, columns, i, termsafe.Text(cells[i]))
	}
	return append(dst, '\n')
}

// appendCell appends the cell of column i, which is safe.
func appendCell(dst []byte, columns []Column, i int, cell string) []byte {
	if i > 0 {
		dst = appendBlanks(dst, gap)
	}
	pad := columns[i].Width - termsafe.Width(cell)
	if columns[i].Right {
		return append(appendBlanks(dst, pad), cell...)
	}
	dst = append(dst, cell...)
	if i < len(columns)-1 {
		dst = appendBlanks(dst, pad)
	}
	return dst
}

func appendBlanks(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, ' ')
	}
	return dst
}
