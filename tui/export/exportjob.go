package export

import (
	"context"
	"errors"
	"math"

	tea "charm.land/bubbletea/v2"

	"weir/csvexport"
	"weir/flow"
	"weir/search"
	"weir/tui/session"
	"weir/tui/ui"
)

// exportRows is how many flows an export of all matches holds in memory.
const exportRows = 10_000

// Job is an export in progress. The command that writes it counts rows, the screen
// reads them.
type Job struct {
	Progress
	cancel context.CancelFunc
	gaps   []search.Gap // damaged parts of the store that the file lacks; read once the export has ended
}

// EndedMsg reports that the export of a window has finished: the file is complete, or
// there is none.
type EndedMsg struct {
	Job  *Job
	path string
	err  error
}

// BeginExport starts the export that the window asks for.
func (x *Exporter) BeginExport(plan Plan) tea.Cmd {
	ctx, cancel := context.WithCancel(x.Ctx)
	job := &Job{cancel: cancel}
	exports := x.open
	options := csvexport.Options{Format: plan.Format, Columns: plan.Columns, Loc: x.Cfg.Loc}
	var out csvexport.Source
	if plan.All {
		q, total := x.view.Matching()
		out, job.Total = job.matching(x.Cfg.Store, q), total
	} else {
		recs, _ := x.view.Displayed()
		q, after, more, _ := x.view.Rest()
		out = job.view(x.Cfg.Store, recs, q, after, more)
		if job.Total = int64(len(recs)); more > 0 {
			_, total := x.view.Matching()
			job.Total = min(total, int64(len(recs))+int64(min(more, math.MaxInt32)))
		}
	}
	x.Writing++
	x.job = job
	x.Post(BegunMsg{&job.Progress})
	return session.Guarded(func() tea.Msg {
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
			err = csvexport.WriteFile(ctx, path, options, csvexport.Counted(out, &job.Rows))
		}
		return EndedMsg{job, path, err}
	})
}

// view returns the loaded flows and up to more flows of q after them, page by page.
func (j *Job) view(store session.Store, loaded []flow.Record, q search.Query, after search.Cursor, more int) csvexport.Source {
	first := true
	return csvexport.Pages(func(ctx context.Context, _ *flow.Record) ([]flow.Record, bool, error) {
		if first {
			first = false
			return loaded, more > 0, nil
		}
		page, err := store.Search(ctx, search.Request{Query: q}, after, min(more, exportRows))
		if gaps, ok := search.Incomplete(err); ok {
			j.gaps, err = search.MergeGaps(j.gaps, gaps), nil
		}
		more -= len(page.Rows)
		if n := len(page.Rows); n > 0 {
			after = q.Order.After(&page.Rows[n-1])
		}
		return page.Rows, page.More && more > 0, err
	})
}

// matching returns all flows of q, page by page, so that memory stays bounded.
func (j *Job) matching(store session.Store, q search.Query) csvexport.Source {
	return csvexport.Pages(func(ctx context.Context, last *flow.Record) ([]flow.Record, bool, error) {
		var after search.Cursor
		if last != nil {
			after = q.Order.After(last)
		}
		page, err := store.Search(ctx, search.Request{Query: q}, after, exportRows)
		if gaps, ok := search.Incomplete(err); ok {
			j.gaps, err = search.MergeGaps(j.gaps, gaps), nil
		}
		return page.Rows, page.More, err
	})
}

// Cancel cancels the export of the window.
func (x *Exporter) Cancel() {
	x.job.cancel()
	x.job = nil
}

// OnEnded tells the user how an export ended. A failure is shown in its window, so
// that another path can be tried at once.
func (x *Exporter) OnEnded(msg EndedMsg) tea.Cmd {
	x.Writing--
	open := x.job == msg.Job
	if open {
		x.job = nil
		x.Post(FinishedMsg{msg.err})
	}
	switch rows := int(msg.Job.Rows.Load()); {
	case errors.Is(msg.err, context.Canceled):
		x.Say(ui.Text, "export canceled, nothing was written")
	case msg.err != nil && open:
		if x.leaving {
			x.leaving, x.Status = false, ui.Message{}
		}
	case msg.err != nil:
		x.leaving = false
		x.Say(ui.Bad, "export failed: "+ui.OneLine(msg.err))
	case len(msg.Job.gaps) > 0:
		x.leaving = false
		x.Say(ui.Bad, "export incomplete: "+search.GapText(msg.Job.gaps, x.Cfg.Loc)+"; "+ui.Count(rows)+ui.Plural(rows, " flow")+" written to "+ui.Safe(msg.path))
	default:
		x.Say(ui.Good, ui.Count(rows)+ui.Plural(rows, " flow")+" written to "+ui.Safe(msg.path))
	}
	if x.leaving && x.Writing == 0 {
		return tea.Quit
	}
	return nil
}
