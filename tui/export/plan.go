package export

import (
	"strconv"
	"sync/atomic"

	"weir/csvexport"
	"weir/tui/ui"
)

// Plan says what an export writes, and where.
type Plan struct {
	Path    string // absolute
	Free    bool   // Path is a proposal: a similar free one may be used
	Format  csvexport.Format
	Columns []string // nil: the default columns of the format
	All     bool     // all matching flows, else those of the view
}

// Progress is the progress of an export. The writer counts, the window reads.
type Progress struct {
	Total int64 // expected flows; 0: unknown
	Rows  atomic.Int64
}

// BegunMsg tells the window that its export has started.
type BegunMsg struct{ Progress *Progress }

// FinishedMsg tells the window that its export has finished.
type FinishedMsg struct{ Err error }

// Percent returns the progress in percent; false if the flows were not counted.
func (j *Progress) Percent() (percent int, ok bool) {
	if j.Total <= 0 {
		return 0, false
	}
	done := j.Rows.Load()
	return int(100 * done / max(j.Total, done)), true
}

// Text returns the progress for the user.
func (j *Progress) Text() string {
	done := j.Rows.Load()
	if percent, ok := j.Percent(); ok {
		return "writing: " + ui.Count(done) + " of " + ui.Count(max(j.Total, done)) + " flows, " + strconv.Itoa(percent) + " %"
	}
	return "writing: " + ui.Count(done) + " flows"
}
