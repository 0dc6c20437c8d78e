package tui

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/csvexport"
	"weir/flow"
	"weir/search"
	"weir/tui/ui"
)

// exportJob is an export that is being written. The command that writes it
// counts, the screen reads.
type exportJob struct {
	exportProgress
	plan   exportPlan
	cancel context.CancelFunc
}

// exportEndedMsg: an export that a window asked for is there, or nothing of it is.
type exportEndedMsg struct {
	job  *exportJob
	path string
	err  error
}

// beginExport writes what the window asks for.
func (m *model) beginExport(plan exportPlan) tea.Cmd {
	ctx, cancel := context.WithCancel(m.ctx)
	job := &exportJob{plan: plan, cancel: cancel}
	var recs []flow.Record
	q, store, loc, exports := m.feed.shown, m.cfg.Store, m.cfg.Loc, m.exports
	if plan.All {
		job.Total = max(m.feed.matches, 0)
		if m.feed.matches > countMax {
			job.Total = 0
		}
	} else {
		recs = m.table.rows.display()
		job.Total = int64(len(recs))
	}
	m.exporting++
	m.writing = job
	m.tellWindow(exportBegunMsg{&job.exportProgress})
	return guarded(func() tea.Msg {
		defer cancel()
		if !exports.begin() {
			return nil
		}
		defer exports.open.Done()
		path, err := plan.Path, error(nil)
		if plan.Free {
			path, err = csvexport.FreeName(path)
		}
		if err == nil {
			err = job.write(ctx, path, store, q, recs, loc)
		}
		return exportEndedMsg{job, path, err}
	})
}

// recordWriter is a format of csvexport with columns to choose.
type recordWriter interface {
	Select(names []string) error
	Write(r *flow.Record) error
	Flush() error
}

// write writes the export. If anything fails, or ctx ends, no file is left.
func (j *exportJob) write(ctx context.Context, path string, store Store, q search.Query, recs []flow.Record, loc *time.Location) error {
	f, err := csvexport.Create(path)
	if err != nil {
		return err
	}
	defer f.Abort()
	var out recordWriter = csvexport.NewCSV(f, loc)
	switch j.plan.Format {
	case formatNDJSON:
		out = csvexport.NewJSON(f, loc)
	case formatJSON:
		out = csvexport.NewJSONArray(f, loc)
	}
	if j.plan.Columns != nil {
		if err := out.Select(j.plan.Columns); err != nil {
			return err
		}
	}
	if j.plan.All {
		err = j.stream(ctx, store, q, out)
	} else {
		err = j.rowsTo(ctx, out, recs)
	}
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return f.Commit()
}

// stream writes all flows of q, a part at a time: memory does not grow with them.
func (j *exportJob) stream(ctx context.Context, store Store, q search.Query, out recordWriter) error {
	var after search.Cursor
	for {
		page, err := store.Search(ctx, search.Request{Query: q}, after, exportRows)
		if err != nil {
			return fmt.Errorf("read flows to export: %w", err)
		}
		if err := j.rowsTo(ctx, out, page.Rows); err != nil {
			return err
		}
		if !page.More || len(page.Rows) == 0 {
			return nil
		}
		after = search.After(&page.Rows[len(page.Rows)-1])
	}
}

func (j *exportJob) rowsTo(ctx context.Context, out recordWriter, recs []flow.Record) error {
	const between = 1000 // rows between two looks at whether it was canceled
	for i := range recs {
		if i%between == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := out.Write(&recs[i]); err != nil {
			return fmt.Errorf("write export: %w", err)
		}
		j.Rows.Add(1)
	}
	return nil
}

// cancelExport gives up the export that a window was about.
func (m *model) cancelExport() {
	m.writing.cancel()
	m.writing = nil
}

// onExportEnded tells how an export ended: in its window if it failed, so that
// another path can be tried at once.
func (m *model) onExportEnded(msg exportEndedMsg) tea.Cmd {
	m.exporting--
	open := m.writing == msg.job
	if open {
		m.writing = nil
		m.tellWindow(exportFinishedMsg{msg.err})
	}
	switch rows := int(msg.job.Rows.Load()); {
	case errors.Is(msg.err, context.Canceled):
		m.say(ui.Text, "export canceled, nothing was written")
	case msg.err != nil && open:
		m.leaving = false
	case msg.err != nil:
		m.leaving = false
		m.say(ui.Bad, "export failed: "+ui.OneLine(msg.err))
	default:
		m.say(ui.Good, ui.Count(rows)+ui.Plural(rows, " flow")+" written to "+ui.Safe(msg.path))
	}
	if m.leaving && m.exporting == 0 {
		return tea.Quit
	}
	return nil
}

// openExport asks what to export, and where to.
func (m *model) openExport() tea.Cmd {
	if m.feed.loading || m.table.rows.len() == 0 {
		return m.export() // says why there is nothing to export
	}
	dir, err := filepath.Abs(m.cfg.ExportDir)
	if err != nil {
		m.say(ui.Bad, "export failed: "+ui.OneLine(err))
		return nil
	}
	m.openWindow(newExportDialog(dir, m.now(), m.query.Nodes, m.table.rows.len(), m.matchText()))
	return nil
}

// matchText is how many flows match, for people.
func (m *model) matchText() string {
	f, s := &m.feed, &m.table.rows
	switch {
	case !s.more:
		return ui.Count(s.len())
	case f.matches < 0:
		return "more than " + ui.Count(s.len())
	case f.matches > countMax:
		return "more than " + ui.Count(countMax)
	}
	return ui.Count(max(f.matches, int64(s.len())))
}
