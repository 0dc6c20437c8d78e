package session

import (
	"errors"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"weir/internal/termsafe"
	"weir/search"
	"weir/tui/input"
	"weir/tui/ui"
)

// Searches stores named searches. Its methods may block and are called on any
// goroutine. Names compare without regard to case.
type Searches interface {
	List() ([]SavedSearch, error)
	Save(name, text string) error
	Forget(name string) error
}

// searchesLoadedMsg delivers the saved searches.
type searchesLoadedMsg struct {
	list []SavedSearch
	err  error
}

// searchOpenedMsg delivers a saved search, or the error.
type searchOpenedMsg struct {
	SavedSearch
	err error
}

// searchKeptMsg reports that a search was saved or deleted, or the error.
type searchKeptMsg struct {
	done string // what was done, for the user
	err  error
}

// LoadSearches reads the saved searches.
func (s *Session) LoadSearches() tea.Cmd {
	kept := s.Cfg.Searches
	if kept == nil {
		return nil
	}
	return Guarded(func() tea.Msg {
		list, err := kept.List()
		return searchesLoadedMsg{list, err}
	})
}

func (s *Session) onSearches(msg searchesLoadedMsg) {
	if msg.err != nil {
		s.Say(ui.Bad, ui.OneLine(msg.err))
	}
	s.Post(SearchesReadMsg{List: msg.list})
}

// SaveSearch saves the current query under a name.
func (s *Session) SaveSearch(name string) tea.Cmd {
	text, kept := s.Query.Text(), s.Cfg.Searches
	if text == "" {
		s.Say(ui.Warn, "nothing to save: no filter, time range or nodes")
		return nil
	}
	return Guarded(func() tea.Msg {
		return searchKeptMsg{"saved as " + name + ", for :open and weir query @" + name, kept.Save(name, text)}
	})
}

// ForgetSearch deletes the saved search of that name.
func (s *Session) ForgetSearch(name string) tea.Cmd {
	kept := s.Cfg.Searches
	return Guarded(func() tea.Msg { return searchKeptMsg{"deleted the search " + name, kept.Forget(name)} })
}

func (s *Session) onSearchKept(msg searchKeptMsg) {
	if msg.err != nil {
		s.Say(ui.Bad, ui.OneLine(msg.err))
		return
	}
	s.Say(ui.Good, termsafe.Text(msg.done))
}

// OpenSaved searches by the saved search of that name. The list is read again, since
// the file may have been edited in the meantime.
func (s *Session) OpenSaved(name string) tea.Cmd {
	kept := s.Cfg.Searches
	return Guarded(func() tea.Msg {
		list, err := kept.List()
		found := SavedSearches(list).Find(name)
		switch {
		case err != nil:
			return searchOpenedMsg{err: err}
		case found == nil:
			return searchOpenedMsg{err: errors.New("no saved search " + strconv.Quote(name))}
		}
		return searchOpenedMsg{SavedSearch: *found}
	})
}

func (s *Session) onSearchOpened(msg searchOpenedMsg) tea.Cmd {
	if msg.err != nil {
		s.Say(ui.Bad, ui.OneLine(msg.err))
		return nil
	}
	env := input.Env{Now: s.Cfg.Now(), Loc: s.Cfg.Loc, Words: s.Words(nil), Known: s.NamesRead}
	q, err := env.ParseQuery(msg.Text)
	if err != nil {
		s.Say(ui.Bad, "search "+termsafe.Text(msg.Name)+": "+ui.OneLine(err))
		return nil
	}
	s.Say(ui.Text, termsafe.Text(msg.Name+": "+msg.Text))
	return s.SearchFor(q)
}

// SearchFor shows the results of a query and adds it to the history.
func (s *Session) SearchFor(q search.Query) tea.Cmd {
	s.RememberFilter(search.Text(q.Filter))
	return tea.Batch(s.SetQuery(q), s.Remember(q))
}
