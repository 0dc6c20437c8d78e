package dialog

import (
	"strconv"
	"sync/atomic"

	"weir/csvexport"
	"weir/tui/ui"
)

// ExportPlan is what an export writes, and where.
type ExportPlan struct {
	Path    string // absolute
	Free    bool   // Path is a proposal: the next free name like it will do
	Format  csvexport.Format
	Columns []string // nil: the usual ones of the format
	All     bool     // all flows that match, else those of the view
}

// ExportProgress is how far an export is. Its writer counts, the window reads.
type ExportProgress struct {
	Total int64 // flows that it will have; 0: not known
	Rows  atomic.Int64
}

// ExportChosenMsg: this is to be written. The window stays open and shows how
// far that is, once it is told that it has begun.
type ExportChosenMsg struct{ Plan ExportPlan }

// StaysOpen says that the window does.
func (ExportChosenMsg) StaysOpen() {}

// ExportCanceledMsg: what is being written is to be given up.
type ExportCanceledMsg struct{}

// ExportBegunMsg tells the window that its export is being written.
type ExportBegunMsg struct{ Progress *ExportProgress }

// ExportFinishedMsg tells the window that its export is there, or why not.
type ExportFinishedMsg struct{ Err error }

// percent is how far the export is; false: its flows were not counted.
func (j *ExportProgress) percent() (percent int, ok bool) {
	if j.Total <= 0 {
		return 0, false
	}
	done := j.Rows.Load()
	return int(100 * done / max(j.Total, done)), true
}

// text is how far the export is, in words.
func (j *ExportProgress) text() string {
	done := j.Rows.Load()
	if percent, ok := j.percent(); ok {
		return "writing: " + ui.Count(done) + " of " + ui.Count(max(j.Total, done)) + " flows, " + strconv.Itoa(percent) + " %"
	}
	return "writing: " + ui.Count(done) + " flows"
}
