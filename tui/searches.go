package tui

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"weir/internal/termsafe"
	"weir/search"
	"weir/tui/dialog"
	"weir/tui/ui"
)

// SavedSearch is a search with a name.
type SavedSearch = dialog.SavedSearch

// Searches is where searches with a name are kept. Its methods may take time
// and are called on any goroutine. Names compare without regard to case.
type Searches interface {
	List() ([]SavedSearch, error)
	Save(name, text string) error
	Forget(name string) error
}

// searchesLoadedMsg: the searches with a name are known.
type searchesLoadedMsg struct {
	list []SavedSearch
	err  error
}

// searchOpenedMsg: a search was found by its name, or not.
type searchOpenedMsg struct {
	SavedSearch
	err error
}

// searchKeptMsg: a search was saved or forgotten, or not.
type searchKeptMsg struct {
	done string // what was done, in words
	err  error
}

func (s *session) loadSearches() tea.Cmd {
	kept := s.cfg.Searches
	if kept == nil {
		return nil
	}
	return guarded(func() tea.Msg {
		list, err := kept.List()
		return searchesLoadedMsg{list, err}
	})
}

func (s *session) onSearches(msg searchesLoadedMsg) {
	if msg.err != nil {
		s.say(ui.Bad, ui.OneLine(msg.err))
	}
	s.post(dialog.SearchesReadMsg{List: msg.list})
}

// saveSearch keeps what is shown under a name.
func (s *session) saveSearch(name string) tea.Cmd {
	text, kept := s.query.Text(), s.cfg.Searches
	if text == "" {
		s.say(ui.Warn, "nothing to save: there is no filter, range or node to remember")
		return nil
	}
	return guarded(func() tea.Msg {
		return searchKeptMsg{"saved as " + name + ", for :open and weir query @" + name, kept.Save(name, text)}
	})
}

func (s *session) forgetSearch(name string) tea.Cmd {
	kept := s.cfg.Searches
	return guarded(func() tea.Msg { return searchKeptMsg{"forgot the search " + name, kept.Forget(name)} })
}

func (s *session) onSearchKept(msg searchKeptMsg) {
	if msg.err != nil {
		s.say(ui.Bad, ui.OneLine(msg.err))
		return
	}
	s.say(ui.Good, termsafe.Text(msg.done))
}

// openSaved asks for the search of a name. It is read anew: the file may have
// been edited while the screen was open.
func (s *session) openSaved(name string) tea.Cmd {
	kept := s.cfg.Searches
	return guarded(func() tea.Msg {
		list, err := kept.List()
		found := dialog.SavedSearches(list).Find(name)
		switch {
		case err != nil:
			return searchOpenedMsg{err: err}
		case found == nil:
			return searchOpenedMsg{err: errors.New("no search is called " + name)}
		}
		return searchOpenedMsg{SavedSearch: *found}
	})
}

func (s *session) onSearchOpened(msg searchOpenedMsg) tea.Cmd {
	if msg.err != nil {
		s.say(ui.Bad, ui.OneLine(msg.err))
		return nil
	}
	q, err := search.ParseQuery(msg.Text, s.cfg.Now(), s.cfg.Loc)
	if err != nil {
		s.say(ui.Bad, "search "+termsafe.Text(msg.Name)+": "+ui.OneLine(err))
		return nil
	}
	s.say(ui.Text, termsafe.Text(msg.Name+": "+msg.Text))
	return s.searchFor(q)
}

// searchFor shows what a query finds and remembers it.
func (s *session) searchFor(q search.Query) tea.Cmd {
	s.rememberFilter(search.Text(q.Filter))
	return tea.Batch(s.setQuery(q), s.remember(q))
}
