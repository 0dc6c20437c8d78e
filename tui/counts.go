package tui

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/ui"
)

// recount counts the flows that match, if the loaded ones are not all of them
// and the store has rested from the last time.
func (m *model) recount(changed bool) tea.Cmd {
	f, s := &m.feed, &m.table.rows
	if !s.more {
		f.total.drop()
		f.matches = int64(s.len())
		return nil
	}
	if changed {
		f.matches = -1
		return m.countTotal()
	}
	f.total.behind = true
	return nil
}

func (m *model) countTotal() tea.Cmd {
	q, store := m.feed.shown, m.cfg.Store
	return ask(&m.feed.total,
		func(ctx context.Context) (int64, error) { return store.Count(ctx, search.Request{Query: q}, countMax) },
		func(r reply, n int64) tea.Msg { return totalCountedMsg{r, n} })
}

func (m *model) onTotal(msg totalCountedMsg) tea.Cmd {
	f := &m.feed
	current, next := f.total.answered(msg.reply, totalInterval)
	if current && msg.err == nil {
		f.matches = msg.n
	}
	return next
}

// countNew counts what came since the view stands still: flows that began after
// the newest one that is loaded, or after the loading where that isn't known.
func (m *model) countNew() tea.Cmd {
	f, s := &m.feed, &m.table.rows
	f.page.behind = false
	q, store := f.shown, m.cfg.Store
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

func (m *model) onNew(msg newCountedMsg) tea.Cmd {
	f := &m.feed
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

// askNodes asks for the nodes; open says that the reader waits for their list.
func (m *model) askNodes(open bool) tea.Cmd {
	m.feed.openNodes = open
	span, store := m.query.Range, m.cfg.Store
	span.From, span.To = span.Bounds(m.cfg.Now())
	span.Last = 0
	return ask(&m.feed.nodes,
		func(ctx context.Context) (inventory, error) {
			nodes, err := store.Summaries(ctx, span)
			if err != nil {
				return inventory{}, err
			}
			groups, err := store.Groups(ctx)
			return inventory{nodes, groups}, err
		},
		func(r reply, inv inventory) tea.Msg { return nodesLoadedMsg{r, inv} })
}

func (m *model) onNodes(msg nodesLoadedMsg) tea.Cmd {
	f := &m.feed
	rest := nodesInterval
	if f.openNodes || m.about.nodes || len(msg.Nodes) == 0 {
		rest = totalInterval
	}
	current, next := f.nodes.answered(msg.reply, rest)
	if !current {
		return next
	}
	open := f.openNodes
	f.openNodes = false
	if msg.err != nil {
		if open {
			m.say(ui.Bad, ui.OneLine(msg.err))
		}
		return nil
	}
	m.inventory = msg.inventory
	cmd := m.tellWindow(nodesCountedMsg{m.inventory, msg.at})
	if open && m.window == nil && !m.line.editing {
		m.status = ui.Message{}
		m.openWindow(newNodesDialog(m.inventory, m.query.Nodes, m.nodesBefore, m.env()))
		m.about.nodes = true
	}
	return cmd
}
