package session

import (
	"reflect"
	"slices"

	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/ui"
)

// AddTerm adds a term to the filter, in place of its negation if the filter has that.
func (s *Session) AddTerm(term search.Expr) tea.Cmd {
	terms := slices.Clone(search.Conjuncts(s.Query.Filter))
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

// DropTerm removes the last term of the filter.
func (s *Session) DropTerm() tea.Cmd {
	terms := search.Conjuncts(s.Query.Filter)
	if len(terms) == 0 {
		s.Say(ui.Text, "the filter is empty")
		return nil
	}
	return s.setFilter(search.Join(slices.Clone(terms[:len(terms)-1])))
}

// setFilter replaces the filter of the query and adds it to the history.
func (s *Session) setFilter(x search.Expr) tea.Cmd {
	q := s.Query
	q.Filter = x
	s.RememberFilter(search.Text(x))
	return tea.Batch(s.SetQuery(q), s.Remember(q))
}
