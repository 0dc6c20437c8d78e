package flows

import (
	"context"
	"math"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/search"
	"weir/tui/column"
	"weir/tui/session"
	"weir/tui/ui"
)

// State says whether a view follows new flows.
type State uint8

// The states of a view.
const (
	Live   State = iota // following: new flows appear at the top
	Paused              // paused by the user, or by moving the cursor
	Still               // sorted or oldest first: an order that does not follow
)

// Result is the loaded part of the flows that match the query, and the cursor in it.
// It draws nothing.
type Result struct {
	*session.Session
	Rows  Rows
	State State

	PageRequest, totalRequest, newRequest session.LatestRequest

	Shown      search.Query      // the query of the loaded flows, with its time range resolved
	Unanswered bool              // no reply to the query yet: the loaded flows belong to the previous one
	Loading    bool              // waiting for the first page of a new query; false once the request failed
	Progress   *session.Progress // of the request
	LoadedAt   time.Time
	err        error // of the last request; nil: it succeeded

	pageGaps, totalGaps, newGaps []search.Gap // damage that the loaded flows and the counts lack

	Matches int64 // matching flows; -1: not counted yet; above CountMax: at least that many
	News    int64 // flows since the view stopped following

	restrictiveRequest session.LatestRequest
	mostRestrictive    mostRestrictive // valid iff no flow matches

	Style       column.Style // for fields of the loaded flows
	Offsets     string       // of their times from UTC: "UTC+01:00/+02:00"
	names       names
	RowsInSight int  // visible rows of the table
	hidden      bool // another screen is visible
}

// NewResult returns the result of the session's query. [Result.Load] loads it.
func NewResult(s *session.Session) *Result {
	f := &Result{Session: s, PageRequest: s.NewLatestRequest(), totalRequest: s.NewLatestRequest(), newRequest: s.NewLatestRequest(), restrictiveRequest: s.NewLatestRequest(), Matches: -1}
	f.State = startState(s.Query.Order)
	f.Style.Loc = s.Cfg.Loc
	f.restyle()
	s.WatchQuery(f.onQuery)
	s.WatchSettings(f.onSettings)
	return f
}

// TakeAnswer handles ticks and the replies that are for the result.
func (f *Result) TakeAnswer(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case session.TickMsg:
		return f.onTick(msg)
	case PageLoadedMsg:
		_, _, cmd := f.onPage(msg)
		return cmd
	case totalCountedMsg:
		return f.onTotal(msg)
	case newCountedMsg:
		return f.onNew(msg)
	case mostRestrictiveFoundMsg:
		return f.onMostRestrictive(msg)
	case nameFoundMsg:
		return f.onName(msg)
	}
	return nil
}

// onTick requests what is out of date.
func (f *Result) onTick(msg session.TickMsg) tea.Cmd {
	if msg.Changed {
		f.PageRequest.Stale = true
	}
	if _, ok := f.Progress.Percent(msg.At); ok && f.Loading {
		f.Redraw()
	}
	cmds := []tea.Cmd{f.askNames()}
	switch {
	case f.Loading || !f.PageRequest.Ready(msg.At) || !f.newRequest.Ready(msg.At):
	case f.Unanswered, f.State == Live && (f.PageRequest.Stale || f.expired(msg.At)):
		cmds = append(cmds, f.Load(false))
	case f.State != Live && f.PageRequest.Stale:
		cmds = append(cmds, f.countNew())
	}
	if f.State == Live && f.totalRequest.Due(msg.At) {
		cmds = append(cmds, f.countTotal())
	}
	return tea.Batch(cmds...)
}

// onQuery starts loading another result. A live view stays live if the order allows it.
func (f *Result) onQuery(old search.Query) tea.Cmd {
	if order := f.Query.Order; order != old.Order {
		if order != search.Newest || f.State == Still && !f.Rows.Sorted() {
			f.State = startState(order)
		}
		f.Rows.rest()
	}
	f.totalRequest.Drop()
	f.newRequest.Drop()
	f.restrictiveRequest.Drop()
	f.mostRestrictive = mostRestrictive{}
	f.Matches, f.News = -1, 0
	f.pageGaps, f.totalGaps, f.newGaps = nil, nil, nil
	return f.Load(true)
}

// onSettings applies the settings for names of hosts and services.
func (f *Result) onSettings() {
	f.Style.Services = f.Settings.Services
	f.Style.Names = nil
	if f.Settings.Names {
		f.Style.Names = f.names.known
	}
}

