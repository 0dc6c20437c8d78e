package tui

import (
	"context"
	"errors"
	"path/filepath"

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
	exports := m.exports
	options := csvexport.Options{Format: plan.Format, Columns: plan.Columns, Loc: m.cfg.Loc}
	var flows csvexport.Source
	if plan.All {
		flows = matching(m.cfg.Store, m.feed.shown)
		job.Total = max(m.feed.matches, 0)
		if m.feed.matches > countMax {
			job.Total = 0
		}
	} else {
		recs := m.table.rows.display()
		flows = csvexport.Rows(recs)
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
			err = csvexport.WriteFile(ctx, path, options, csvexport.Counted(flows, &job.Rows))
		}
		return exportEndedMsg{job, path, err}
	})
}

// matching is all flows of q, a part at a time: memory does not grow with them.
func matching(store Store, q search.Query) csvexport.Source {
	return csvexport.Pages(func(ctx context.Context, last *flow.Record) ([]flow.Record, bool, error) {
		var after search.Cursor
		if last != nil {
			after = search.After(last)
		}
		page, err := store.Search(ctx, search.Request{Query: q}, after, exportRows)
		return page.Rows, page.More, err
	})
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
