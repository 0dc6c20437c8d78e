package tui

import (
	"reflect"
	"slices"

	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/ui"
)

// addTerm adds a term to the filter. A term that says the contrary is replaced.
func (s *session) addTerm(term search.Expr) tea.Cmd {
	terms := slices.Clone(search.Conjuncts(s.query.Filter))
	for _, add := range search.Conjuncts(term) {
		terms = slices.DeleteFunc(terms, func(old search.Expr) bool { return contrary(old, add) })
		if !slices.ContainsFunc(terms, func(old search.Expr) bool { return reflect.DeepEqual(old, add) }) {
			terms = append(terms, add)
		}
	}
	return s.setFilter(search.Join(terms))
}

func contrary(a, b search.Expr) bool {
	return reflect.DeepEqual(a, search.Expr(search.Not{X: b})) || reflect.DeepEqual(search.Expr(search.Not{X: a}), b)
}

// dropTerm takes the last term off the filter.
func (s *session) dropTerm() tea.Cmd {
	terms := search.Conjuncts(s.query.Filter)
	if len(terms) == 0 {
		s.say(ui.Text, "the filter is empty")
		return nil
	}
	return s.setFilter(search.Join(slices.Clone(terms[:len(terms)-1])))
}

// setFilter shows the flows that x holds for, and remembers the filter for the
// filter line's history.
func (s *session) setFilter(x search.Expr) tea.Cmd {
	q := s.query
	q.Filter = x
	s.rememberFilter(search.Text(x))
	return tea.Batch(s.setQuery(q), s.remember(q))
}