// expired reports whether a loaded flow has dropped out of a relative time range.
func (f *Result) expired(at time.Time) bool {
	s := &f.Rows
	if f.Query.Range.Last <= 0 || s.More || s.Len() == 0 || at.Sub(f.LoadedAt) < session.TotalInterval {
		return false
	}
	from, to := f.Query.Range.Bounds(at)
	return slices.ContainsFunc(s.Recs, func(r flow.Record) bool { return !search.Active(&r, from, to) })
}

// Most returns the maximum number of flows that a query shows on the screen.
func Most(q *search.Query) int {
	if rows := q.Rows(); rows >= 0 {
		return min(rows, search.MaxLimit)
	}
	return search.MaxLimit
}

// Load requests the first page. changed says that it is the result of another query
// than the loaded one.
func (f *Result) Load(changed bool) tea.Cmd {
	if changed {
		f.Loading, f.Unanswered = true, true
		f.Progress = &session.Progress{Begun: f.Cfg.Now()}
	}
	q := f.Query
	q.Range.From, q.Range.To = q.Range.Bounds(f.Cfg.Now())
	q.Range.Last = 0
	return f.askPage(q, search.Cursor{}, min(Most(&q), pageRows), true)
}

// loadNear requests the next page if the cursor is near the last loaded flow. A
// view that is sorted here loads all pages, up to the limit.
func (f *Result) loadNear() tea.Cmd {
	s := &f.Rows
	if f.State == Live || !s.Sorted() && s.cur < s.Len()-2*max(f.RowsInSight, leastWindow) {
		return nil
	}
	return f.LoadMore()
}

// LoadMore requests the page after the loaded flows.
func (f *Result) LoadMore() tea.Cmd {
	s := &f.Rows
	n := min(Most(&f.Shown)-s.Len(), pageRows)
	if f.Unanswered || !s.More || n <= 0 || f.PageRequest.Busy || s.Len() == 0 {
		return nil
	}
	return f.askPage(f.Shown, f.Shown.Order.After(&s.Recs[s.Len()-1]), n, false)
}

func (f *Result) askPage(q search.Query, after search.Cursor, n int, first bool) tea.Cmd {
	store, stale := f.Cfg.Store, f.PageRequest.Stale && !first
	watched := f.Progress
	if !f.Loading {
		watched = nil
	}
	cmd := session.Ask(&f.PageRequest,
		func(ctx context.Context) (search.Page, error) {
			return store.Search(ctx, search.Request{Query: q, Progress: watched.Report()}, after, n)
		},
		func(r session.Reply, page search.Page) tea.Msg { return PageLoadedMsg{r, q, first, page} })
	f.PageRequest.Stale = stale // the next page does not update the first one
	return cmd
}

// onPage handles a page. taken says that its flows are loaded now, fresh that they
// are the first page of another result.
func (f *Result) onPage(msg PageLoadedMsg) (taken, fresh bool, _ tea.Cmd) {
	s := &f.Rows
	var least time.Duration
	if msg.Err != nil {
		least = session.TotalInterval
	}
	current, next := f.PageRequest.Answered(msg.Reply, least)
	if !current {
		return false, false, tea.Batch(next, f.loadNear())
	}
	f.err = msg.Err
	if msg.Err != nil {
		f.Loading = false
		return false, false, nil
	}
	if !msg.first {
		f.pageGaps = search.MergeGaps(f.pageGaps, msg.Gaps)
		s.extend(msg.page.Rows, msg.page.More)
		f.restyle()
		if s.Sorted() {
			return true, false, f.LoadMore()
		}
		return true, false, nil
	}
	changed := f.Unanswered
	if changed {
		f.restart(msg.page.Rows)
	}
	if f.State == Live {
		s.rest()
	}
	s.Replace(msg.page.Rows, msg.page.More)
	f.restyle()
	f.Loading, f.Unanswered, f.Shown, f.LoadedAt, f.News = false, false, msg.query, msg.At, 0
	f.pageGaps, f.newGaps = msg.Gaps, nil
	cmd := f.recount(changed)
	if s.Sorted() {
		cmd = tea.Batch(cmd, f.LoadMore())
	}
	if s.Len() == 0 && (f.Query.Filter != nil || len(f.Query.Nodes) > 0) && (changed || f.restrictiveRequest.Ready(msg.At)) {
		cmd = tea.Batch(cmd, f.findMostRestrictive())
	}
	return true, changed, cmd
}

