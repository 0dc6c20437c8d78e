package csvexport

import (
	"io"
	"time"

	"weir/flow"
)

// Format is how records are written.
type Format uint8

// The formats.
const (
	FormatCSV    Format = iota // a header and a line for each record
	FormatNDJSON               // a JSON object a line
	FormatJSON                 // one JSON array of the same objects
	FormatTable                // aligned text for people
)

// String returns the format's name, which is also the usual extension of its
// files: "csv", "ndjson", "json" or, for the table, "txt".
func (f Format) String() string { return [...]string{"csv", "ndjson", "json", "txt"}[f] }

// Options say how records are written. The zero value is CSV in UTC.
type Options struct {
	Format  Format
	Columns []string       // of [ColumnNames], in this order; nil: the usual ones. Not for the table
	Loc     *time.Location // of times; nil: UTC
	Width   int            // of the table, in cells of the screen; 0: as wide as needed
	Live    bool           // a table whose rows go on coming, see NewLiveTable
}

// Writer writes records in one of the formats. Flush hands what is held back to
// the io.Writer below; it must be called at the end. Not safe for several
// goroutines.
type Writer interface {
	Write(r *flow.Record) error
	Flush() error
}

// New returns a writer to w. It fails only if Columns has a name that is
// unknown or is there twice.
func New(w io.Writer, o Options) (Writer, error) {
	var out interface {
		Writer
		Select(names []string) error
	}
	switch o.Format {
	case FormatTable:
		if o.Live {
			return NewLiveTable(w, o.Loc, o.Width), nil
		}
		return NewTable(w, o.Loc, o.Width), nil
	case FormatNDJSON:
		out = NewJSON(w, o.Loc)
	case FormatJSON:
		out = NewJSONArray(w, o.Loc)
	default:
		out = NewCSV(w, o.Loc)
	}
	if o.Columns == nil {
		return out, nil
	}
	if err := out.Select(o.Columns); err != nil {
		return nil, err
	}
	return out, nil
}
