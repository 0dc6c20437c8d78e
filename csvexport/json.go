package csvexport

import (
	"io"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"weir/flow"
	"weir/internal/termsafe"
)

// JSON writes records as JSON, one object a line. Not safe for several
// goroutines.
type JSON struct {
	out   sink
	loc   *time.Location
	cols  []int  // indices into columns
	array bool   // one array of the objects, not an object a line
	rows  bool   // something was written
	value []byte // of the column at hand, before it is escaped
}

// NewJSON returns a writer of JSON lines to w, with times in loc (nil: UTC).
func NewJSON(w io.Writer, loc *time.Location) *JSON {
	return &JSON{out: sink{w: w}, loc: orUTC(loc), cols: firstColumns(len(columns))}
}

// NewJSONArray is NewJSON for one JSON value: an array of the objects, one a
// line. Flush closes it and is called once, at the end.
func NewJSONArray(w io.Writer, loc *time.Location) *JSON {
	j := NewJSON(w, loc)
	j.array = true
	return j
}

// Select writes these keys, of those that [ColumnNames] has, in this order.
func (j *JSON) Select(names []string) error {
	cols, err := columnsNamed(names)
	if err == nil {
		j.cols = cols
	}
	return err
}

// Write adds one line.
func (j *JSON) Write(r *flow.Record) error {
	b := j.out.buf
	if j.array {
		b = append(b, j.before()...)
	}
	b = append(b, '{')
	sep := ""
	for _, i := range j.cols {
		col := &columns[i]
		j.value = col.append(j.value[:0], row{r, j.loc})
		if len(j.value) == 0 {
			continue
		}
		b = append(b, sep...)
		sep = ","
		b = append(b, '"')
		b = append(b, col.name...)
		b = append(b, '"', ':')
		switch col.form {
		case number:
			b = append(b, j.value...)
		case word:
			b = append(b, '"')
			b = append(b, j.value...)
			b = append(b, '"')
		case text:
			b = appendJSONString(b, j.value)
		}
	}
	b = append(b, '}')
	if !j.array {
		b = append(b, '\n')
	}
	j.out.buf = b
	return j.out.spill()
}

// before is what stands before the next object of an array.
func (j *JSON) before() string {
	if j.rows {
		return ",\n"
	}
	j.rows = true
	return "[\n"
}

// Flush writes everything that is still held back.
func (j *JSON) Flush() error {
	if j.array && j.rows {
		j.out.buf = append(j.out.buf, "\n]\n"...)
	} else if j.array {
		j.out.buf = append(j.out.buf, "[]\n"...)
	}
	return j.out.flush()
}

// JSONText is a string of unknown origin in JSON: encoding/json leaves DEL, C1
// controls and bidirectional controls as they are, this escapes them as the
// export does.
type JSONText string

// MarshalJSON implements json.Marshaler.
func (s JSONText) MarshalJSON() ([]byte, error) { return appendJSONString(nil, []byte(s)), nil }

// appendJSONString appends s as a JSON string (RFC 8259, section 7), with \u
// escapes for what a terminal would not draw. Bytes that are not UTF-8 become
// U+FFFD.
func appendJSONString(b, s []byte) []byte {
	b = append(b, '"')
	for len(s) > 0 {
		r, size := utf8.DecodeRune(s)
		s = s[size:]
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case termsafe.Drawn(r):
			b = utf8.AppendRune(b, r)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			b = appendEscape(appendEscape(b, hi), lo)
		default:
			b = appendEscape(b, r)
		}
	}
	return append(b, '"')
}

// appendEscape appends one UTF-16 unit as \u and four hexadecimal digits.
func appendEscape(b []byte, r rune) []byte {
	const hex = "0123456789abcdef"
	return append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}
