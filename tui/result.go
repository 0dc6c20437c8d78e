package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/search"
	"weir/tui/column"
	"weir/tui/ui"
)

// viewState says whether the view follows what is captured.
type viewState uint8

const (
	live   viewState = iota // newest flows appear at the top
	paused                  // the reader paused it, or moved away from the top
	still                   // the order chosen has no place for new flows to appear
)

// result is the flows that match the query, as far as they are loaded, and the
// reader's place among them. It draws nothing.
type result struct {
	*session
	rows  rowSet
	state viewState

	page, total, fresh lane

	shown    search.Query // the query of the loaded flows, its range resolved when they were
	loading  bool         // the query changed and its first flows are on their way
	progress *progress    // of that search
	loadedAt time.Time
	err      error // of the last question; nil: it was answered

	matches int64 // flows that match; -1: not counted yet, more than countMax: not counted further
	news    int64 // flows that came since the view stands still

	blame   lane // looks for the culprit
	culprit culprit

	style  column.Style // how fields of the loaded flows are shown
	names  names
	window int  // rows that are seen at a time
	hidden bool // another screen is shown
}

func newResult(s *session) *result {
	f := &result{session: s, page: s.newLane(), total: s.newLane(), fresh: s.newLane(), blame: s.newLane(), matches: -1}
	if s.query.Order == search.Oldest {
		f.state = still
	}
	f.style.Loc = s.cfg.Loc
	s.watchQuery(f.onQuery)
	s.watchSettings(f.onSettings)
	return f
}

// update takes the answers that the result waits for.
func (f *result) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case pulsedMsg:
		return f.onPulse(msg)
	case pageLoadedMsg:
		_, _, cmd := f.onPage(msg)
		return cmd
	case totalCountedMsg:
		return f.onTotal(msg)
	case newCountedMsg:
		return f.onNew(msg)
	case culpritFoundMsg:
		return f.onCulprit(msg)
	case nameFoundMsg:
		return f.onName(msg)
	}
	return nil
}

// onPulse reloads what has changed.
func (f *result) onPulse(msg pulsedMsg) tea.Cmd {
	if msg.changed {
		f.page.behind = true
	}
	if f.loading && f.progress.text(msg.at) != "" {
		f.redraw()
	}
	cmds := []tea.Cmd{f.askNames()}
	switch {
	case f.loading || !f.page.rested(msg.at) || !f.fresh.rested(msg.at):
	case f.state == live && (f.page.behind || f.expired(msg.at)):
		cmds = append(cmds, f.load(false))
	case f.state != live && f.page.behind:
		cmds = append(cmds, f.countNew())
	}
	if f.state == live && f.total.due(msg.at) {
		cmds = append(cmds, f.countTotal())
	}
	return tea.Batch(cmds...)
}

// onQuery begins another result. A view that follows goes on following, if its
// order allows it.
func (f *result) onQuery(old search.Query) tea.Cmd {
	if order := f.query.Order; order != old.Order {
		if order == search.Oldest {
			f.state = still
		} else if f.state == still && !f.rows.sorted() {
			f.state = live
		}
		f.rows.rest()
	}
	f.total.drop()
	f.fresh.drop()
	f.blame.drop()
	f.culprit = culprit{}
	f.matches, f.news = -1, 0
	return f.load(true)
}

// onSettings shows names of hosts and services, or addresses and ports.
func (f *result) onSettings() {
	f.style.Services = f.settings.Services
	f.style.Names = nil
	if f.settings.Names {
		f.style.Names = f.names.known
	}
}

