package tui

import (
	tea "charm.land/bubbletea/v2"

	"weir/search"
)

// formDialog is the advanced search.
type formDialog struct {
	old search.Query
	env dialogEnv
}

func newFormDialog(q search.Query, env dialogEnv) *formDialog { return &formDialog{old: q, env: env} }

func (f *formDialog) result() search.Query { return f.old }

func (f *formDialog) update(msg tea.Msg) (tea.Cmd, outcome) { return nil, canceled }

func (f *formDialog) view(th *theme, w, h int) string {
	return drawBox(th, "Advanced search", nil, min(w, 78), h)
}
