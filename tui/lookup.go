package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/search"
	"weir/tui/dialog"
	"weir/tui/flows"
	"weir/tui/session"
	"weir/tui/ui"
)

// lookup finds the records of one conversation at all nodes.
type lookup struct {
	*flows.Result
	lane session.Lane
}

func newLookup(f *flows.Result) lookup { return lookup{f, f.NewLane()} }

func (l *lookup) busy() bool { return l.lane.Busy }

// find looks for the records of r's conversation.
func (l *lookup) find(r *flow.Record) tea.Cmd {
	term, how := conversationTerm(r)
	if term == nil {
		l.Say(ui.Text, "this flow can't be recognised elsewhere: its beginning was not seen, and it has no IP id")
		return nil
	}
	l.LeaveLive()
	l.Say(ui.Dim, "looking at all nodes ...")
	store := l.Cfg.Store
	q := search.Query{Filter: term, Order: search.Oldest, Limit: conversationMax,
		Range: search.Range{From: r.Start.Add(-conversationSpan), To: r.Start.Add(conversationSpan)}}
	return session.Ask(&l.lane,
		func(ctx context.Context) (search.Page, error) {
			return store.Search(ctx, search.Request{Query: q}, search.Cursor{}, conversationMax)
		},
		func(r session.Reply, page search.Page) tea.Msg { return conversationFoundMsg{r, how, page.Rows} })
}

// onFound takes the records; nil: there are none to show.
func (l *lookup) onFound(msg conversationFoundMsg) (*dialog.Trail, tea.Cmd) {
	current, next := l.lane.Answered(msg.Reply, 0)
	switch {
	case !current:
		return nil, next
	case msg.Err != nil:
		l.Say(ui.Bad, ui.OneLine(msg.Err))
		return nil, nil
	case len(msg.recs) == 0:
		l.Say(ui.Text, "the flow is gone from the store")
		return nil, nil
	}
	return dialog.NewTrail(msg.recs, msg.how, l.reporters()), nil
}

// reporters are the nodes that report flows.
func (l *lookup) reporters() []string {
	var names []string
	for i := range l.Nodes {
		if l.Nodes[i].Flows > 0 {
			names = append(names, l.Nodes[i].Name)
		}
	}
	return names
}
