package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/search"
	"weir/tui/column"
	"weir/tui/session"
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
	*session.Session
	rows  rowSet
	state viewState

	page, total, fresh session.Lane

	shown    search.Query      // the query of the loaded flows, its range resolved when they were
	loading  bool              // the query changed and its first flows are on their way
	progress *session.Progress // of that search
	loadedAt time.Time
	err      error // of the last question; nil: it was answered

	matches int64 // flows that match; -1: not counted yet, more than countMax: not counted further
	news    int64 // flows that came since the view stands still

	blame   session.Lane // looks for the culprit
	culprit culprit

	style  column.Style // how fields of the loaded flows are shown
	names  names
	window int  // rows that are seen at a time
	hidden bool // another screen is shown
}

func newResult(s *session.Session) *result {
	f := &result{Session: s, page: s.NewLane(), total: s.NewLane(), fresh: s.NewLane(), blame: s.NewLane(), matches: -1}
	if s.Query.Order == search.Oldest {
		f.state = still
	}
	f.style.Loc = s.Cfg.Loc
	s.WatchQuery(f.onQuery)
	s.WatchSettings(f.onSettings)
	return f
}

// update takes the answers that the result waits for.
func (f *result) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case session.PulsedMsg:
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
func (f *result) onPulse(msg session.PulsedMsg) tea.Cmd {
	if msg.Changed {
		f.page.Behind = true
	}
	if f.loading && f.progress.Text(msg.At) != "" {
		f.Redraw()
	}
	cmds := []tea.Cmd{f.askNames()}
	switch {
	case f.loading || !f.page.Rested(msg.At) || !f.fresh.Rested(msg.At):
	case f.state == live && (f.page.Behind || f.expired(msg.At)):
		cmds = append(cmds, f.load(false))
	case f.state != live && f.page.Behind:
		cmds = append(cmds, f.countNew())
	}
	if f.state == live && f.total.Due(msg.At) {
		cmds = append(cmds, f.countTotal())
	}
	return tea.Batch(cmds...)
}

// onQuery begins another result. A view that follows goes on following, if its
// order allows it.
func (f *result) onQuery(old search.Query) tea.Cmd {
	if order := f.Query.Order; order != old.Order {
		if order == search.Oldest {
			f.state = still
		} else if f.state == still && !f.rows.sorted() {
			f.state = live
		}
		f.rows.rest()
	}
	f.total.Drop()
	f.fresh.Drop()
	f.blame.Drop()
	f.culprit = culprit{}
	f.matches, f.news = -1, 0
	return f.load(true)
}

// onSettings shows names of hosts and services, or addresses and ports.
func (f *result) onSettings() {
	f.style.Services = f.Settings.Services
	f.style.Names = nil
	if f.Settings.Names {
		f.style.Names = f.names.known
	}
}

// expired reports whether time alone has moved the oldest loaded flow out of
// the range.
func (f *result) expired(at time.Time) bool {
	s := &f.rows
	if f.Query.Range.Last <= 0 || s.more || s.len() == 0 || at.Sub(f.loadedAt) < session.TotalInterval {
		return false
	}
	from, _ := f.Query.Range.Bounds(at)
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
		f.progress = &session.Progress{Begun: f.Cfg.Now()}
	}
	q := f.Query
	q.Range.From, q.Range.To = q.Range.Bounds(f.Cfg.Now())
	q.Range.Last = 0
	return f.askPage(q, search.Cursor{}, min(most(&q), pageRows), true)
}

// loadNear asks for more flows if the cursor is near the last loaded one. A
// sorted view stays as it is: what is sorted is what was loaded.
func (f *result) loadNear() tea.Cmd {
	s := &f.rows
	if f.state == live || s.sorted() || f.loading || s.cur < s.len()-2*max(f.window, leastWindow) {
		return nil
	}
	return f.loadMore()
}

// loadMore asks for what follows the loaded flows.
func (f *result) loadMore() tea.Cmd {
	s := &f.rows
	n := min(most(&f.shown)-s.len(), pageRows)
	if !s.more || n <= 0 || f.page.Busy || s.len() == 0 {
		return nil
	}
	return f.askPage(f.shown, search.After(&s.recs[s.len()-1]), n, false)
}

func (f *result) askPage(q search.Query, after search.Cursor, n int, first bool) tea.Cmd {
	store, behind := f.Cfg.Store, f.page.Behind && !first
	watched := f.progress
	if !f.loading {
		watched = nil
	}
	cmd := session.Ask(&f.page,
		func(ctx context.Context) (search.Page, error) {
			return store.Search(ctx, search.Request{Query: q, Progress: watched.Report()}, after, n)
		},
		func(r session.Reply, page search.Page) tea.Msg { return pageLoadedMsg{r, q, first, page} })
	f.page.Behind = behind // the next part says nothing about the first
	return cmd
}

// onPage takes a part of the result. fresh says that it is the beginning of
// another one, taken that its flows are there now.
func (f *result) onPage(msg pageLoadedMsg) (taken, fresh bool, _ tea.Cmd) {
	s := &f.rows
	var least time.Duration
	if msg.Err != nil {
		least = session.TotalInterval
	}
	current, next := f.page.Answered(msg.Reply, least)
	if !current {
		return false, false, tea.Batch(next, f.loadNear())
	}
	f.err = msg.Err
	if msg.Err != nil {
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
	f.loading, f.shown, f.loadedAt, f.news = false, msg.query, msg.At, 0
	cmd := f.recount(changed)
	if s.len() == 0 && (f.Query.Filter != nil || len(f.Query.Nodes) > 0) && (changed || f.blame.Rested(msg.At)) {
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
	recs, now := f.rows.recs, f.Now()
	f.style.Dates = needDates(recs, now, f.Cfg.Loc)
	f.style.Years = yearsOf(recs, now, f.Cfg.Loc)
}

// notice is what the reader must know whatever the view shows: why flows are
// missing, first of all.
func (f *result) notice() ui.Message {
	if f.err != nil {
		return ui.Message{Look: ui.Bad, Text: "search failed: " + ui.OneLine(f.err)}
	}
	return f.Session.Notice()
}

// amount says how many flows are loaded, out of how many, and the limit.
func (f *result) amount() string {
	if f.loading {
		return "searching ..." + f.progress.Text(f.Now())
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
	if f.Query.Limit == 0 {
		return search.DefaultLimit
	}
	return most(&f.Query)
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
