package csvexport

import (
	"io"
	"strconv"
	"time"

	"weir/flow"
	"weir/internal/termsafe"
	"weir/internal/texttable"
)

// Marks in cells of the table.
const (
	noValue = "-" // there is none; a cell is never empty, so that awk counts columns right
	cutSign = "~" // ends a text that was shortened
)

// Table writes records as aligned text for people. Not safe for several
// goroutines.
type Table struct {
	out    sink
	loc    *time.Location
	width  int
	offset int // of the times in the head: seconds east of UTC
	rows   [][]string
	layout []placed // nil until the widths are decided
	live   bool     // rows come for ever, a few at a time

	columns []texttable.Column // of the line at hand
	cells   []string
}

// NewTable returns a writer of a plain table to w, with times in loc (nil:
// UTC). If width > 0, lines are fitted into that many cells: names are
// shortened, then whole columns left out, empty ones first and then the least
// important ones. Addresses, ports and times are never cut; if even those don't
// fit, lines are longer.
func NewTable(w io.Writer, loc *time.Location, width int) *Table {
	return &Table{out: sink{w: w}, loc: orUTC(loc), width: width}
}

// NewLiveTable is NewTable for rows that go on coming. Its widths are decided
// at the first Flush with rows, which therefore leaves room for usual ones, and
// it may be flushed as often as there is something new.
func NewLiveTable(w io.Writer, loc *time.Location, width int) *Table {
	t := NewTable(w, loc, width)
	t.live = true
	return t
}

// Write adds one line. The first sampleRows are held back to measure them.
func (t *Table) Write(r *flow.Record) error {
	if t.layout == nil && len(t.rows) == 0 {
		_, t.offset = r.Start.In(t.loc).Zone()
	}
	cells := make([]string, len(tableColumns))
	for i := range tableColumns {
		if cells[i] = termsafe.Text(tableColumns[i].cell(t, r)); cells[i] == "" {
			cells[i] = noValue
		}
	}
	if t.layout != nil {
		t.line(cells)
		return t.out.spill()
	}
	if t.rows = append(t.rows, cells); len(t.rows) < sampleRows {
		return t.out.err
	}
	return t.begin()
}

// Flush writes everything that is still held back.
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

// begin decides the layout and writes the head and the rows held back.
func (t *Table) begin() error {
	head := make([]string, len(tableColumns))
	for i := range tableColumns {
		head[i] = tableColumns[i].head
	}
	if len(t.rows) > 0 {
		head[0] += " (" + offsetText(t.offset) + ")"
	}
	t.layout = measure(head, t.rows)
	if t.live { // what is empty and narrow now may not stay so
		for i := range t.layout {
			t.layout[i].width = max(t.layout[i].width, tableColumns[i].usual)
			t.layout[i].empty = false
		}
	}
	t.layout = fit(t.layout, t.width)
	t.line(head)
	for _, cells := range t.rows {
		t.line(cells)
	}
	t.rows = nil
	return t.out.spill()
}

// line writes the cells that the layout has room for.
func (t *Table) line(cells []string) {
	t.columns, t.cells = t.columns[:0], t.cells[:0]
	for _, p := range t.layout {
		cell, of := cells[p.column], &tableColumns[p.column]
		if of.name {
			cell = termsafe.Truncate(cell, p.width, cutSign)
		}
		t.columns = append(t.columns, texttable.Column{Right: of.right, Width: p.width})
		t.cells = append(t.cells, cell)
	}
	t.out.buf = texttable.AppendLine(t.out.buf, t.columns, t.cells)
}

// startCell is the start with seconds. Where clocks were changed within the
// table, a time with another offset than the head's carries its own.
func startCell(t *Table, r *flow.Record) string {
	start := r.Start.In(t.loc)
	text := start.Format("2006-01-02 15:04:05.000")
	if _, offset := start.Zone(); offset != t.offset {
		text += offsetText(offset)[len("UTC"):]
	}
	return text
}

// offsetText returns "UTC-05:00" for seconds east of UTC.
func offsetText(seconds int) string {
	return time.Unix(0, 0).In(time.FixedZone("", seconds)).Format("UTC-07:00")
}

// endCell is how long after the start the flow ended.
func endCell(_ *Table, r *flow.Record) string {
	if r.Open() {
		return "open"
	}
	return "+" + strconv.FormatFloat(r.Duration().Seconds(), 'f', 3, 64) + "s"
}
