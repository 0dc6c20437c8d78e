package csvexport

import (
	"io"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"weir/flow"
	"weir/internal/termsafe"
)

// JSON writes records as JSON, one object per line. It is not safe for
// concurrent use.
type JSON struct {
	out   buffer
	loc   *time.Location
	cols  []int  // indices into columns
	array bool   // write one array instead of JSON lines
	rows  bool   // at least one row was written
	value []byte // scratch buffer: a value before escaping
}

// NewJSON returns a writer of JSON lines to w with times in loc (nil: UTC).
func NewJSON(w io.Writer, loc *time.Location) *JSON {
	return &JSON{out: buffer{w: w}, loc: orUTC(loc), cols: firstColumns(len(jsonColumns))}
}

// NewJSONArray is like NewJSON but writes one array with an object per line.
// Flush closes the array and must be called exactly once, at the end.
func NewJSONArray(w io.Writer, loc *time.Location) *JSON {
	j := NewJSON(w, loc)
	j.array = true
	return j
}

// Select sets the keys to write, in order, by their [ColumnNames]. An unknown or
// repeated name is an error.
func (j *JSON) Select(names []string) error {
	cols, err := columnIndices(names)
	if err == nil {
		j.cols = cols
	}
	return err
}

// Write appends one object. It returns the first error of the underlying writer.
func (j *JSON) Write(r *flow.Record) error {
	b := j.out.buf
	if j.array {
		b = append(b, j.separator()...)
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
		switch col.encoding {
		case number:
			b = append(b, j.value...)
		case plain:
			b = append(b, '"')
			b = append(b, j.value...)
			b = append(b, '"')
		case untrusted:
			b = appendJSONString(b, j.value)
		}
	}
	b = append(b, '}')
	if !j.array {
		b = append(b, '\n')
	}
	j.out.buf = b
	return j.out.flushIfFull()
}

// separator returns the text before the next object of an array.
func (j *JSON) separator() string {
	if j.rows {
		return ",\n"
	}
	j.rows = true
	return "[\n"
}

// Flush writes all buffered output and closes an array.
func (j *JSON) Flush() error {
	if j.array && j.rows {
		j.out.buf = append(j.out.buf, "\n]\n"...)
	} else if j.array {
		j.out.buf = append(j.out.buf, "[]\n"...)
	}
	return j.out.flush()
}

// JSONText is an untrusted string to be marshaled as JSON. encoding/json does not
// escape DEL, C1 controls and bidirectional controls; JSONText escapes them as
// the export does.
type JSONText string

// MarshalJSON implements json.Marshaler.
func (s JSONText) MarshalJSON() ([]byte, error) { return appendJSONString(nil, []byte(s)), nil }

// appendJSONString appends s as a JSON string (RFC 8259, section 7), with \u
// escapes for runes that are not [termsafe.Drawn]. Bytes that are not UTF-8
// become U+FFFD.
func appendJSONString(b, s []byte) []byte {
	b = append(b, '"')
	for len(s) > 0 {
		n := 0
		for n < len(s) && s[n] >= ' ' && s[n] <= '~' && s[n] != '"' && s[n] != '\\' {
			n++
		}
		if n > 0 { // most strings are ASCII as a whole
			b, s = append(b, s[:n]...), s[n:]
			continue
		}
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

// appendEscape appends a UTF-16 code unit as \u and four hexadecimal digits.
func appendEscape(b []byte, r rune) []byte {
	const hex = "0123456789abcdef"
	return append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}
