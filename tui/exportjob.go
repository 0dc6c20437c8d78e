package tui

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/csvexport"
	"weir/flow"
	"weir/search"
	"weir/tui/ui"
)

// exportFormat is how an export is written.
type exportFormat uint8

const (
	formatCSV exportFormat = iota
	formatNDJSON
	formatJSON
)

// extension is the end of a file's name in the format.
func (f exportFormat) extension() string { return [...]string{"csv", "ndjson", "json"}[f] }

// exportPlan is what an export writes, and where.
type exportPlan struct {
	path    string
	free    bool // path is a proposal: the next free name like it will do
	format  exportFormat
	columns []string // nil: the usual ones of the format
	all     bool     // all flows that match, else those of the view
}

// exportJob is an export that is being written. The command that writes it
// counts, the screen reads.
type exportJob struct {
	plan   exportPlan
	total  int64 // flows that it will have; 0: not known
	begun  time.Time
	rows   atomic.Int64
	cancel context.CancelFunc
}

// exportEndedMsg: the export of the dialog is there, or nothing of it is.
type exportEndedMsg struct {
	job  *exportJob
	path string
	err  error
}

// beginExport writes what the dialog asks for.
func (m *model) beginExport(plan exportPlan) (*exportJob, tea.Cmd) {
	ctx, cancel := context.WithCancel(m.ctx)
	job := &exportJob{plan: plan, begun: m.cfg.Now(), cancel: cancel}
	var recs []flow.Record
	q, store, loc, exports := m.feed.shown, m.cfg.Store, m.cfg.Loc, m.exports
	if plan.all {
		job.total = max(m.feed.matches, 0)
		if m.feed.matches > countMax {
			job.total = 0
		}
	} else {
		recs = m.table.rows.display()
		job.total = int64(len(recs))
	}
	m.exporting++
	return job, guarded(func() tea.Msg {
		defer cancel()
		if !exports.begin() {
			return nil
		}
		defer exports.open.Done()
		path, err := plan.path, error(nil)
		if plan.free {
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
	switch j.plan.format {
	case formatNDJSON:
		out = csvexport.NewJSON(f, loc)
	case formatJSON:
		out = csvexport.NewJSONArray(f, loc)
	}
	if j.plan.columns != nil {
		if err := out.Select(j.plan.columns); err != nil {
			return err
		}
	}
	if j.plan.all {
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
		j.rows.Add(1)
	}
	return nil
}

// onExportEnded tells how the dialog's export ended: in the dialog if it failed,
// so that another path can be tried at once.
func (m *model) onExportEnded(msg exportEndedMsg) tea.Cmd {
	m.exporting--
	d, open := m.dialog.(*exportDialog)
	open = open && d.job == msg.job
	if open {
		d.job = nil
		m.box.of = nil // drawn anew
	}
	switch rows := int(msg.job.rows.Load()); {
	case errors.Is(msg.err, context.Canceled):
		m.say(ui.Text, "export canceled, nothing was written")
	case msg.err != nil && open:
		m.leaving = false
		d.failed = msg.err
	case msg.err != nil:
		m.leaving = false
		m.say(ui.Bad, "export failed: "+ui.OneLine(msg.err))
	default:
		if open {
			m.dialog = nil
		}
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
	d := newExportDialog(dir, m.now(), m.query.Nodes, m.table.rows.len(), m.matchText())
	d.begin = m.beginExport
	m.dialog = d
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
