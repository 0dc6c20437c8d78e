package csvexport

import (
	"io"
	"time"

	"weir/flow"
)

// Format is an output format.
type Format uint8

// The formats.
const (
	FormatCSV    Format = iota // a header and one line per record
	FormatNDJSON               // one JSON object per line
	FormatJSON                 // one JSON array of the same objects
	FormatTable                // aligned text for people
)

// String returns the name of the format, which is also its file name extension:
// "csv", "ndjson", "json" or, for the table, "txt".
func (f Format) String() string { return [...]string{"csv", "ndjson", "json", "txt"}[f] }

// Options configures an export. The zero value is CSV in UTC.
type Options struct {
	Format  Format
	Columns []string       // from [ColumnNames], in output order; nil: default columns
	Loc     *time.Location // time zone of times; nil: UTC
	Width   int            // width of a table in terminal cells; 0: unlimited
	Live    bool           // for tables: rows arrive over time, see NewLiveTable
}

// Writer writes records in one format. Flush writes the buffered output to the
// underlying io.Writer and must be called at the end. A Writer is not safe for
// concurrent use.
type Writer interface {
	Write(r *flow.Record) error
	Flush() error
}

// New returns a writer to w. It fails only if o.Columns has an unknown or
// repeated name.
func New(w io.Writer, o Options) (Writer, error) {
	var out interface {
		Writer
		Select(names []string) error
	}
	switch o.Format {
	case FormatTable:
		if o.Live {
			out = NewLiveTable(w, o.Loc, o.Width)
		} else {
			out = NewTable(w, o.Loc, o.Width)
		}
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
