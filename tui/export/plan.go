package export

import (
	"strconv"
	"sync/atomic"

	"weir/csvexport"
	"weir/tui/ui"
)

// Plan is what an export writes, and where.
type Plan struct {
	Path    string // absolute
	Free    bool   // Path is a proposal: the next free name like it will do
	Format  csvexport.Format
	Columns []string // nil: the usual ones of the format
	All     bool     // all flows that match, else those of the view
}

// Progress is how far an export is. Its writer counts, the window reads.
type Progress struct {
	Total int64 // flows that it will have; 0: not known
	Rows  atomic.Int64
}

// BegunMsg tells the window that its export is being written.
type BegunMsg struct{ Progress *Progress }

// FinishedMsg tells the window that its export is there, or why not.
type FinishedMsg struct{ Err error }

// Percent is how far the export is; false: its flows were not counted.
func (j *Progress) Percent() (percent int, ok bool) {
	if j.Total <= 0 {
		return 0, false
	}
	done := j.Rows.Load()
	return int(100 * done / max(j.Total, done)), true
}

// Text is how far the export is, in words.
func (j *Progress) Text() string {
	done := j.Rows.Load()
	if percent, ok := j.Percent(); ok {
		return "writing: " + ui.Count(done) + " of " + ui.Count(max(j.Total, done)) + " flows, " + strconv.Itoa(percent) + " %"
	}
	return "writing: " + ui.Count(done) + " flows"
}
