package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/search"
	"weir/tui/ui"
)

const (
	// conversationSpan is how far apart two nodes' clocks may be.
	conversationSpan = 2 * time.Minute
	// conversationMax is how many records of one conversation are shown.
	conversationMax = 16
)

// conversationFoundMsg: the records of a conversation were looked for.
type conversationFoundMsg struct {
	reply
	how  string // by what they were found
	recs []flow.Record
}

// conversationTerm is the condition that finds a flow at every node, whatever a
// NAT between them did. A NAT leaves TCP's initial sequence numbers and the
// identification of IPv4 packets alone: on a Linux masquerade the ISN pair
// found 66 of 66 flows, and the first IP ids 24 of 24 of UDP and ICMP.
func conversationTerm(r *flow.Record) (term search.Expr, how string) {
	number := func(f search.Field, n uint32) search.Expr {
		return search.Numbers{Field: f, Ranges: []search.Interval{{Lo: int64(n), Hi: int64(n)}}}
	}
	terms := search.And{number(search.FieldProto, uint32(r.Proto))}
	src, dst := &r.SrcSide, &r.DstSide
	port := func() {
		if r.Proto.HasPorts() {
			terms = append(terms, number(search.FieldDport, uint32(r.Dst.Port)))
		}
	}
	id := func(s *flow.Side) bool { return s.IPID.Seen && s.IPID.Value != 0 } // 0 is what many send that never fragment
	switch {
	case r.Proto == flow.TCP && src.ISN.Seen && dst.ISN.Seen:
		return append(terms, number(search.FieldSrcISN, src.ISN.Value), number(search.FieldDstISN, dst.ISN.Value)),
			"both initial sequence numbers"
	case r.Proto == flow.TCP && src.ISN.Seen:
		port()
		return append(terms, number(search.FieldSrcISN, src.ISN.Value)), "the source's initial sequence number and the port"
	case id(src) && id(dst):
		port()
		return append(terms, number(search.FieldSrcIPID, src.IPID.Value), number(search.FieldDstIPID, dst.IPID.Value)),
			"the first IP id of both directions"
	case id(src):
		port()
		return append(terms, number(search.FieldSrcIPID, src.IPID.Value)), "the first IP id of one direction, which may be chance"
	}
	return nil, ""
}

// followConversation looks for the records of the selected flow at all nodes.
func (m *model) followConversation() tea.Cmd {
	r := m.table.rows.selected()
	if r == nil {
		m.say(ui.Text, "no flow is selected")
		return nil
	}
	return m.lookForConversation(r)
}

// lookForConversation looks for the records of r's conversation.
func (m *model) lookForConversation(r *flow.Record) tea.Cmd {
	term, how := conversationTerm(r)
	if term == nil {
		m.say(ui.Text, "this flow can't be recognised elsewhere: its beginning was not seen, and it has no IP id")
		return nil
	}
	m.leaveLive()
	m.say(ui.Dim, "looking at all nodes ...")
	store := m.cfg.Store
	q := search.Query{Filter: term, Order: search.Oldest, Limit: conversationMax,
		Range: search.Range{From: r.Start.Add(-conversationSpan), To: r.Start.Add(conversationSpan)}}
	return ask(&m.conversation,
		func(ctx context.Context) (search.Page, error) {
			return store.Search(ctx, search.Request{Query: q}, search.Cursor{}, conversationMax)
		},
		func(r reply, page search.Page) tea.Msg { return conversationFoundMsg{r, how, page.Rows} })
}

func (m *model) onConversation(msg conversationFoundMsg) tea.Cmd {
	current, next := m.conversation.answered(msg.reply, 0)
	if !current {
		return next
	}
	switch {
	case msg.err != nil:
		m.say(ui.Bad, ui.OneLine(msg.err))
	case len(msg.recs) == 0:
		m.say(ui.Text, "the flow is gone from the store")
	case m.window == nil && !m.line.editing:
		m.status = ui.Message{}
		t := newTrail(msg.recs, msg.how, m.reporters())
		m.openWindow(newConversationDialog(t, m.env()))
		m.about.trail = t
	}
	return nil
}

// reporters are the nodes that report flows.
func (m *model) reporters() []string {
	var names []string
	for i := range m.Nodes {
		if m.Nodes[i].Flows > 0 {
			names = append(names, m.Nodes[i].Name)
		}
	}
	return names
}
