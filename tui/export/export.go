package export

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/csvexport"
	"weir/flow"
	"weir/internal/termsafe"
	"weir/search"
	"weir/tui/session"
	"weir/tui/ui"
)

// ExportedMsg: an export is done.
type ExportedMsg struct {
	rows int
	path string
	err  error
}

// exportsOpen keeps count of the exports being written, so that the program
// does not end under one.
type exportsOpen struct {
	mu      sync.Mutex
	leaving bool
	open    sync.WaitGroup
}

// begin reports whether an export may start now.
func (x *exportsOpen) begin() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.leaving {
		x.open.Add(1)
	}
	return !x.leaving
}

// wait lets no more exports start and waits for those that have.
func (x *exportsOpen) wait() {
	x.mu.Lock()
	x.leaving = true
	x.mu.Unlock()
	x.open.Wait()
}

// View is what the reader looks at: the loaded flows of a query.
type View interface {
	// Displayed returns the loaded flows in the order of the display, which stay
	// as they are; false while the query has no answer.
	Displayed() ([]flow.Record, bool)

	// Matching returns the query of the loaded flows, its range resolved, and
	// how many flows match it; 0: not known.
	Matching() (q search.Query, total int64)
}

// Exporter writes flows to files, in the background. The program waits for it
// before it ends.
type Exporter struct {
	*session.Session
	view    View
	open    *exportsOpen
	job     *Job // the one that the open window is about; nil: none
	Writing int  // exports asked for and not reported back
	leaving bool // as soon as they are
}

// New returns an exporter of what a view shows.
func New(s *session.Session, view View) Exporter {
	return Exporter{Session: s, view: view, open: new(exportsOpen)}
}

// Finish lets no more exports begin and waits for those that have.
func (x *Exporter) Finish() { x.open.wait() }

// Export writes the flows of the view, in its order, to a CSV file. The rows
// are taken now; what arrives while the file is written is not in it.
func (x *Exporter) Export() tea.Cmd {
	return x.ExportTo(filepath.Join(x.Cfg.ExportDir, csvexport.FileName(x.Now(), x.Query.Nodes, "csv")))
}

// ExportTo is export to a file of the given name, or of one like it.
func (x *Exporter) ExportTo(path string) tea.Cmd {
	recs, answered := x.view.Displayed()
	if !answered {
		x.Say(ui.Text, "still searching: export again when the flows are there")
		return nil
	}
	if len(recs) == 0 {
		x.Say(ui.Text, "no flows in the view, nothing to export")
		return nil
	}
	loc, exports := x.Cfg.Loc, x.open
	x.Say(ui.Dim, "writing "+ui.Count(len(recs))+" flows ...")
	x.Writing++
	return session.Guarded(func() tea.Msg {
		if !exports.begin() {
			return nil
		}
		defer exports.open.Done()
		path, err := writeView(path, loc, recs)
		return ExportedMsg{rows: len(recs), path: path, err: err}
	})
}

// writeView writes recs as CSV to path, or to a name like it if that is taken.
// It is not canceled when the program ends: that waits for it.
func writeView(path string, loc *time.Location, recs []flow.Record) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return path, fmt.Errorf("find the export's directory: %w", err)
	}
	path, err = csvexport.FreeName(path)
	if err != nil {
		return path, err
	}
	return path, csvexport.WriteFile(context.Background(), path, csvexport.Options{Loc: loc}, csvexport.Rows(recs))
}

func (x *Exporter) OnExported(msg ExportedMsg) tea.Cmd {
	x.Writing--
	if msg.err != nil {
		x.leaving = false // the reader has to know
		x.Say(ui.Bad, "export failed: "+ui.OneLine(msg.err))
		return nil
	}
	x.Say(ui.Good, ui.Count(msg.rows)+ui.Plural(msg.rows, " flow")+" written to "+termsafe.Text(msg.path)+", same as the view")
	if x.leaving && x.Writing == 0 {
		return tea.Quit
	}
	return nil
}

// Quit leaves the screen, after an export that is being written; asked twice, at once.
func (x *Exporter) Quit() tea.Cmd {
	if x.Writing > 0 && !x.leaving {
		x.leaving = true
		x.Say(ui.Warn, "finishing the export ...")
		return nil
	}
	return tea.Quit
}
