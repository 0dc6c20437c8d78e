package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/search"
	"weir/tui/dialog"
	"weir/tui/session"
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
	session.Reply
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
	r := m.flows.Rows.Selected()
	if r == nil {
		m.Say(ui.Text, "no flow is selected")
		return nil
	}
	return m.lookup.find(r)
}

// onConversation shows the records that were found.
func (m *model) onConversation(msg conversationFoundMsg) tea.Cmd {
	found, next := m.lookup.onFound(msg)
	if found != nil && m.window == nil && !m.line.editing {
		m.Status = ui.Message{}
		m.openWindow(dialog.NewConversation(found, m.env()))
	}
	return next
}
