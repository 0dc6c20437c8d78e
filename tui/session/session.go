package session

import (
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/node"
	"weir/search"
	"weir/tui/input"
	"weir/tui/keys"
	"weir/tui/ui"
)

// Session is what one reader looks at, without a picture: the query, what the
// store and the metering said last, what the reader chose, and what the reader is
// to be told.
type Session struct {
	Cfg Config
	Ctx context.Context // life of the session: all questions end with it

	Query       search.Query // what is asked for
	NodesBefore *[]string    // the query's nodes before the present ones; nil: there were no others
	Past        History      // the latest searches
	Filters     History      // the latest filters
	FilterText  string       // the query's filter, as the reader typed it
	Settings    Settings
	writes      writes     // of the settings
	Status      ui.Message // for the reader, until the next key

	// Key names what the reader gives a command with, for texts that say what to
	// do: a key on the screen. Where there are no keys it is the command's word.
	Key func(keys.Command) string

	version      uint64 // of the store when it was last asked
	TickWait     func(ctx context.Context, d time.Duration) bool
	Health       flow.Health
	Rate         rate
	nodesRequest LatestRequest
	NodesWanted  bool // the list of nodes opens when it is there
	node.Inventory

	queryWatchers   []func(old search.Query) tea.Cmd
	settingWatchers []func()
	posted          []tea.Msg
	needsRedraw     bool // what is drawn has changed, although only time has passed
	NodesListed     bool // the list of nodes is open
}

// New is a session over the store of cfg. It asks nothing until [Session.Begin].
func New(ctx context.Context, cfg Config) *Session {
	s := &Session{Cfg: cfg.withDefaults(), Ctx: ctx, TickWait: Sleep, Settings: cfg.Settings, Key: func(c keys.Command) string { return string(c) }}
	s.Query, s.FilterText = cfg.Query, search.Text(cfg.Query.Filter)
	s.nodesRequest = s.NewLatestRequest()
	s.Past = History(cfg.Past)[max(0, len(cfg.Past)-input.HistoryMax):]
	s.Filters = s.Past.filters(s.Cfg.Now(), s.Cfg.Loc)
	return s
}

// NewLatestRequest is a kind of question to the store that lives as long as the session.
func (s *Session) NewLatestRequest() LatestRequest { return LatestRequest{ctx: s.Ctx, now: s.Cfg.Now} }

// Begin asks for what is needed from the start.
func (s *Session) Begin() tea.Cmd { return tea.Batch(s.AskNodes(false), s.tick()) }

// WatchQuery has fn called when the query has changed; its command is run.
func (s *Session) WatchQuery(fn func(old search.Query) tea.Cmd) {
	s.queryWatchers = append(s.queryWatchers, fn)
}

// WatchSettings calls fn now and when a setting has changed.
func (s *Session) WatchSettings(fn func()) {
	s.settingWatchers = append(s.settingWatchers, fn)
	fn()
}

// Post hands a message to the program around.
func (s *Session) Post(msg tea.Msg) { s.posted = append(s.posted, msg) }

// TakePosted returns what was posted since the last time.
func (s *Session) TakePosted() []tea.Msg {
	posted := s.posted
	s.posted = nil
	return posted
}

// Take takes what only the session waits for.
func (s *Session) Take(msg tea.Msg) tea.Cmd {
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

func (s *Session) Say(look ui.Role, text string) { s.Status = ui.Message{Look: look, Text: text} }

// Now is the time in the zone of the reader.
func (s *Session) Now() time.Time { return s.Cfg.Now().In(s.Cfg.Loc) }

// SetOrder loads the result from another end. The filter stays as it was typed.
func (s *Session) SetOrder(order search.Order) tea.Cmd {
	q, typed := s.Query, s.FilterText
	q.Order = order
	cmd := s.SetQuery(q)
	s.FilterText = typed
	return cmd
}

// SetQuery shows another result.
func (s *Session) SetQuery(q search.Query) tea.Cmd {
	old := s.Query
	if !slices.Equal(q.Nodes, old.Nodes) {
		s.NodesBefore = &old.Nodes
	}
	s.Query, s.FilterText = q, search.Text(q.Filter)
	var cmds []tea.Cmd
	for _, fn := range s.queryWatchers {
		cmds = append(cmds, fn(old))
	}
	if q.Range != old.Range {
		cmds = append(cmds, s.AskNodes(false))
	}
	return tea.Batch(cmds...)
}

// NodesBack shows the set of nodes that was shown before the present one, which there must be.
func (s *Session) NodesBack() tea.Cmd {
	q := s.Query
	q.Nodes = *s.NodesBefore
	return s.SetQuery(q)
}

// ToggleOrder loads the result from its other end.
func (s *Session) ToggleOrder() tea.Cmd {
	if s.Query.Order == search.Newest {
		return s.SetOrder(search.Oldest)
	}
	return s.SetOrder(search.Newest)
}

// Words are what completion knows of the network: its nodes and groups. The
// interfaces are those of the loaded flows.
func (s *Session) Words(loaded []flow.Record) search.Env {
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

// InRange is the range of time as the end of a sentence.
func (s *Session) InRange() string {
	text := input.RangeTexts(s.Query.Range, s.Cfg.Loc)[0]
	switch r := s.Query.Range; {
	case r.Last > 0:
		return "in the " + text
	case r.From.IsZero() && r.To.IsZero():
		return "in all time"
	case !r.From.IsZero() && !r.To.IsZero():
		return "from " + text
	}
	return text
}
