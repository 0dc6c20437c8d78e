package tui

import (
	"reflect"
	"slices"

	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/column"
	"weir/tui/ui"
)

// addCell narrows the filter by the selected cell.
func (m *model) addCell(include bool) tea.Cmd {
	r := m.table.rows.selected()
	if r == nil {
		return nil
	}
	term, why := column.Term(m.table.col, r)
	if term == nil {
		m.say(ui.Text, why)
		return nil
	}
	if !include {
		term = search.Not{X: term}
	}
	return m.addTerm(term)
}

// addTerm adds a term to the filter. A term that says the contrary is replaced.
func (m *model) addTerm(term search.Expr) tea.Cmd {
	terms := slices.Clone(search.Conjuncts(m.query.Filter))
	for _, add := range search.Conjuncts(term) {
		terms = slices.DeleteFunc(terms, func(old search.Expr) bool { return contrary(old, add) })
		if !slices.ContainsFunc(terms, func(old search.Expr) bool { return reflect.DeepEqual(old, add) }) {
			terms = append(terms, add)
		}
	}
	return m.setFilter(search.Join(terms))
}

func contrary(a, b search.Expr) bool {
	return reflect.DeepEqual(a, search.Expr(search.Not{X: b})) || reflect.DeepEqual(search.Expr(search.Not{X: a}), b)
}

// dropTerm takes the last term off the filter.
func (m *model) dropTerm() tea.Cmd {
	terms := search.Conjuncts(m.query.Filter)
	if len(terms) == 0 {
		m.say(ui.Text, "the filter is empty")
		return nil
	}
	return m.setFilter(search.Join(slices.Clone(terms[:len(terms)-1])))
}

// setFilter shows the flows that x holds for, and remembers the filter for the
// filter line's history.
func (m *model) setFilter(x search.Expr) tea.Cmd {
	q := m.query
	q.Filter = x
	m.line.remember(search.Text(x))
	return tea.Batch(m.setQuery(q), m.remember(q))
}
