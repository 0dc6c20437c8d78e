package csvexport

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"weir/flow"
	"weir/internal/termsafe"
)

// CSV writes records as CSV. It is not safe for concurrent use.
type CSV struct {
	out  buffer
	loc  *time.Location
	cols []int // indices into columns
}

// NewCSV returns a CSV writer to w with times in loc (nil: UTC).
func NewCSV(w io.Writer, loc *time.Location) *CSV {
	c := &CSV{out: buffer{w: w}, loc: orUTC(loc)}
	c.setColumns(firstColumns(csvColumns))
	return c
}

// Select sets the columns to write, in order, by their [ColumnNames]. It must be
// called before the first Write. An unknown or repeated name is an error.
func (c *CSV) Select(names []string) error {
	cols, err := columnIndices(names)
	if err == nil {
		c.setColumns(cols)
	}
	return err
}

// setColumns sets the columns and restarts the output with their header.
func (c *CSV) setColumns(cols []int) {
	c.cols = cols
	names := make([]string, len(cols))
	for i, col := range cols {
		names[i] = columns[col].name
	}
	c.out.buf = append(c.out.buf[:0], strings.Join(names, ",")+"\n"...)
}

// Write appends one row. It returns the first error of the underlying writer.
func (c *CSV) Write(r *flow.Record) error {
	b := c.out.buf
	for i, n := range c.cols {
		if i > 0 {
			b = append(b, ',')
		}
		col, start := &columns[n], len(b)
		b = col.append(b, row{r, c.loc})
		if col.encoding == untrusted && !plainCell(b[start:]) {
			cell := string(b[start:])
			b = appendCell(b[:start], cell)
		}
	}
	b = append(b, '\n')
	c.out.buf = b
	return c.out.flushIfFull()
}

// Flush writes all buffered output.
func (c *CSV) Flush() error { return c.out.flush() }

// EscapeFormula returns s so that no spreadsheet evaluates it as a formula: it
// prefixes a single quote if the first character after blanks is one of = + - @
// or their fullwidth forms. Control characters are spelled out, including the
// tab and carriage return after which spreadsheets accept a formula as well.
func EscapeFormula(s string) string {
	s = termsafe.Text(s)
	if first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " ")); strings.ContainsRune("=+-@＝＋－＠", first) {
		return "'" + s
	}
	return s
}

// plainCell reports whether a cell needs neither escaping nor quotes.
func plainCell(b []byte) bool {
	for i, c := range b {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '_', c == '/', c == ':':
		case c == '-' && i > 0:
		default:
			return false
		}
	}
	return true
}

// appendCell appends s formula-escaped, and quoted if RFC 4180 requires it or if
// a reader could trim leading or trailing blanks.
func appendCell(b []byte, s string) []byte {
	s = EscapeFormula(s)
	if !strings.ContainsAny(s, `",`) && !strings.HasPrefix(s, " ") && !strings.HasSuffix(s, " ") {
		return append(b, s...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(s, `"`, `""`)...)
	return append(b, '"')
}

// buffer collects output for a writer and keeps the first error.
type buffer struct {
	w   io.Writer
	buf []byte
	err error
}

// flushIfFull writes the buffer once it has bufferSize bytes.
func (s *buffer) flushIfFull() error {
	if len(s.buf) < bufferSize {
		return s.err
	}
	return s.flush()
}

func (s *buffer) flush() error {
	if s.err == nil && len(s.buf) > 0 {
		if _, err := s.w.Write(s.buf); err != nil {
			s.err = fmt.Errorf("write export: %w", err)
		}
	}
	s.buf = s.buf[:0]
	return s.err
}

func orUTC(loc *time.Location) *time.Location {
	if loc == nil {
		return time.UTC
	}
	return loc
}
