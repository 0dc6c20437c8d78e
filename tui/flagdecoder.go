package tui

import (
	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/search"
)

// flagDialog decodes TCP flags.
type flagDialog struct {
	r   *flow.Record
	env dialogEnv
}

func newFlagDialog(r *flow.Record, env dialogEnv) *flagDialog { return &flagDialog{r, env} }

func (d *flagDialog) result() (search.Expr, bool) { return nil, false }

func (d *flagDialog) update(msg tea.Msg) (tea.Cmd, outcome) { return nil, canceled }

func (d *flagDialog) view(th *theme, w, h int) string {
	return drawBox(th, "TCP flags", nil, min(w, 78), h)
}
