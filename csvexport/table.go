package csvexport

import (
	"io"
	"strconv"
	"time"

	"weir/flow"
	"weir/internal/termsafe"
	"weir/internal/texttable"
)

// Marks in table cells.
const (
	noValue  = "-" // no cell is empty, so that awk splits every line into the same columns
	ellipsis = "~" // ends truncated text
)

// Table writes records as aligned text for people. It is not safe for concurrent
// use.
type Table struct {
	out    buffer
	loc    *time.Location
	width  int
	list   []tableColumn
	offset int // offset of the times in the heading, in seconds east of UTC
	rows   [][]string
	layout []placed // nil until the widths are determined
	live   bool     // rows arrive over time, without end

	columns []texttable.Column // scratch buffers of a line
	cells   []string
}

// NewTable returns a writer of a text table to w with times in loc (nil: UTC). If
// width > 0, lines are fitted into that many cells: names are truncated, then
// columns dropped, empty ones first, then the least important. Addresses, ports
// and times are never truncated, so lines can exceed a very small width.
func NewTable(w io.Writer, loc *time.Location, width int) *Table {
	return &Table{out: buffer{w: w}, loc: orUTC(loc), width: width, list: tableColumns[:]}
}

// NewLiveTable is like NewTable for rows that arrive over time. The first Flush
// with rows determines the widths and leaves room for typical values. Flush may
// be called repeatedly.
func NewLiveTable(w io.Writer, loc *time.Location, width int) *Table {
	t := NewTable(w, loc, width)
	t.live = true
	return t
}

// Write appends one line. The first sampleRows lines are buffered to determine the
// column widths.
func (t *Table) Write(r *flow.Record) error {
	if t.layout == nil && len(t.rows) == 0 {
		_, t.offset = r.Start.In(t.loc).Zone()
	}
	cells := make([]string, len(t.list))
	for i := range t.list {
		if cells[i] = termsafe.Text(t.list[i].cell(t, r)); cells[i] == "" {
			cells[i] = noValue
		}
	}
	if t.layout != nil {
		t.line(cells)
		return t.out.flushIfFull()
	}
	if t.rows = append(t.rows, cells); len(t.rows) < sampleRows {
		return t.out.err
	}
	return t.begin()
}

// Flush writes all buffered output.
func (t *Table) Flush() error {
	if t.layout == nil && t.live && len(t.rows) == 0 {
		return t.out.flush()
	}
	if t.layout == nil {
		if err := t.begin(); err != nil {
			return err
		}
	}
	return t.out.flush()
}

// begin determines the layout and writes the header and the buffered rows.
func (t *Table) begin() error {
	head := make([]string, len(t.list))
	for i := range t.list {
		head[i] = t.list[i].head
		if t.list[i].zone && len(t.rows) > 0 {
			head[i] += " (" + offsetText(t.offset) + ")"
		}
	}
	t.layout = t.measure(head)
	if t.live { // a column that is empty or narrow now may not stay so
		for i := range t.layout {
			t.layout[i].width = max(t.layout[i].width, t.list[i].typical)
			t.layout[i].setEmpty(false, &t.list[i])
		}
	}
	t.layout = fit(t.layout, t.width)
	t.line(head)
	for _, cells := range t.rows {
		t.line(cells)
	}
	t.rows = nil
	return t.out.flushIfFull()
}

// line writes the cells of the columns in the layout.
func (t *Table) line(cells []string) {
	t.columns, t.cells = t.columns[:0], t.cells[:0]
	for _, p := range t.layout {
		cell, of := cells[p.column], &t.list[p.column]
		if of.name {
			cell = termsafe.Truncate(cell, p.width, ellipsis)
		}
		t.columns = append(t.columns, texttable.Column{Right: of.right, Width: p.width})
		t.cells = append(t.cells, cell)
	}
	t.out.buf = texttable.AppendLine(t.out.buf, t.columns, t.cells)
}

// startCell returns the start time with milliseconds. A time whose UTC offset
// differs from the heading's, as after a clock change, has its own offset.
func startCell(t *Table, r *flow.Record) string { return t.timeCell(r.Start) }

func (t *Table) timeCell(at time.Time) string {
	at = at.In(t.loc)
	text := at.Format("2006-01-02 15:04:05.000")
	if _, offset := at.Zone(); offset != t.offset {
		text += offsetText(offset)[len("UTC"):]
	}
	return text
}

// offsetText returns "UTC-05:00" for seconds east of UTC.
func offsetText(seconds int) string {
	return time.Unix(0, 0).In(time.FixedZone("", seconds)).Format("UTC-07:00")
}

// endCell returns the end time relative to the start, "+2.400s", or "open".
func endCell(_ *Table, r *flow.Record) string {
	if r.Open() {
		return "open"
	}
	return "+" + strconv.FormatFloat(r.Duration().Seconds(), 'f', 3, 64) + "s"
}