// expired reports whether time alone has moved the oldest loaded flow out of
// the range.
func (f *result) expired(at time.Time) bool {
	s := &f.rows
	if f.query.Range.Last <= 0 || s.more || s.len() == 0 || at.Sub(f.loadedAt) < totalInterval {
		return false
	}
	from, _ := f.query.Range.Bounds(at)
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
func (f *result) load(changed bool) tea.Cmd {
	f.loading = f.loading || changed
	if changed {
		f.progress = &progress{begun: f.cfg.Now()}
	}
	q := f.query
	q.Range.From, q.Range.To = q.Range.Bounds(f.cfg.Now())
	q.Range.Last = 0
	return f.askPage(q, search.Cursor{}, min(most(&q), pageRows), true)
}

// loadNear asks for more flows if the cursor is near the last loaded one. A
// sorted view stays as it is: what is sorted is what was loaded.
func (f *result) loadNear() tea.Cmd {
	s := &f.rows
	if f.state == live || s.sorted() || f.loading || s.cur < s.len()-2*max(f.window, minHeight) {
		return nil
	}
	return f.loadMore()
}

// loadMore asks for what follows the loaded flows.
func (f *result) loadMore() tea.Cmd {
	s := &f.rows
	n := min(most(&f.shown)-s.len(), pageRows)
	if !s.more || n <= 0 || f.page.busy || s.len() == 0 {
		return nil
	}
	return f.askPage(f.shown, search.After(&s.recs[s.len()-1]), n, false)
}

func (f *result) askPage(q search.Query, after search.Cursor, n int, first bool) tea.Cmd {
	store, behind := f.cfg.Store, f.page.behind && !first
	watched := f.progress
	if !f.loading {
		watched = nil
	}
	cmd := ask(&f.page,
		func(ctx context.Context) (search.Page, error) {
			return store.Search(ctx, search.Request{Query: q, Progress: watched.report()}, after, n)
		},
		func(r reply, page search.Page) tea.Msg { return pageLoadedMsg{r, q, first, page} })
	f.page.behind = behind // the next part says nothing about the first
	return cmd
}

// onPage takes a part of the result. fresh says that it is the beginning of
// another one, taken that its flows are there now.
func (f *result) onPage(msg pageLoadedMsg) (taken, fresh bool, _ tea.Cmd) {
	s := &f.rows
	var least time.Duration
	if msg.err != nil {
		least = totalInterval
	}
	current, next := f.page.answered(msg.reply, least)
	if !current {
		return false, false, tea.Batch(next, f.loadNear())
	}
	f.err = msg.err
	if msg.err != nil {
		f.loading = false
		return false, false, nil
	}
	if !msg.first {
		s.extend(msg.page.Rows, msg.page.More)
		f.restyle()
		return true, false, nil
	}
	if f.loading {
		f.restart(msg.page.Rows)
	}
	if f.state == live {
		s.rest()
	}
	s.replace(msg.page.Rows, msg.page.More)
	f.restyle()
	changed := f.loading
	f.loading, f.shown, f.loadedAt, f.news = false, msg.query, msg.at, 0
	cmd := f.recount(changed)
	if s.len() == 0 && (f.query.Filter != nil || len(f.query.Nodes) > 0) && (changed || f.blame.rested(msg.at)) {
		cmd = tea.Batch(cmd, f.findCulprit())
	}
	return true, changed, cmd
}

// restart lets the cursor start at the top of another result, unless the selected
// flow is in that, too.
func (f *result) restart(recs []flow.Record) {
	s := &f.rows
	for i := range recs {
		if recs[i].ID == s.sel {
			return
		}
	}
	s.rest()
}

func (f *result) restyle() {
	recs, now := f.rows.recs, f.now()
	f.style.Dates = needDates(recs, now, f.cfg.Loc)
	f.style.Years = yearsOf(recs, now, f.cfg.Loc)
}

// notice is what the reader must know whatever the view shows: why flows are
// missing, first of all.
func (f *result) notice() ui.Message {
	if f.err != nil {
		return ui.Message{Look: ui.Bad, Text: "search failed: " + ui.OneLine(f.err)}
	}
	return f.session.notice()
}

// amount says how many flows are loaded, out of how many, and the limit.
func (f *result) amount() string {
	if f.loading {
		return "searching ..." + f.progress.text(f.now())
	}
	s := &f.rows
	loaded := ui.Count(s.len())
	if !s.more {
		return loaded + ui.Plural(s.len(), " flow") + " (limit " + ui.Count(f.limit()) + ")"
	}
	switch {
	case f.matches < 0:
		return loaded + " and more (limit)"
	case f.matches > countMax:
		return loaded + " of more than " + ui.Count(countMax) + " (limit)"
	}
	return loaded + " of " + ui.Count(max(f.matches, int64(s.len()))) + " (limit)"
}

// limit is how many flows are loaded at first.
func (f *result) limit() int {
	if f.query.Limit == 0 {
		return search.DefaultLimit
	}
	return most(&f.query)
}

// matchText is how many flows match, for people.
func (f *result) matchText() string {
	s := &f.rows
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
