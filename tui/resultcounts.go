package tui

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/session"
)

// recount counts the flows that match, if the loaded ones are not all of them
// and the store has rested from the last time.
func (f *result) recount(changed bool) tea.Cmd {
	s := &f.rows
	if !s.more {
		f.total.Drop()
		f.matches = int64(s.len())
		return nil
	}
	if changed {
		f.matches = -1
		return f.countTotal()
	}
	f.total.Behind = true
	return nil
}

func (f *result) countTotal() tea.Cmd {
	q, store := f.shown, f.Cfg.Store
	return session.Ask(&f.total,
		func(ctx context.Context) (int64, error) { return store.Count(ctx, search.Request{Query: q}, countMax) },
		func(r session.Reply, n int64) tea.Msg { return totalCountedMsg{r, n} })
}

func (f *result) onTotal(msg totalCountedMsg) tea.Cmd {
	current, next := f.total.Answered(msg.Reply, session.TotalInterval)
	if current && msg.Err == nil {
		f.matches = msg.n
	}
	return next
}

// countNew counts what came since the view stands still: flows that began after
// the newest one that is loaded, or after the loading where that isn't known.
func (f *result) countNew() tea.Cmd {
	s := &f.rows
	f.page.Behind = false
	q, store := f.shown, f.Cfg.Store
	switch {
	case q.Order == search.Newest && s.len() > 0:
		q.Range.From = s.recs[0].Start.Add(1)
	case q.Order == search.Oldest:
		q.Range.From = f.loadedAt
	}
	return session.Ask(&f.fresh,
		func(ctx context.Context) (int64, error) { return store.Count(ctx, search.Request{Query: q}, newMax) },
		func(r session.Reply, n int64) tea.Msg { return newCountedMsg{r, n} })
}

func (f *result) onNew(msg newCountedMsg) tea.Cmd {
	current, next := f.fresh.Answered(msg.Reply, 0)
	switch {
	case !current:
	case msg.Err == nil:
		f.news = msg.n
	case !errors.Is(msg.Err, context.Canceled):
		f.err = msg.Err
	}
	return next
}
