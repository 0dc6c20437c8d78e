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

// CSV writes records as CSV. Not safe for several goroutines.
type CSV struct {
	out  sink
	loc  *time.Location
	cols []int // indices into columns
}

// NewCSV returns a writer of CSV to w, with times in loc (nil: UTC).
func NewCSV(w io.Writer, loc *time.Location) *CSV {
	c := &CSV{out: sink{w: w}, loc: orUTC(loc)}
	c.choose(firstColumns(csvColumns))
	return c
}

// Select writes these columns, of those that [ColumnNames] has, in this order.
// It is called before the first Write.
func (c *CSV) Select(names []string) error {
	cols, err := columnsNamed(names)
	if err == nil {
		c.choose(cols)
	}
	return err
}

// choose starts over with other columns.
func (c *CSV) choose(cols []int) {
	c.cols = cols
	names := make([]string, len(cols))
	for i, col := range cols {
		names[i] = columns[col].name
	}
	c.out.buf = append(c.out.buf[:0], strings.Join(names, ",")+"\n"...)
}

// Write adds one row.
func (c *CSV) Write(r *flow.Record) error {
	b := c.out.buf
	for i, n := range c.cols {
		if i > 0 {
			b = append(b, ',')
		}
		col, start := &columns[n], len(b)
		b = col.append(b, row{r, c.loc})
		if col.form == text && !plainCell(b[start:]) {
			cell := string(b[start:])
			b = appendCell(b[:start], cell)
		}
	}
	c.out.buf = append(b, '\n')
	return c.out.spill()
}

// Flush writes everything that is still held back.
func (c *CSV) Flush() error { return c.out.flush() }

// Defuse returns a text cell so that no spreadsheet takes it for a formula:
// with a single quote in front if its first character, blanks aside, is one of
// = + - @ or their fullwidth forms. Control characters, among them the tab and
// carriage return that spreadsheets also start formulas after, are spelled out.
func Defuse(s string) string {
	s = termsafe.Text(s)
	if first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " ")); strings.ContainsRune("=+-@＝＋－＠", first) {
		return "'" + s
	}
	return s
}

// plainCell reports whether a cell is written as it is.
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

// appendCell appends s defused, and in quotes where RFC 4180 wants them or a
// reader would trim blanks.
func appendCell(b []byte, s string) []byte {
	s = Defuse(s)
	if !strings.ContainsAny(s, `",`) && !strings.HasPrefix(s, " ") && !strings.HasSuffix(s, " ") {
		return append(b, s...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(s, `"`, `""`)...)
	return append(b, '"')
}

// sink collects bytes for a writer and keeps its first error.
type sink struct {
	w   io.Writer
	buf []byte
	err error
}

// spill writes the buffer if it is full.
func (s *sink) spill() error {
	if len(s.buf) < bufferSize {
		return s.err
	}
	return s.flush()
}

func (s *sink) flush() error {
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
