package conversation

import (
	"testing"

	"weir/flow"
	"weir/search"
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
		term, _ := Term(&r)
		if got := search.Text(term); got != c.want {
			t.Errorf("%s: %q, want %q", c.proto, got, c.want)
		}
	}
}
