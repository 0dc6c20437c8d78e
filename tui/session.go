package tui

import (
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/node"
	"weir/search"
	"weir/tui/input"
	"weir/tui/ui"
)

// session is what one reader looks at, without a picture: the query, what the
// store and the metering said last, what the reader chose, and what the reader is
// to be told. The screen draws it, the line mode tells it in sentences.
//
// What depends on the query registers with watchQuery. What belongs to the program
// around (another screen, a window, the clipboard) is posted and taken by that
// after the message at hand, in order and before the next key.
type session struct {
	cfg Config
	ctx context.Context // life of the session: all questions end with it

	query       search.Query // what is asked for
	nodesBefore *[]string    // the query's nodes before the present ones; nil: there were no others
	past        history      // the latest searches
	filters     history      // the latest filters
	filterText  string       // the query's filter, as the reader typed it
	settings    Settings
	status      ui.Message // for the reader, until the next key

	version     uint64 // of the store when it was last asked
	wait        func(ctx context.Context, d time.Duration) bool
	health      flow.Health
	rate        rate
	nodesLane   lane
	nodesWanted bool // the list of nodes opens when it is there
	node.Inventory

	queryWatchers   []func(old search.Query) tea.Cmd
	settingWatchers []func()
	posted          []tea.Msg
	changed         bool // something that is drawn, since it was last drawn
	nodesListed     bool // the list of nodes is open
}

func newSession(ctx context.Context, cfg Config) *session {
	s := &session{cfg: cfg.withDefaults(), ctx: ctx, wait: sleep, settings: cfg.Settings}
	s.query, s.filterText = cfg.Query, search.Text(cfg.Query.Filter)
	s.nodesLane = s.newLane()
	s.past = history(cfg.Past)[max(0, len(cfg.Past)-input.HistoryMax):]
	s.filters = s.past.filters(s.cfg.Now(), s.cfg.Loc)
	return s
}

// newLane is a kind of question to the store that lives as long as the session.
func (s *session) newLane() lane { return lane{ctx: s.ctx, now: s.cfg.Now} }

// begin asks for what is needed from the start.
func (s *session) begin() tea.Cmd { return tea.Batch(s.askNodes(false), s.pulse()) }

// watchQuery has fn called when the query has changed; its command is run.
func (s *session) watchQuery(fn func(old search.Query) tea.Cmd) {
	s.queryWatchers = append(s.queryWatchers, fn)
}

// watchSettings calls fn now and when a setting has changed.
func (s *session) watchSettings(fn func()) {
	s.settingWatchers = append(s.settingWatchers, fn)
	fn()
}

// post hands a message to the program around.
func (s *session) post(msg tea.Msg) { s.posted = append(s.posted, msg) }

// takePosted returns what was posted since the last time.
func (s *session) takePosted() []tea.Msg {
	posted := s.posted
	s.posted = nil
	return posted
}

// update takes what only the session waits for.
func (s *session) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case nodesLoadedMsg:
		return s.onNodes(msg)
	case searchesLoadedMsg:
		s.onSearches(msg)
	case historyKeptMsg:
		s.onHistoryKept(msg)
	case searchOpenedMsg:
		return s.onSearchOpened(msg)
	case searchKeptMsg:
		s.onSearchKept(msg)
	case settingsSavedMsg:
		s.onSaved(msg)
	}
	return nil
}

func (s *session) say(look ui.Role, text string) { s.status = ui.Message{Look: look, Text: text} }

// now is the time in the zone of the reader.
func (s *session) now() time.Time { return s.cfg.Now().In(s.cfg.Loc) }

// setQuery shows another result.
func (s *session) setQuery(q search.Query) tea.Cmd {
	old := s.query
	if !slices.Equal(q.Nodes, old.Nodes) {
		s.nodesBefore = &old.Nodes
	}
	s.query, s.filterText = q, search.Text(q.Filter)
	var cmds []tea.Cmd
	for _, fn := range s.queryWatchers {
		cmds = append(cmds, fn(old))
	}
	if q.Range != old.Range {
		cmds = append(cmds, s.askNodes(false))
	}
	return tea.Batch(cmds...)
}

// nodesBack shows the set of nodes that was shown before the present one, which there must be.
func (s *session) nodesBack() tea.Cmd {
	q := s.query
	q.Nodes = *s.nodesBefore
	return s.setQuery(q)
}

// toggleOrder loads the result from its other end.
func (s *session) toggleOrder() tea.Cmd {
	q := s.query
	if q.Order == search.Newest {
		q.Order = search.Oldest
	} else {
		q.Order = search.Newest
	}
	return s.setQuery(q)
}

// words are what completion knows of the network: its nodes and groups. The
// interfaces are those of the loaded flows.
func (s *session) words(loaded []flow.Record) search.Env {
	env := search.Env{Groups: s.Groups.Names()}
	for i := range s.Nodes {
		env.Nodes = append(env.Nodes, s.Nodes[i].Name)
	}
	for i := range loaded {
		if name := loaded[i].Interface; name != "" && !slices.Contains(env.Interfaces, name) {
			env.Interfaces = append(env.Interfaces, name)
		}
	}
	return env
}

// inRange is the range of time as the end of a sentence.
func (s *session) inRange() string {
	text := input.RangeTexts(s.query.Range, s.cfg.Loc)[0]
	switch r := s.query.Range; {
	case r.Last > 0:
		return "in the " + text
	case r.From.IsZero() && r.To.IsZero():
		return "in all time"
	case !r.From.IsZero() && !r.To.IsZero():
		return "from " + text
	}
	return text
}
