package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/search"
	"weir/tui/ui"
)

// feed is what the screen has asked the store and what it knows of the answer.
type feed struct {
	page, total, fresh, nodes lane

	version uint64 // of the store when it was last asked
	wait    func(ctx context.Context, d time.Duration) bool

	shown    search.Query // the query of the loaded flows, its range resolved when they were
	loading  bool         // the query changed and its first flows are on their way
	progress *progress    // of that search
	loadedAt time.Time
	err      error // of the last question; nil: it was answered

	matches   int64 // flows that match; -1: not counted yet, more than countMax: not counted further
	news      int64 // flows that came since the view stands still
	openNodes bool  // the list of nodes opens when it is there
}

// sleep waits for d and reports false if ctx ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// pulse waits a moment and looks how things stand. Both calls are cheap, but
// they are not the screen's, so they run in the command.
func (m *model) pulse() tea.Cmd {
	ctx, wait, now, store, health := m.ctx, m.feed.wait, m.cfg.Now, m.cfg.Store, m.cfg.Health
	return guarded(func() tea.Msg {
		if !wait(ctx, pulseInterval) {
			return nil
		}
		msg := pulsedMsg{at: now(), version: store.Version()}
		if health != nil {
			msg.health = health()
		}
		return msg
	})
}

// onPulse reloads what has changed, and reports whether the screen has.
func (m *model) onPulse(msg pulsedMsg) (changed bool, cmd tea.Cmd) {
	f := &m.feed
	changed = m.rate.sample(msg.at, &msg.health) ||
		msg.health.Lost() != m.health.Lost() || msg.health.Evicted != m.health.Evicted || msg.health.StoreErr != m.health.StoreErr
	done := m.allDone()
	m.health = msg.health
	changed = changed || m.place == atHealth || done != m.allDone() || f.loading && f.progress.text(msg.at) != ""
	if msg.version != f.version {
		f.version = msg.version
		for _, l := range [...]*lane{&f.page, &f.nodes, &m.talkers.lane, &m.timeline.lane} {
			l.behind = true
		}
	}
	cmds := []tea.Cmd{m.tellWindow(ui.TimePassedMsg{Now: msg.at}), m.pulse(), m.askNames()}
	switch {
	case f.loading || !f.page.rested(msg.at) || !f.fresh.rested(msg.at):
	case m.state == live && (f.page.behind || m.expired(msg.at)):
		cmds = append(cmds, m.load(false))
	case m.state != live && f.page.behind:
		cmds = append(cmds, m.countNew())
	}
	if m.state == live && f.total.due(msg.at) {
		cmds = append(cmds, m.countTotal())
	}
	if m.place == atTalkers && m.talkers.lane.due(msg.at) {
		cmds = append(cmds, m.askTalkers())
	}
	if m.place == atTimeline && m.timeline.lane.due(msg.at) {
		cmds = append(cmds, m.askTimeline())
	}
	if f.nodes.due(msg.at) {
		cmds = append(cmds, m.askNodes(false))
	}
	return changed, tea.Batch(cmds...)
}

// expired reports whether time alone has moved the oldest loaded flow out of
// the range.
func (m *model) expired(at time.Time) bool {
	s := &m.table.rows
	if m.query.Range.Last <= 0 || s.more || s.len() == 0 || at.Sub(m.feed.loadedAt) < totalInterval {
		return false
	}
	from, _ := m.query.Range.Bounds(at)
	return s.recs[s.len()-1].Start.Before(from)
}

// most is how many flows the query may show on a screen.
func most(q *search.Query) int {
	if q.Limit > 0 {
		return min(q.Limit, search.MaxLimit)
	}
	return search.MaxLimit
}

// load asks for the beginning of the result. changed says that it is another
// result than the one that is shown.
func (m *model) load(changed bool) tea.Cmd {
	f := &m.feed
	f.loading = f.loading || changed
	if changed {
		f.progress = &progress{begun: m.cfg.Now()}
	}
	q := m.query
	q.Range.From, q.Range.To = q.Range.Bounds(m.cfg.Now())
	q.Range.Last = 0
	return m.askPage(q, search.Cursor{}, min(most(&q), pageRows), true)
}

// loadNear asks for more flows if the cursor is near the last loaded one. A
// sorted view stays as it is: what is sorted is what was loaded.
func (m *model) loadNear() tea.Cmd {
	s := &m.table.rows
	if m.state == live || s.sorted() || m.feed.loading || s.cur < s.len()-2*max(m.table.height, minHeight) {
		return nil
	}
	return m.loadMore()
}

// loadMore asks for what follows the loaded flows.
func (m *model) loadMore() tea.Cmd {
	s, f := &m.table.rows, &m.feed
	n := min(most(&f.shown)-s.len(), pageRows)
	if !s.more || n <= 0 || f.page.busy || s.len() == 0 {
		return nil
	}
	return m.askPage(f.shown, search.After(&s.recs[s.len()-1]), n, false)
}

func (m *model) askPage(q search.Query, after search.Cursor, n int, first bool) tea.Cmd {
	store, behind := m.cfg.Store, m.feed.page.behind && !first
	watched := m.feed.progress
	if !m.feed.loading {
		watched = nil
	}
	cmd := ask(&m.feed.page,
		func(ctx context.Context) (search.Page, error) {
			return store.Search(ctx, search.Request{Query: q, Progress: watched.report()}, after, n)
		},
		func(r reply, page search.Page) tea.Msg { return pageLoadedMsg{r, q, first, page} })
	m.feed.page.behind = behind // the next part says nothing about the first
	return cmd
}

func (m *model) onPage(msg pageLoadedMsg) tea.Cmd {
	f, s := &m.feed, &m.table.rows
	var least time.Duration
	if msg.err != nil {
		least = totalInterval
	}
	current, next := f.page.answered(msg.reply, least)
	if !current {
		return tea.Batch(next, m.loadNear())
	}
	f.err = msg.err
	if msg.err != nil {
		f.loading = false
		return nil
	}
	m.table.widths.grow(msg.page.Rows)
	if !msg.first {
		s.extend(msg.page.Rows, msg.page.More)
		m.restyle()
		return nil
	}
	if f.loading {
		m.table.widths = minWidths()
		m.table.widths.grow(msg.page.Rows)
		m.begin(msg.page.Rows)
	}
	if m.state == live {
		s.rest()
	}
	s.replace(msg.page.Rows, msg.page.More)
	m.restyle()
	changed := f.loading
	f.loading, f.shown, f.loadedAt, f.news = false, msg.query, msg.at, 0
	cmd := m.recount(changed)
	if s.len() == 0 && (m.query.Filter != nil || len(m.query.Nodes) > 0) && (changed || m.blame.rested(msg.at)) {
		return tea.Batch(cmd, m.findCulprit())
	}
	return cmd
}

// begin lets the cursor start at the top of another result, unless the selected
// flow is in that, too.
func (m *model) begin(recs []flow.Record) {
	s := &m.table.rows
	for i := range recs {
		if recs[i].ID == s.sel {
			return
		}
	}
	s.rest()
}

func (m *model) restyle() {
	recs, now := m.table.rows.recs, m.now()
	m.table.style.Dates = needDates(recs, now, m.cfg.Loc)
	m.table.style.Years = yearsOf(recs, now, m.cfg.Loc)
}
