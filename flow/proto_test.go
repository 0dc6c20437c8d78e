package flow_test

import (
	"strconv"
	"strings"
	"testing"

	"weir/flow"
)

func TestAllProtocolsParseFromNameAndNumber(t *testing.T) {
	for n := range 256 {
		want := flow.Proto(n)
		for _, spelled := range []string{want.String(), strings.ToLower(want.String()), strings.ToUpper(want.String()), strconv.Itoa(n)} {
			if got, err := flow.ParseProto(spelled); err != nil || got != want {
				t.Errorf("protocol %d: %q parses as %d, %v", n, spelled, got, err)
			}
		}
	}
}

func TestProtocolNumbersMatchIANA(t *testing.T) {
	// The keywords of Assigned Internet Protocol Numbers, and common spellings.
	for name, want := range map[string]flow.Proto{
		"HOPOPT": 0, "icmp": 1, "igmp": 2, "ipv4": 4, "ipip": 4, "st": 5, "tcp": 6, "egp": 8, "udp": 17, "rdp": 27, "dccp": 33,
		"ipv6": 41, "ipv6-route": 43, "ipv6-frag": 44, "rsvp": 46, "gre": 47, "esp": 50, "ah": 51, "min-ipv4": 55,
		"icmpv6": 58, "ipv6-icmp": 58, "icmp6": 58, "ipv6-nonxt": 59, "ipv6-opts": 60, "eigrp": 88, "ospf": 89, "ospfigp": 89,
		"etherip": 97, "encap": 98, "pim": 103, "ipcomp": 108, "vrrp": 112, "l2tp": 115, "sctp": 132, "fc": 133, "mobility": 135,
		"udplite": 136, "udp-lite": 136, "mpls-in-ip": 137, "manet": 138, "hip": 139, "shim6": 140, "wesp": 141, "rohc": 142,
		"ethernet": 143, "aggfrag": 144, "nsh": 145, "reserved": 255,
	} {
		if got, err := flow.ParseProto(name); err != nil || got != want {
			t.Errorf("%s parses as %d, %v; want %d", name, got, err, want)
		}
	}
}

func TestUnknownProtocolIsAnError(t *testing.T) {
	for _, s := range []string{"", "tpc", "256", "-1", "6.0"} {
		_, err := flow.ParseProto(s)
		want := "unknown protocol " + strconv.Quote(s) + ": expected a name such as tcp, udp, icmp, or a number from 0 to 255"
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestAllProtoNamesParse(t *testing.T) {
	names := flow.ProtoNames()
	if len(names) < 50 {
		t.Errorf("only %d names", len(names))
	}
	for _, name := range names {
		if p, err := flow.ParseProto(name); err != nil || strings.ToLower(p.String()) != name {
			t.Errorf("%q parses as %v, %v", name, p, err)
		}
	}
}

func TestHasPortsAndIsICMP(t *testing.T) {
	for n := range 256 {
		p := flow.Proto(n)
		ports := p == flow.TCP || p == flow.UDP || p == 33 || p == flow.SCTP || p == flow.UDPLite
		if p.HasPorts() != ports {
			t.Errorf("%v: HasPorts = %v", p, !ports)
		}
		if p.IsICMP() != (p == 1 || p == 58) {
			t.Errorf("%v: IsICMP = %v", p, p.IsICMP())
		}
	}
}

func TestICMPWordsAndErrors(t *testing.T) {
	for _, c := range []struct {
		proto     flow.Proto
		typ, code uint8
		words     string
		isError   bool
	}{
		{flow.ICMP, 0, 0, "echo reply", false},
		{flow.ICMP, 8, 0, "echo request", false},
		{flow.ICMP, 3, 0, "network unreachable", true},
		{flow.ICMP, 3, 1, "host unreachable", true},
		{flow.ICMP, 3, 3, "port unreachable", true},
		{flow.ICMP, 3, 4, "fragmentation needed", true},
		{flow.ICMP, 3, 13, "communication prohibited", true},
		{flow.ICMP, 3, 99, "destination unreachable", true},
		{flow.ICMP, 4, 0, "source quench", true},
		{flow.ICMP, 5, 1, "redirect", false}, // quotes a packet that was forwarded
		{flow.ICMP, 11, 0, "TTL exceeded in transit", true},
		{flow.ICMP, 12, 1, "parameter problem", true},
		{flow.ICMP, 200, 1, "type 200 code 1", false},
		{flow.ICMPv6, 1, 0, "no route", true},
		{flow.ICMPv6, 1, 4, "port unreachable", true},
		{flow.ICMPv6, 2, 0, "packet too big", true},
		{flow.ICMPv6, 3, 0, "hop limit exceeded in transit", true},
		{flow.ICMPv6, 4, 2, "parameter problem", true},
		{flow.ICMPv6, 128, 0, "echo request", false},
		{flow.ICMPv6, 129, 0, "echo reply", false},
		{flow.ICMPv6, 135, 0, "neighbor solicitation", false},
		{flow.ICMPv6, 8, 0, "type 8 code 0", false}, // echo request in ICMP only
	} {
		m := flow.ICMPType{Type: c.typ, Code: c.code}
		if got := m.Words(c.proto); got != c.words {
			t.Errorf("%v %d/%d: got %q, want %q", c.proto, c.typ, c.code, got, c.words)
		}
		if got := m.IsError(c.proto); got != c.isError {
			t.Errorf("%v %d/%d: IsError = %v", c.proto, c.typ, c.code, got)
		}
	}
}
