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

// ExportedMsg reports that an export without a window has finished.
type ExportedMsg struct {
	rows int
	path string
	err  error
	gaps []search.Gap // damaged parts of the store that the file lacks
}

// exportsOpen counts the exports in progress, so that the program does not exit
// before they are complete.
type exportsOpen struct {
	mu      sync.Mutex
	leaving bool
	open    sync.WaitGroup
}

// begin reports whether an export may start.
func (x *exportsOpen) begin() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.leaving {
		x.open.Add(1)
	}
	return !x.leaving
}

// wait keeps further exports from starting and waits for those in progress.
func (x *exportsOpen) wait() {
	x.mu.Lock()
	x.leaving = true
	x.mu.Unlock()
	x.open.Wait()
}

// View is the loaded flows of a query, as shown to the user.
type View interface {
	// Displayed returns the loaded flows in display order, which are not modified
	// afterwards; false before the reply to the query.
	Displayed() ([]flow.Record, bool)

	// Rest returns the query, the position after the loaded flows, and how many flows
	// after it belong to the view; false while they are still loading.
	Rest() (q search.Query, after search.Cursor, n int, ok bool)

	// Matching returns the query of the loaded flows, with its time range resolved,
	// and how many flows match it; 0: unknown.
	Matching() (q search.Query, total int64)
}

// Exporter writes flows to files, in the background. The program waits for it before
// it exits.
type Exporter struct {
	*session.Session
	view    View
	open    *exportsOpen
	job     *Job // the one whose progress the open window shows; nil: none
	Writing int  // exports in progress
	leaving bool // quit as soon as Writing is 0
}

// New returns an exporter for the flows of a view.
func New(s *session.Session, view View) Exporter {
	return Exporter{Session: s, view: view, open: new(exportsOpen)}
}

// Finish keeps further exports from starting and waits for those in progress.
func (x *Exporter) Finish() { x.open.wait() }

// Export writes the flows of the view up to the limit of its query, loaded or not, in
// display order, to a CSV file with a generated name: what `weir query` writes for the
// same query.
func (x *Exporter) Export() tea.Cmd {
	return x.ExportTo(filepath.Join(x.Cfg.ExportDir, csvexport.FileName(x.Now(), x.Query.Nodes, "csv")))
}

// ExportTo is [Exporter.Export] to the given path, or to a free one like it.
func (x *Exporter) ExportTo(path string) tea.Cmd {
	recs, answered := x.view.Displayed()
	q, after, more, complete := x.view.Rest()
	if !answered || !complete {
		x.Say(ui.Text, "still searching: export when the search is done")
		return nil
	}
	if len(recs) == 0 {
		x.Say(ui.Text, "no flows in the view, nothing to export")
		return nil
	}
	loc, exports, ctx := x.Cfg.Loc, x.open, x.Ctx
	x.Say(ui.Dim, "writing flows ...")
	job := new(Job)
	out := csvexport.Counted(job.view(x.Cfg.Store, recs, q, after, more), &job.Rows)
	x.Writing++
	return session.Guarded(func() tea.Msg {
		if !exports.begin() {
			return nil
		}
		defer exports.open.Done()
		if more <= search.MaxLimit { // not ended by the end of the session: the program waits for it
			ctx = context.WithoutCancel(ctx)
		}
		path, err := writeView(ctx, path, loc, out)
		return ExportedMsg{rows: int(job.Rows.Load()), path: path, err: err, gaps: job.gaps}
	})
}

// writeView writes flows as CSV to path, or to a similar free one if that exists.
func writeView(ctx context.Context, path string, loc *time.Location, out csvexport.Source) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return path, fmt.Errorf("find the export's directory: %w", err)
	}
	path, err = csvexport.FreeName(path)
	if err != nil {
		return path, err
	}
	return path, csvexport.WriteFile(ctx, path, csvexport.Options{Loc: loc}, out)
}

// OnExported handles the end of an export without a window.
func (x *Exporter) OnExported(msg ExportedMsg) tea.Cmd {
	x.Writing--
	if msg.err != nil {
		x.leaving = false // the user has to see the error
		x.Say(ui.Bad, "export failed: "+ui.OneLine(msg.err))
		return nil
	}
	if len(msg.gaps) > 0 {
		x.leaving = false
		x.Say(ui.Bad, "export incomplete: "+search.GapText(msg.gaps, x.Cfg.Loc)+"; "+ui.Count(msg.rows)+ui.Plural(msg.rows, " flow")+" written to "+ui.Safe(msg.path))
		return nil
	}
	x.Say(ui.Good, ui.Count(msg.rows)+ui.Plural(msg.rows, " flow")+" written to "+termsafe.Text(msg.path)+", same as the view")
	if x.leaving && x.Writing == 0 {
		return tea.Quit
	}
	return nil
}

// Quit quits the program, after the exports in progress; at once on the second call.
func (x *Exporter) Quit() tea.Cmd {
	if x.Writing > 0 && !x.leaving {
		x.leaving = true
		x.Say(ui.Warn, "finishing the export ...")
		return nil
	}
	return tea.Quit
}
