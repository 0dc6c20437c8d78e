package flows

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/search"
	"weir/tui/conversation"
	"weir/tui/session"
	"weir/tui/ui"
)

// ConversationFoundMsg delivers the records of a conversation.
type ConversationFoundMsg struct {
	session.Reply
	how  string // what they were matched by
	recs []flow.Record
}

// Lookup finds the records that all nodes have of one conversation.
type Lookup struct {
	flows   *Result
	request session.LatestRequest
}

// NewLookup returns a lookup for the flows of a result.
func NewLookup(f *Result) Lookup { return Lookup{f, f.NewLatestRequest()} }

// Busy reports whether a lookup is running.
func (l *Lookup) Busy() bool { return l.request.Busy }

// Find searches for the records of r's conversation.
func (l *Lookup) Find(r *flow.Record) tea.Cmd {
	term, how := conversation.Term(r)
	if term == nil {
		l.flows.Say(ui.Text, "this flow can't be matched at other nodes: its start was not seen, and it has no IP ID")
		return nil
	}
	l.flows.LeaveLive()
	l.flows.Say(ui.Dim, "searching all nodes ...")
	store := l.flows.Cfg.Store
	q := search.Query{Filter: term, Order: search.Oldest, Limit: conversation.Max,
		Range: search.Range{From: r.Start.Add(-conversation.Span), To: r.Start.Add(conversation.Span)}}
	return session.Ask(&l.request,
		func(ctx context.Context) (search.Page, error) {
			return store.Search(ctx, search.Request{Query: q}, search.Cursor{}, conversation.Max)
		},
		func(r session.Reply, page search.Page) tea.Msg { return ConversationFoundMsg{r, how, page.Rows} })
}

// OnFound handles the records; nil: there are none to show.
func (l *Lookup) OnFound(msg ConversationFoundMsg) (*conversation.Trail, tea.Cmd) {
	current, next := l.request.Answered(msg.Reply, 0)
	switch {
	case !current:
		return nil, next
	case msg.Err != nil:
		l.flows.Say(ui.Bad, ui.OneLine(msg.Err))
		return nil, nil
	case len(msg.recs) == 0 && len(msg.Gaps) > 0:
		l.flows.Say(ui.Bad, search.GapText(msg.Gaps, l.flows.Cfg.Loc))
		return nil, nil
	case len(msg.recs) == 0:
		l.flows.Say(ui.Text, "the flow is no longer in the store")
		return nil, nil
	}
	if len(msg.Gaps) > 0 {
		l.flows.Say(ui.Bad, search.GapText(msg.Gaps, l.flows.Cfg.Loc))
	}
	return conversation.NewTrail(msg.recs, msg.how, l.reporters()), nil
}

// reporters returns the nodes that report flows.
func (l *Lookup) reporters() []string {
	var names []string
	for i := range l.flows.Nodes {
		if l.flows.Nodes[i].Flows > 0 {
			names = append(names, l.flows.Nodes[i].Name)
		}
	}
	return names
}
