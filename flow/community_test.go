package flow

import (
	"net/netip"
	"testing"
)

// The values are those of the specification's test cases.
func TestCommunityIDIsThatOfOtherTools(t *testing.T) {
	end := func(addr string, port uint16) Endpoint {
		return Endpoint{Addr: netip.MustParseAddr(addr), Port: port}
	}
	tcp := Record{Proto: TCP, Src: end("128.232.110.120", 34855), Dst: end("66.35.250.204", 80)}
	const want = "1:LQU9qZlK+B5F3KDmev6m5PMibrg="
	if got := tcp.CommunityID(); got != want {
		t.Errorf("TCP: %s, want %s", got, want)
	}
	tcp.Src, tcp.Dst = tcp.Dst, tcp.Src
	if got := tcp.CommunityID(); got != want {
		t.Errorf("the other direction: %s, want %s", got, want)
	}
	ping := Record{Proto: ICMP, Src: end("192.168.0.89", 0), Dst: end("192.168.0.1", 0), ICMP: ICMPType{Type: 8}}
	reply := Record{Proto: ICMP, Src: ping.Dst, Dst: ping.Src, ICMP: ICMPType{Type: 0}}
	if a, b := ping.CommunityID(), reply.CommunityID(); a != b || a != "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=" {
		t.Errorf("request %s, reply %s", a, b)
	}
	if got := (&Record{Proto: TCP}).CommunityID(); got != "" {
		t.Errorf("without addresses: %q", got)
	}
}
