package tui

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"

	"weir/search"
)

// recount counts the flows that match, if the loaded ones are not all of them
// and the store has rested from the last time.
func (f *result) recount(changed bool) tea.Cmd {
	s := &f.rows
	if !s.more {
		f.total.drop()
		f.matches = int64(s.len())
		return nil
	}
	if changed {
		f.matches = -1
		return f.countTotal()
	}
	f.total.behind = true
	return nil
}

func (f *result) countTotal() tea.Cmd {
	q, store := f.shown, f.cfg.Store
	return ask(&f.total,
		func(ctx context.Context) (int64, error) { return store.Count(ctx, search.Request{Query: q}, countMax) },
		func(r reply, n int64) tea.Msg { return totalCountedMsg{r, n} })
}

func (f *result) onTotal(msg totalCountedMsg) tea.Cmd {
	current, next := f.total.answered(msg.reply, totalInterval)
	if current && msg.err == nil {
		f.matches = msg.n
	}
	return next
}

// countNew counts what came since the view stands still: flows that began after
// the newest one that is loaded, or after the loading where that isn't known.
func (f *result) countNew() tea.Cmd {
	s := &f.rows
	f.page.behind = false
	q, store := f.shown, f.cfg.Store
	switch {
	case q.Order == search.Newest && s.len() > 0:
		q.Range.From = s.recs[0].Start.Add(1)
	case q.Order == search.Oldest:
		q.Range.From = f.loadedAt
	}
	return ask(&f.fresh,
		func(ctx context.Context) (int64, error) { return store.Count(ctx, search.Request{Query: q}, newMax) },
		func(r reply, n int64) tea.Msg { return newCountedMsg{r, n} })
}

func (f *result) onNew(msg newCountedMsg) tea.Cmd {
	current, next := f.fresh.answered(msg.reply, 0)
	switch {
	case !current:
	case msg.err == nil:
		f.news = msg.n
	case !errors.Is(msg.err, context.Canceled):
		f.err = msg.err
	}
	return next
}