// restart moves the cursor to the top of another result, unless the selected flow is
// part of it.
func (f *Result) restart(recs []flow.Record) {
	s := &f.Rows
	for i := range recs {
		if recs[i].ID == s.sel {
			return
		}
	}
	s.rest()
}

func (f *Result) restyle() {
	times := timesOf(f.Rows.Recs, f.Now(), f.Cfg.Loc)
	f.Style.Dates, f.Style.Years, f.Style.Offset = times.dates, times.years(f.Now()), times.rowOffset()
	f.Offsets = times.offsetText(f.Now())
}

// Notice returns why flows are missing; every screen shows it.
func (f *Result) Notice() ui.Message {
	if f.err != nil {
		return ui.Message{Look: ui.Bad, Text: "search failed: " + ui.OneLine(f.err)}
	}
	n := f.CaptureNotice()
	if gaps := f.gaps(); len(gaps) > 0 {
		text := search.GapText(gaps, f.Cfg.Loc)
		if n.Look == ui.Bad && n.Text != "" { // both are urgent
			text += "; " + n.Text
		}
		n = ui.Message{Look: ui.Bad, Text: text}
	}
	return n
}

// gaps returns the damage that the loaded flows and their counts lack.
func (f *Result) gaps() []search.Gap {
	return search.MergeGaps(search.MergeGaps(f.pageGaps, f.totalGaps), f.newGaps)
}

// Amount returns how many flows are loaded, out of how many, for the footer.
func (f *Result) Amount() string {
	if f.Loading {
		return "searching ..." + f.Progress.Text(f.Now())
	}
	if f.Unanswered {
		return "no result yet"
	}
	s := &f.Rows
	loaded := ui.Count(s.Len())
	if !s.More {
		return loaded + ui.Plural(s.Len(), " flow") + " (limit " + ui.Count(Most(&f.Shown)) + ")"
	}
	if most := Most(&f.Shown); s.Len() < most {
		if f.Matches >= 0 && f.Matches < int64(most) {
			return loaded + " loaded of " + ui.Count(f.Matches)
		}
		return loaded + " loaded of " + ui.Count(most) + " (limit)"
	}
	switch {
	case f.Matches < 0:
		return loaded + " and more (limit)"
	case f.Matches > CountMax:
		return loaded + " of more than " + ui.Count(CountMax) + " (limit)"
	}
	return loaded + " of " + ui.Count(max(f.Matches, int64(s.Len()))) + " (limit)"
}

// Searched returns the progress of a long search in percent; false if none is running.
func (f *Result) Searched() (percent int, ok bool) {
	if !f.Loading {
		return 0, false
	}
	return f.Progress.Percent(f.Now())
}

// MatchText returns the number of matching flows for the user.
func (f *Result) MatchText() string {
	s := &f.Rows
	switch {
	case !s.More:
		return ui.Count(s.Len())
	case f.Matches < 0:
		return "more than " + ui.Count(s.Len())
	case f.Matches > CountMax:
		return "more than " + ui.Count(CountMax)
	}
	return ui.Count(max(f.Matches, int64(s.Len())))
}

// Displayed returns the loaded flows in the order of the display; false while
// the query has no answer.
func (f *Result) Displayed() ([]flow.Record, bool) {
	if f.Unanswered {
		return nil, false
	}
	return f.Rows.Display(), true
}

// Rest returns the query of the loaded flows, the position after them, and how many more of its flows an
// export writes: those up to the limit of the query. A view that is sorted here is complete; false while it
// is still loading.
func (f *Result) Rest() (q search.Query, after search.Cursor, n int, ok bool) {
	s := &f.Rows
	q = f.Shown
	if !s.More || s.Len() == 0 {
		return q, after, 0, true
	}
	after = q.Order.After(&s.Recs[s.Len()-1])
	if s.Sorted() {
		return q, after, 0, s.Len() >= Most(&q)
	}
	if q.Rows() < 0 {
		return q, after, math.MaxInt, true
	}
	return q, after, max(q.Rows()-s.Len(), 0), true
}

// Matching returns the query of the loaded flows and how many flows match it; 0: not known.
func (f *Result) Matching() (q search.Query, total int64) {
	if f.Matches > CountMax {
		return f.Shown, 0
	}
	return f.Shown, max(f.Matches, 0)
}
