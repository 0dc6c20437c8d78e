package flows

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/session"
)

// recount counts the matching flows, unless all of them are loaded: at once for
// another query, else when the next count is due.
func (f *Result) recount(changed bool) tea.Cmd {
	s := &f.Rows
	if !s.More {
		f.totalRequest.Drop()
		f.Matches, f.totalGaps = int64(s.Len()), nil
		return nil
	}
	if changed {
		f.Matches = -1
		return f.countTotal()
	}
	f.totalRequest.Stale = true
	return nil
}

func (f *Result) countTotal() tea.Cmd {
	q, store := f.Shown, f.Cfg.Store
	return session.Ask(&f.totalRequest,
		func(ctx context.Context) (int64, error) { return store.Count(ctx, search.Request{Query: q}, CountMax) },
		func(r session.Reply, n int64) tea.Msg { return totalCountedMsg{r, n} })
}

func (f *Result) onTotal(msg totalCountedMsg) tea.Cmd {
	current, next := f.totalRequest.Answered(msg.Reply, session.TotalInterval)
	if current && msg.Err == nil {
		f.Matches, f.totalGaps = msg.n, msg.Gaps
	}
	return next
}

// countNew counts the flows since the view stopped following: those that started
// after the newest loaded one, or after the time of loading in other orders than newest first.
func (f *Result) countNew() tea.Cmd {
	s := &f.Rows
	f.PageRequest.Stale = false
	q, store := f.Shown, f.Cfg.Store
	switch {
	case q.Order == search.Newest && s.Len() > 0:
		q = q.StartedFrom(s.Recs[0].Start.Add(1))
	case q.Order != search.Newest:
		q = q.StartedFrom(f.LoadedAt)
	}
	return session.Ask(&f.newRequest,
		func(ctx context.Context) (int64, error) { return store.Count(ctx, search.Request{Query: q}, NewMax) },
		func(r session.Reply, n int64) tea.Msg { return newCountedMsg{r, n} })
}

func (f *Result) onNew(msg newCountedMsg) tea.Cmd {
	var least time.Duration
	if msg.Err != nil {
		least = session.TotalInterval
	}
	current, next := f.newRequest.Answered(msg.Reply, least)
	if !current {
		return next
	}
	if f.err = msg.Err; f.err == nil {
		f.News, f.newGaps = msg.n, msg.Gaps
	} else {
		f.PageRequest.Stale = true // so that they are counted again
	}
	return next
}
