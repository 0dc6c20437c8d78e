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

// Session is the state of one user's session: the query, the latest data of the
// store and of the metering process, the settings, and the message for the user.
type Session struct {
	Cfg Config
	Ctx context.Context // of the session: all requests end with it

	Query       search.Query // the current query
	NodesBefore *[]string    // the previous set of nodes; nil: there was none
	Past        History      // the latest searches
	Filters     History      // the latest filters
	FilterText  string       // the filter of the query, as typed
	Settings    Settings
	writes      writes     // of the settings
	Status      ui.Message // for the user, until the next key

	// Key returns how the user gives a command, for texts that say what to do: its
	// key on the screen, its word in the line mode.
	Key func(keys.Command) string

	version      uint64 // of the store at the last tick
	TickWait     func(ctx context.Context, d time.Duration) bool
	Health       flow.Health
	Rate         rate
	nodesRequest LatestRequest
	NodesWanted  bool // the list of nodes opens when it is loaded
	NamesTried   bool // the first request for the names was answered
	NamesRead    bool // all names of the store were read: words of filters are checked
	node.Inventory

	queryWatchers   []func(old search.Query) tea.Cmd
	settingWatchers []func()
	posted          []tea.Msg
	needsRedraw     bool // the frame is out of date although only time has passed
	NodesListed     bool // the list of nodes is open
}

// New returns a session. It sends no request before [Session.Begin].
func New(ctx context.Context, cfg Config) *Session {
	s := &Session{Cfg: cfg.withDefaults(), Ctx: ctx, TickWait: Sleep, Settings: cfg.Settings, Key: func(c keys.Command) string { return string(c) }}
	s.Query, s.FilterText = cfg.Query, search.Text(cfg.Query.Filter)
	s.nodesRequest = s.NewLatestRequest()
	s.Past = History(cfg.Past)[max(0, len(cfg.Past)-input.HistoryMax):]
	s.Filters = s.Past.filters(s.Cfg.Now(), s.Cfg.Loc)
	return s
}

// NewLatestRequest returns a kind of request that ends with the session.
func (s *Session) NewLatestRequest() LatestRequest { return LatestRequest{ctx: s.Ctx, now: s.Cfg.Now} }

// Begin returns the commands that a session starts with.
func (s *Session) Begin() tea.Cmd { return tea.Batch(s.AskNodes(false), s.tick()) }

// WatchQuery registers fn to be called after each change of the query; its command is run.
func (s *Session) WatchQuery(fn func(old search.Query) tea.Cmd) {
	s.queryWatchers = append(s.queryWatchers, fn)
}

// WatchSettings calls fn now and after each change of a setting.
func (s *Session) WatchSettings(fn func()) {
	s.settingWatchers = append(s.settingWatchers, fn)
	fn()
}

// Post queues a message for the surrounding program.
func (s *Session) Post(msg tea.Msg) { s.posted = append(s.posted, msg) }

// TakePosted returns and clears the posted messages.
func (s *Session) TakePosted() []tea.Msg {
	posted := s.posted
	s.posted = nil
	return posted
}

// Take handles the replies that are for the session.
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

// Say sets the message for the user.
func (s *Session) Say(look ui.Role, text string) { s.Status = ui.Message{Look: look, Text: text} }

// Now returns the current time in the user's time zone.
func (s *Session) Now() time.Time { return s.Cfg.Now().In(s.Cfg.Loc) }

// SetOrder changes the order of the query. FilterText stays as typed.
func (s *Session) SetOrder(order search.Order) tea.Cmd {
	q, typed := s.Query, s.FilterText
	q.Order = order
	cmd := s.SetQuery(q)
	s.FilterText = typed
	return cmd
}

// SetQuery replaces the query and calls the functions registered with [Session.WatchQuery].
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

// NodesBack restores the previous set of nodes. NodesBefore must not be nil.
func (s *Session) NodesBack() tea.Cmd {
	q := s.Query
	q.Nodes = *s.NodesBefore
	return s.SetQuery(q)
}

// ToggleOrder switches between newest and oldest first.
func (s *Session) ToggleOrder() tea.Cmd {
	if s.Query.Order == search.Newest {
		return s.SetOrder(search.Oldest)
	}
	return s.SetOrder(search.Newest)
}

// Words returns the names that completion offers: nodes, groups and interfaces,
// also those of the loaded flows, which may be newer.
func (s *Session) Words(loaded []flow.Record) search.Env {
	env := search.Env{Groups: s.Groups.Names(), Interfaces: slices.Clone(s.Interfaces)}
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

// InRange returns the time range as the end of a sentence.
func (s *Session) InRange() string {
	text := input.RangeTexts(s.Query.Range, s.Cfg.Loc)[0]
	switch r := s.Query.Range; {
	case r.Last > 0:
		return "in the " + text
	case r.From.IsZero() && r.To.IsZero():
		return "in the whole store"
	case !r.From.IsZero() && !r.To.IsZero():
		return "from " + text
	}
	return text
}
