package search

import (
	"net/netip"
	"testing"

	"weir/flow"
)

func TestByRoundTrip(t *testing.T) {
	for b := range numBys {
		if got, err := ParseBy(b.String()); err != nil || got != b {
			t.Errorf("%s parses as %v, %v", b, got, err)
		}
	}
	if _, err := ParseBy("colour"); err == nil {
		t.Error("an unknown grouping is accepted")
	}
}

func TestTalkerKeyAndTerm(t *testing.T) {
	tcp := Talker{
		Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("2001:db8::1"),
		Proto: flow.TCP, Port: 443, Node: "edge-1",
	}
	ping := Talker{Proto: flow.ICMP}
	for _, c := range []struct {
		talker    Talker
		by        By
		key, term string
	}{
		{tcp, BySrc, "10.0.0.1", "src:10.0.0.1"},
		{tcp, ByDst, "2001:db8::1", "dst:2001:db8::1"},
		{tcp, ByPair, "10.0.0.1 > 2001:db8::1", "src:10.0.0.1 dst:2001:db8::1"},
		{tcp, ByPort, "TCP 443", "proto:tcp dport:443"},
		{ping, ByPort, "ICMP", "proto:icmp"},
		{tcp, ByNode, "edge-1", "node:edge-1"},
	} {
		if got := c.talker.Key(c.by); got != c.key {
			t.Errorf("by %s: key %q, want %q", c.by, got, c.key)
		}
		got := c.talker.Term(c.by).String()
		if got != c.term {
			t.Errorf("by %s: term %q, want %q", c.by, got, c.term)
		}
		if _, err := Parse(got); err != nil {
			t.Errorf("by %s: %v", c.by, err)
		}
	}
}
