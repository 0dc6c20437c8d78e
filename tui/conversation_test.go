package tui

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"weir/flow"
	"weir/search"
	"weir/tui/ui"
)

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

func TestAConversationIsShownFromSourceToDestination(t *testing.T) {
	recs := hops()
	recs[0].Recv.Packets++ // dc-2 saw one that did not come to core
	d := newConversationDialog(newTrail(recs, "both initial sequence numbers", []string{"core", "dc-2"}), testEnv(t))
	dialogGoldens(t, d, "conversation")
	view := strings.Join(strings.Fields(ansi.Strip(d.View(&ui.Theme{}, 120, 40))), " ")
	if !strings.Contains(view, "edge-1 core dc-2") {
		t.Errorf("the nodes are not in the order of the way: %s", view)
	}
}

// unanswered makes a conversation one without an answer.
func unanswered(recs []flow.Record) {
	for i := range recs {
		recs[i].Verdict, recs[i].Recv, recs[i].DstSide = flow.NoAnswer, flow.Counters{}, flow.Side{}
	}
}

// conversationAnswers are what is said of a conversation after a change to it.
var conversationAnswers = []struct {
	name   string
	change func(recs []flow.Record) []flow.Record // of dc-2, edge-1, core
	want   []string
}{
	{"all is well", nil, []string{
		"Through: yes, closed normally, seen from edge-1 to dc-2",
		"NAT: source 192.168.100.16:51422 to 10.100.2.1:29712, between edge-1 and core", "Counts: packets and bytes agree everywhere",
	}},
	{"no NAT", func(recs []flow.Record) []flow.Record {
		recs[1].Src = recs[0].Src
		return recs
	}, []string{"NAT: none: addresses and ports are the same everywhere"}},
	{"it stopped before the destination", func(recs []flow.Record) []flow.Record {
		unanswered(recs)
		return recs[1:]
	}, []string{"Through: no, no answer: it was seen at core and has no record at dc-2, which owns the destination: it stopped between them"}},
	{"nobody is expected to have seen it, and nothing came back", func(recs []flow.Record) []flow.Record {
		unanswered(recs)
		recs[0].Dst.Node, recs[1].Dst.Node, recs[2].Dst.Node = "", "", ""
		return recs[1:]
	}, []string{"Through: no, no answer: it got as far as core, and nothing came back"}},
	{"the answer got lost", func(recs []flow.Record) []flow.Record {
		answered := recs[0]
		unanswered(recs)
		recs[0] = answered
		return recs
	}, []string{"Through: no, no answer: it got to dc-2 and was answered, and the answer was lost before core",
		"Counts: 12 of 12 packets did not arrive on the way back, between core and dc-2"}},
	{"refused", func(recs []flow.Record) []flow.Record {
		for i := range recs {
			recs[i].Verdict = flow.Refused
		}
		return recs
	}, []string{"Through: no, refused: an answer came back, seen from edge-1 to dc-2"}},
	{"it got through past a node that should have seen it", func(recs []flow.Record) []flow.Record { return recs[1:] },
		[]string{"Through: yes, closed normally; but dc-2, which owns an end of it and reports other flows, has no record"}},
	{"one record", func(recs []flow.Record) []flow.Record { return recs[:1] },
		[]string{"Through: yes, closed normally; only dc-2 has a record", "NAT: not to be seen in one record"}},
	{"a packet got lost while it is open", func(recs []flow.Record) []flow.Record {
		recs[0].Sent.Packets--
		recs[0].EndReason, recs[0].Verdict = flow.StillOpen, flow.Established
		return recs
	}, []string{"Counts: 1 of 9 packets did not arrive on the way there, between core and dc-2; it is not over"}},
	{"two interfaces of one node", func(recs []flow.Record) []flow.Record {
		recs[1].Node, recs[1].Interface = "core", "lan0"
		return recs
	}, []string{"NAT: source 192.168.100.16:51422 to 10.100.2.1:29712, between core lan0 and core eth0"}},
	{"two records of one interface", func(recs []flow.Record) []flow.Record {
		recs[1].Node = "core"
		return recs
	}, []string{"Beware: core has two records at one interface: these may be two conversations"}},
}

func TestAConversationAnswersWhatItIsFollowedFor(t *testing.T) {
	for _, c := range conversationAnswers {
		t.Run(c.name, func(t *testing.T) {
			recs := hops()
			if c.change != nil {
				recs = c.change(recs)
			}
			reporters := []string{"core", "dc-2"}
			if len(recs) == 1 {
				reporters = nil
			}
			var said []string
			for _, a := range newTrail(recs, "", reporters).Answers() {
				said = append(said, a.Label+": "+a.Text)
			}
			for _, want := range c.want {
				if !slices.Contains(said, want) {
					t.Errorf("%q is missing in\n%s", want, strings.Join(said, "\n"))
				}
			}
		})
	}
}

func TestANodeWithoutARecordHasAColumn(t *testing.T) {
	d := newConversationDialog(newTrail(hops()[1:], "", []string{"core", "dc-2"}), testEnv(t))
	view := strings.Join(strings.Fields(ansi.Strip(d.View(&ui.Theme{}, 120, 40))), " ")
	if !strings.Contains(view, "edge-1 core dc-2") || !strings.Contains(view, "! no record") {
		t.Errorf("the missing node is not shown:\n%s", view)
	}
}

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
	if _, ok := st.m.window.(*conversationDialog); !ok {
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
