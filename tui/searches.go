package tui

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"weir/internal/termsafe"
	"weir/search"
	"weir/tui/ui"
)

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

func (m *model) loadSearches() tea.Cmd {
	kept := m.cfg.Searches
	if kept == nil {
		return nil
	}
	return guarded(func() tea.Msg {
		list, err := kept.List()
		return searchesLoadedMsg{list, err}
	})
}

func (m *model) onSearches(msg searchesLoadedMsg) tea.Cmd {
	if msg.err != nil {
		m.say(ui.Bad, ui.OneLine(msg.err))
	}
	return m.tellWindow(searchesReadMsg{msg.list})
}

// saveSearch keeps what is shown under a name.
func (m *model) saveSearch(name string) tea.Cmd {
	text, kept := m.query.Text(), m.cfg.Searches
	if text == "" {
		m.say(ui.Warn, "nothing to save: there is no filter, range or node to remember")
		return nil
	}
	return guarded(func() tea.Msg {
		return searchKeptMsg{"saved as " + name + ", for :open and weir query @" + name, kept.Save(name, text)}
	})
}

func (m *model) forgetSearch(name string) tea.Cmd {
	kept := m.cfg.Searches
	return guarded(func() tea.Msg { return searchKeptMsg{"forgot the search " + name, kept.Forget(name)} })
}

func (m *model) onSearchKept(msg searchKeptMsg) {
	if msg.err != nil {
		m.say(ui.Bad, ui.OneLine(msg.err))
		return
	}
	m.say(ui.Good, termsafe.Text(msg.done))
}

// openSaved asks for the search of a name. It is read anew: the file may have
// been edited while the screen was open.
func (m *model) openSaved(name string) tea.Cmd {
	kept := m.cfg.Searches
	return guarded(func() tea.Msg {
		list, err := kept.List()
		found := savedSearches(list).Find(name)
		switch {
		case err != nil:
			return searchOpenedMsg{err: err}
		case found == nil:
			return searchOpenedMsg{err: errors.New("no search is called " + name)}
		}
		return searchOpenedMsg{SavedSearch: *found}
	})
}

func (m *model) onSearchOpened(msg searchOpenedMsg) tea.Cmd {
	if msg.err != nil {
		m.say(ui.Bad, ui.OneLine(msg.err))
		return nil
	}
	q, err := search.ParseQuery(msg.Text, m.cfg.Now(), m.cfg.Loc)
	if err != nil {
		m.say(ui.Bad, "search "+termsafe.Text(msg.Name)+": "+ui.OneLine(err))
		return nil
	}
	m.say(ui.Text, termsafe.Text(msg.Name+": "+msg.Text))
	return m.searchFor(q)
}

// searchFor shows what a query finds and remembers it.
func (m *model) searchFor(q search.Query) tea.Cmd {
	m.line.remember(search.Text(q.Filter))
	return tea.Batch(m.setQuery(q), m.remember(q))
}
