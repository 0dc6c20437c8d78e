package search

import (
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/flow"
)

func TestByRoundTrip(t *testing.T) {
	for b := range numBys {
		if got, err := ParseBy(b.String()); err != nil || got != b {
			t.Errorf("%s parses as %v, %v", b, got, err)
		}
	}
	if got, err := ParseBy("result"); err != nil || got != ByVerdict {
		t.Errorf("another name of verdict parses as %v, %v", got, err)
	}
	if got, err := ParseGrouping("src, dport"); err != nil || got.String() != "src,dport" {
		t.Errorf("two fields parse as %v, %v", got, err)
	}
	for wrong, want := range map[string]string{
		"colour": "unknown grouping", "": "unknown grouping", "src,": "unknown grouping", "src,src": "duplicate grouping src", "bytes": "unknown grouping",
		strings.Join(ByNames()[:MaxBys+1], ","): "grouping by 9 fields",
	} {
		if g, err := ParseGrouping(wrong); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q parses as %v, %v", wrong, g, err)
		}
	}
	for c := range numSums {
		if got, err := ParseSumColumn(c.String()); err != nil || got != c {
			t.Errorf("%s parses as %v, %v", c, got, err)
		}
	}
	if _, err := ParseSumColumn("colour"); err == nil {
		t.Error("an unknown column is accepted")
	}
}

func TestTalkerKeyAndTerm(t *testing.T) {
	v4, v6 := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("2001:db8::1")
	src, dst, node := Value{Addr: v4}, Value{Addr: v6}, Value{Name: "edge-1"}
	number := func(n int64) Value { return Value{Number: n} }
	values := func(v ...Value) []Value { return v }
	for _, c := range []struct {
		by        string
		values    []Value
		key, term string
	}{
		{"src", values(src), "10.0.0.1", "src:10.0.0.1"},
		{"dst", values(dst), "2001:db8::1", "dst:2001:db8::1"},
		{"pair", values(Value{Addr: v4, Peer: v6}), "10.0.0.1 > 2001:db8::1", "src:10.0.0.1 dst:2001:db8::1"},
		{"port", values(PortOf(flow.TCP, 443)), "TCP 443", "proto:tcp dport:443"},
		{"port", values(PortOf(flow.ICMP, 443)), "ICMP", "proto:icmp"},
		{"node", values(node), "edge-1", "node:edge-1"},
		{"src,dst", values(src, dst), "10.0.0.1 > 2001:db8::1", "src:10.0.0.1 dst:2001:db8::1"},
		{"dst,src", values(dst, src), "2001:db8::1, 10.0.0.1", "dst:2001:db8::1 src:10.0.0.1"},
		{"src,port", values(src, PortOf(flow.UDP, 53)), "10.0.0.1, UDP 53", "src:10.0.0.1 proto:udp dport:53"},
		{"interface,verdict", values(Value{Name: "eth0"}, number(int64(flow.NoAnswer))), "eth0, no-answer", "interface:eth0 verdict:no-answer"},
		{"verdict", values(number(0)), "none", "verdict:none"},
		{"proto,sport", values(number(17), number(0)), "UDP, 0", "proto:udp sport:0"},
		{"flags", values(number(0x12)), "0x12", "flags:=syn,ack"},
		{"sflags", values(number(Absent)), "", "!proto:tcp"},
		{"open", values(number(1)), "yes", "open:yes"},
		{"vlan", values(number(0)), "", "vlan:none"},
		{"vlan", values(number(100 << 16)), "100", "vlan:100"},
		{"vlan", values(number(100<<16 | 200)), "100.200", "vlan:100 vlan:200"},
		{"tunnel,tunnelid", values(number(int64(flow.TunnelVXLAN)), number(5001)), "vxlan, 5001", "tunnel:vxlan tunnelid:5001"},
		{"icmptype", values(number(Absent)), "", "icmptype:none"},
		{"errorip", values(Value{}), "", "errorip:none"},
		{"sttl", values(number(0)), "0", "sttl:none"},
	} {
		g, err := ParseGrouping(c.by)
		if err != nil {
			t.Fatal(err)
		}
		talker := Talker{Values: c.values}
		if got := talker.Key(g); got != c.key {
			t.Errorf("by %s: key %q, want %q", c.by, got, c.key)
		}
		got := Text(talker.Term(g))
		if got != c.term {
			t.Errorf("by %s: term %q, want %q", c.by, got, c.term)
		}
		if _, err := Parse(got); err != nil {
			t.Errorf("by %s: %v", c.by, err)
		}
	}
}

func TestRateIsOctetsPerSecondFromFirstToLastPacket(t *testing.T) {
	first := time.Unix(1000, 0)
	for _, c := range []struct {
		octets uint64
		after  time.Duration
		want   uint64
	}{{3000, 2 * time.Second, 1500}, {3000, 0, 0}, {10, 3 * time.Second, 3}, {math.MaxUint64, time.Second, math.MaxUint64}, {math.MaxUint64, 1, math.MaxUint64}, {5, time.Millisecond, 5000}} {
		s := Sums{Octets: c.octets, First: first, Last: first.Add(c.after)}
		if got := s.Rate(); got != c.want {
			t.Errorf("%d bytes in %v: %d, want %d", c.octets, c.after, got, c.want)
		}
	}
	if got := (&Sums{Octets: 5}).Rate(); got != 0 {
		t.Errorf("without times: %d", got)
	}
}

func TestTalkersOrderByAnyColumn(t *testing.T) {
	at := func(n byte) []Value { return []Value{{Addr: netip.AddrFrom4([4]byte{10, 0, 0, n})}} }
	a := Talker{at(9), Sums{Flows: 3, Octets: 100, Peers: 1, Ports: 7, Recv: 10, Sent: 90}}
	b := Talker{at(10), Sums{Flows: 3, Octets: 100, Peers: 5, Ports: 2, Recv: 60, Sent: 40}}
	c := Talker{at(11), Sums{Flows: 1, Octets: 300, Peers: 5, Ports: 2, Recv: 300}}
	for _, x := range []struct {
		order   SumColumn
		reverse bool
		want    string
	}{
		{SumBytes, false, "11 10 9"}, // of a and b the one whose key is the first as text
		{SumFlows, false, "10 9 11"}, {SumPeers, false, "11 10 9"}, {SumPorts, false, "9 11 10"}, {SumSent, false, "9 10 11"},
		{SumRecv, false, "11 10 9"}, {SumShare, true, "10 9 11"}, {SumKey, false, "9 10 11"}, {SumKey, true, "11 10 9"},
	} {
		rows := []Talker{a, b, c}
		q := TopRequest{By: Grouping{BySrc}, Order: x.order, Reverse: x.reverse}
		slices.SortFunc(rows, func(a, b Talker) int { return q.Compare(&a, &b) })
		var got []string
		for _, row := range rows {
			got = append(got, strings.TrimPrefix(row.Key(q.By), "10.0.0."))
		}
		if text := strings.Join(got, " "); text != x.want {
			t.Errorf("by %s, reversed %t: %s, want %s", x.order, x.reverse, text, x.want)
		}
	}
}
