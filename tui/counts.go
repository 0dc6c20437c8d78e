package tui

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"

	"weir/search"
)

// recount counts the flows that match, if the loaded ones are not all of them
// and the store has rested from the last time.
func (m *model) recount(changed bool) tea.Cmd {
	f, s := &m.feed, &m.table.rows
	if !s.more {
		f.total.drop()
		f.matches, f.totalBehind = int64(s.len()), false
		return nil
	}
	if changed {
		f.matches = -1
		return m.countTotal()
	}
	f.totalBehind = true
	return nil
}

func (m *model) countTotal() tea.Cmd {
	f := &m.feed
	f.totalBehind = false
	q, store, now := f.shown, m.cfg.Store, m.cfg.Now
	return f.total.ask(func(ctx context.Context, seq uint64) tea.Msg {
		begun := now()
		n, err := store.Count(ctx, q, countMax)
		at := now()
		return totalCountedMsg{seq: seq, n: n, err: err, at: at, took: at.Sub(begun)}
	})
}

func (m *model) onTotal(msg totalCountedMsg) tea.Cmd {
	f := &m.feed
	current, next := f.total.answered(msg.seq)
	if !current {
		return next
	}
	f.totalNotYet = msg.at.Add(max(restFactor*msg.took, totalInterval))
	if msg.err == nil {
		f.matches = msg.n
	} else {
		f.totalBehind = true
	}
	return nil
}

// countNew counts what came since the view stands still: flows that began after
// the newest one that is loaded, or after the loading where that isn't known.
func (m *model) countNew() tea.Cmd {
	f, s := &m.feed, &m.table.rows
	f.behind = false
	q, store, now := f.shown, m.cfg.Store, m.cfg.Now
	switch {
	case q.Order == search.Newest && s.len() > 0:
		q.Range.From = s.recs[0].Start.Add(1)
	case q.Order == search.Oldest:
		q.Range.From = f.loadedAt
	}
	return f.fresh.ask(func(ctx context.Context, seq uint64) tea.Msg {
		begun := now()
		n, err := store.Count(ctx, q, newMax)
		at := now()
		return newCountedMsg{seq: seq, n: n, err: err, at: at, took: at.Sub(begun)}
	})
}

func (m *model) onNew(msg newCountedMsg) tea.Cmd {
	f := &m.feed
	current, next := f.fresh.answered(msg.seq)
	if !current {
		return next
	}
	f.notUntil = msg.at.Add(restFactor * msg.took)
	if msg.err == nil {
		f.news = msg.n
	} else if !errors.Is(msg.err, context.Canceled) {
		f.err = msg.err
	}
	return nil
}

// askNodes asks for the nodes; open says that the reader waits for their list.
func (m *model) askNodes(open bool) tea.Cmd {
	m.feed.openNodes = open
	m.feed.nodesBehind = false
	r, store, now := m.query.Range, m.cfg.Store, m.cfg.Now
	r.From, r.To = r.Bounds(m.cfg.Now())
	r.Last = 0
	return m.feed.nodes.ask(func(ctx context.Context, seq uint64) tea.Msg {
		begun := now()
		nodes, err := store.Summaries(ctx, r)
		at := now()
		return nodesLoadedMsg{seq: seq, nodes: nodes, err: err, at: at, took: at.Sub(begun)}
	})
}

func (m *model) onNodes(msg nodesLoadedMsg) tea.Cmd {
	f := &m.feed
	current, next := f.nodes.answered(msg.seq)
	if !current {
		return next
	}
	open := f.openNodes
	f.openNodes = false
	rest := nodesInterval
	if _, listed := m.dialog.(*nodesDialog); open || listed || len(msg.nodes) == 0 {
		rest = totalInterval
	}
	f.nodesNotYet = msg.at.Add(max(restFactor*msg.took, rest))
	if msg.err != nil {
		if open {
			m.say(roleBad, oneLine(msg.err))
		}
		return nil
	}
	m.nodes = msg.nodes
	if d, ok := m.dialog.(*nodesDialog); ok {
		d.refresh(m.nodes, msg.at)
		m.box.of = nil
	}
	if open && m.dialog == nil && !m.line.editing {
		m.status = message{}
		m.dialog = newNodesDialog(m.nodes, m.query.Nodes, m.env())
	}
	return nil
}
