package dialog

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"weir/flow"
	"weir/tui/conversation"
	"weir/tui/tuitest"
	"weir/tui/ui"
)

// threeHops is one TCP flow as seen by three nodes, with source NAT between the first
// two. The records are of dc-2, edge-1 and core, in this order.
func threeHops() []flow.Record {
	start := time.Date(2024, 11, 14, 19, 12, 7, 100_000_000, time.UTC)
	all := flow.SYN | flow.ACK | flow.PSH | flow.FIN
	edge := flow.Record{
		ID: 107, Node: "edge-1", Interface: "eth0", Start: start, Last: start.Add(412 * time.Millisecond), Proto: flow.TCP, Direction: flow.BySyn,
		Src:  flow.Endpoint{Node: "edge-1", Addr: netip.MustParseAddr("192.168.100.16"), Port: 51422},
		Dst:  flow.Endpoint{Node: "dc-2", Addr: netip.MustParseAddr("192.168.100.20"), Port: 443},
		Sent: flow.Counters{Packets: 9, Octets: 1_142}, Recv: flow.Counters{Packets: 12, Octets: 12_431},
		SrcSide: flow.Side{Flags: all, MinTTL: 64}, DstSide: flow.Side{Flags: all, MinTTL: 61},
		Verdict: flow.Closed, EndReason: flow.EndOfFlow,
	}
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
	recs := threeHops()
	recs[0].Recv.Packets++ // dc-2 saw one that did not arrive at core
	d := NewConversation(conversation.NewTrail(recs, "same TCP initial sequence numbers", []string{"core", "dc-2"}), tuitest.Env(t))
	tuitest.Goldens(t, d, "conversation")
	view := strings.Join(strings.Fields(ansi.Strip(d.View(&ui.Theme{}, 120, 40))), " ")
	if !strings.Contains(view, "edge-1 core dc-2") {
		t.Errorf("the nodes are not in the order of the way: %s", view)
	}
}

// unanswered removes the replies from a conversation.
func unanswered(recs []flow.Record) {
	for i := range recs {
		recs[i].Verdict, recs[i].Recv, recs[i].DstSide = flow.NoAnswer, flow.Counters{}, flow.Side{}
	}
}

