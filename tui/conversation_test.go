package tui

import (
	"net/netip"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
	"weir/tui/dialog"
)

func TestAFlowIsRecognisedByWhatANATLeavesAlone(t *testing.T) {
	seen := func(n uint32) flow.Seq32 { return flow.Seq32{Value: n, Seen: true} }
	for _, c := range []struct {
		proto      flow.Proto
		isn1, isn2 flow.Seq32
		id1, id2   flow.Seq32
		want       string
	}{
		{flow.TCP, seen(1), seen(2), seen(3), seen(4), "proto:tcp sisn:1 disn:2"},
		{flow.TCP, seen(1), flow.Seq32{}, seen(3), seen(4), "proto:tcp dport:53 sisn:1"},
		{flow.UDP, flow.Seq32{}, flow.Seq32{}, seen(3), seen(4), "proto:udp dport:53 sipid:3 dipid:4"},
		{flow.ICMP, flow.Seq32{}, flow.Seq32{}, seen(3), seen(0), "proto:icmp sipid:3"},
		{flow.UDP, flow.Seq32{}, flow.Seq32{}, seen(0), flow.Seq32{}, ""},
	} {
		r := flow.Record{Proto: c.proto, Dst: flow.Endpoint{Port: 53}, SrcSide: flow.Side{ISN: c.isn1, IPID: c.id1}, DstSide: flow.Side{ISN: c.isn2, IPID: c.id2}}
		term, _ := conversationTerm(&r)
		if got := search.Text(term); got != c.want {
			t.Errorf("%s: %q, want %q", c.proto, got, c.want)
		}
	}
}

func TestXAsksAllNodesAroundTheTimeOfTheFlow(t *testing.T) {
	st := newScreen(t, sampleStore(), 120, 40, func(c *Config) { c.Query.Nodes = []string{"edge-1"} })
	st.press("x")
	if _, ok := st.m.window.(*dialog.Conversation); !ok {
		t.Fatalf("x opened %T", st.m.window)
	}
	q := st.store.searches[len(st.store.searches)-1]
	if len(q.Nodes) != 0 || q.Range.From != testNow.Add(-400*time.Millisecond-conversationSpan) {
		t.Errorf("asked %+v", q)
	}
	st.press("esc", "G", "x") // UDP without an IP id of its answer
	if st.m.window == nil {
		st.wantIn(st.footer(), "can't be recognised")
	}
}

// hops is one TCP flow as three nodes saw it: a source NAT between the first two.
func hops() []flow.Record {
	edge := sampleFlows()[0]
	edge.Src.Addr, edge.Dst.Node, edge.SrcSide.MinTTL, edge.DstSide.MinTTL = netip.MustParseAddr("192.168.100.16"), "dc-2", 64, 61
	core := edge
	core.ID, core.Node, core.Start = 901, "core", edge.Start.Add(6*time.Millisecond)
	core.Src = flow.Endpoint{Node: "core", Addr: netip.MustParseAddr("10.100.2.1"), Port: 29712}
	core.SrcSide.MinTTL, core.DstSide.MinTTL = 63, 62
	dc := core
	dc.ID, dc.Node, dc.Start = 902, "dc-2", edge.Start.Add(10*time.Millisecond)
	dc.SrcSide.MinTTL, dc.DstSide.MinTTL = 62, 63
	return []flow.Record{dc, edge, core}
}