// conversationAnswers are the answers after changes to the records.
var conversationAnswers = []struct {
	name   string
	change func(recs []flow.Record) []flow.Record // of dc-2, edge-1, core
	want   []string
}{
	{"all is well", nil, []string{
		"Result: closed normally, seen from edge-1 to dc-2",
		"NAT: source 192.168.100.16:51422 to 10.100.2.1:29712, between edge-1 and core", "Counts: packets and bytes agree everywhere",
	}},
	{"no NAT", func(recs []flow.Record) []flow.Record {
		recs[1].Src = recs[0].Src
		return recs
	}, []string{"NAT: none: same addresses and ports everywhere"}},
	{"it stopped before the destination", func(recs []flow.Record) []flow.Record {
		unanswered(recs)
		return recs[1:]
	}, []string{"Result: no answer. Last seen at core; no record at dc-2, which owns the destination: probably lost between the two"}},
	{"it stopped between two nodes that have no record", func(recs []flow.Record) []flow.Record {
		unanswered(recs)
		recs[1].Src.Node, recs[2].Src.Node = "dc-1", "dc-1"
		return recs[1:]
	}, []string{"Result: no answer. Last seen at core; no record at dc-2, which owns the destination: probably lost between the two; no record at dc-1, although it owns an endpoint"}},
	{"only the node of the source has no record", func(recs []flow.Record) []flow.Record {
		unanswered(recs)
		recs[0].Src.Node, recs[1].Src.Node, recs[2].Src.Node = "dc-1", "dc-1", "dc-1"
		return recs
	}, []string{"Result: no answer; no record at dc-1, although it owns an endpoint"}},
	{"no node is expected to have seen it, and no reply was seen", func(recs []flow.Record) []flow.Record {
		unanswered(recs)
		recs[0].Dst.Node, recs[1].Dst.Node, recs[2].Dst.Node = "", "", ""
		return recs[1:]
	}, []string{"Result: no answer. Last seen at core; no reply seen"}},
	{"the answer got lost", func(recs []flow.Record) []flow.Record {
		answered := recs[0]
		unanswered(recs)
		recs[0] = answered
		return recs
	}, []string{"Result: no answer. Reply seen at dc-2, lost before core",
		"Counts: 12 of 12 packets did not arrive on the way back, between core and dc-2"}},
	{"refused", func(recs []flow.Record) []flow.Record {
		for i := range recs {
			recs[i].Verdict, recs[i].SrcSide.Flags, recs[i].DstSide.Flags = flow.Refused, flow.SYN, flow.RST|flow.ACK
		}
		return recs
	}, []string{"Result: refused. A reply arrived, seen from edge-1 to dc-2"}},
	{"it got through past a node that should have seen it", func(recs []flow.Record) []flow.Record { return recs[1:] },
		[]string{"Result: closed normally; no record at dc-2, although it owns an endpoint"}},
	{"it got through past two nodes that should have seen it", func(recs []flow.Record) []flow.Record {
		recs[1].Src.Node, recs[2].Src.Node = "dc-1", "dc-1"
		return recs[1:]
	}, []string{"Result: closed normally; no record at dc-1 and dc-2, although they own endpoints"}},
	{"a protocol without a verdict", func(recs []flow.Record) []flow.Record {
		for i := range recs {
			recs[i].Verdict = flow.NoVerdict
		}
		return recs
	}, []string{"Result: no verdict, seen from edge-1 to dc-2"}},
	{"a node saw packets that the node before did not", func(recs []flow.Record) []flow.Record {
		recs[0].Sent.Packets += 2
		return recs
	}, []string{"Counts: 2 more packets on the way out than at the node before, between core and dc-2"}},
	{"one record", func(recs []flow.Record) []flow.Record { return recs[:1] },
		[]string{"Result: closed normally; only dc-2 has a record", "NAT: unknown: only one record"}},
	{"a packet got lost while it is open", func(recs []flow.Record) []flow.Record {
		recs[0].Sent.Packets--
		recs[0].EndReason, recs[0].Verdict = flow.StillOpen, flow.Established
		return recs
	}, []string{"Counts: 1 of 9 packets did not arrive on the way out, between core and dc-2; still open"}},
	{"two interfaces of one node", func(recs []flow.Record) []flow.Record {
		recs[1].Node, recs[1].Interface = "core", "lan0"
		return recs
	}, []string{"NAT: source 192.168.100.16:51422 to 10.100.2.1:29712, between core lan0 and core eth0"}},
	{"two records of one interface", func(recs []flow.Record) []flow.Record {
		recs[1].Node = "core"
		return recs
	}, []string{"Note: core has two records at one interface: possibly two conversations"}},
}

func TestAConversationAnswersWhatItIsFollowedFor(t *testing.T) {
	for _, c := range conversationAnswers {
		t.Run(c.name, func(t *testing.T) {
			recs := threeHops()
			if c.change != nil {
				recs = c.change(recs)
			}
			reporters := []string{"core", "dc-1", "dc-2"}
			if len(recs) == 1 {
				reporters = nil
			}
			var said []string
			for _, a := range conversation.NewTrail(recs, "", reporters).Answers() {
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
	d := NewConversation(conversation.NewTrail(threeHops()[1:], "", []string{"core", "dc-2"}), tuitest.Env(t))
	view := strings.Join(strings.Fields(ansi.Strip(d.View(&ui.Theme{}, 120, 40))), " ")
	if !strings.Contains(view, "edge-1 core dc-2") || !strings.Contains(view, "! no record") {
		t.Errorf("the missing node is not shown:\n%s", view)
	}
}
