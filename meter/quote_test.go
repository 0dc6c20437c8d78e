package meter

import (
	"fmt"
	"net/netip"
	"testing"

	"weir/flow"
	"weir/internal/pkttest"
)

// unanswered are packets that an error may be about.
func unanswered(ip pkttest.Packet) map[string]pkttest.Packet {
	return map[string]pkttest.Packet{
		"TCP":  ip.TCP(40000, 80).SYN().Seq(1000),
		"UDP":  ip.UDP(40000, 9999).Payload(100),
		"SCTP": ip.SCTP(40000, 3868),
		"echo": ip.Ping(7, 1),
		"ESP":  ip.Proto(flow.ESP).Payload(40),
	}
}

// errorsOf are all types of errors of ICMP and ICMPv6 with each of their codes.
func errorsOf(proto flow.Proto) (all []flow.ICMPType) {
	codes := map[uint8]uint8{3: 15, 4: 0, 11: 1, 12: 2}
	if proto == flow.ICMPv6 {
		codes = map[uint8]uint8{1: 8, 2: 0, 3: 1, 4: 3}
	}
	for typ, last := range codes {
		for code := range last + 1 {
			all = append(all, flow.ICMPType{Type: typ, Code: code})
		}
	}
	return all
}

func TestEveryICMPErrorMarksTheQuotedFlow(t *testing.T) {
	for _, c := range []struct {
		proto      flow.Proto
		sent       map[string]pkttest.Packet
		router     string
		fromRouter pkttest.Packet
	}{
		{flow.ICMP, unanswered(pkttest.Raw().IPv4(client, server)), "10.1.2.3", pkttest.Raw().IPv4("10.1.2.3", client)},
		{flow.ICMPv6, unanswered(pkttest.Raw().IPv6("fd00::1", "fd00::2")), "fd00::ff", pkttest.Raw().IPv6("fd00::ff", "fd00::1")},
	} {
		for name, sent := range c.sent {
			for _, e := range errorsOf(c.proto) {
				t.Run(fmt.Sprint(c.proto, " about ", name, ", ", e.Words(c.proto)), func(t *testing.T) {
					l := newLab(t, Config{})
					l.see(0, sent)
					l.see(10*ms, c.fromRouter.ICMP(e.Type, e.Code).Quote(sent, 8))
					l.counts(0, 2)
					r := l.open()[0]
					equal(t, "verdict", r.Verdict, flow.Unreachable)
					equal(t, "error", r.Error, flow.ICMPError{From: netip.MustParseAddr(c.router), Type: e})
					equal(t, "end", r.Last, epoch)
				})
			}
		}
	}
}

func TestICMPMessagesOtherThanErrorsMarkNoFlow(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, syn())
	l.see(10*ms, pkttest.Raw().IPv4("10.1.2.3", client).ICMP(5, 1).Quote(syn(), 8)) // redirect
	equal(t, "verdict", l.open()[0].Verdict, flow.NoAnswer)
}

// The error and what it quotes travel in one tunnel; outside of it there is
// no such flow.
func TestErrorInATunnelMarksTheFlowInThatTunnel(t *testing.T) {
	eth := pkttest.Eth().IPv4("192.0.2.1", "192.0.2.2")
	for name, through := range map[string]func(pkttest.Packet) pkttest.Packet{
		"GRE":   func(p pkttest.Packet) pkttest.Packet { return p.GREKey(5) },
		"VXLAN": func(p pkttest.Packet) pkttest.Packet { return p.UDP(50000, 4789).VXLAN(7).Eth() },
		"GTP-U": func(p pkttest.Packet) pkttest.Packet { return p.UDP(2152, 2152).GTPU(9) },
		"IPIP":  func(p pkttest.Packet) pkttest.Packet { return p },
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, Config{})
			l.see(0, through(eth).IPv4(client, server).TCP(40000, 80).SYN().Seq(1000))
			l.see(0, syn())
			l.see(10*ms, through(pkttest.Eth().IPv4("192.0.2.2", "192.0.2.1")).IPv4("10.1.2.3", client).ICMP(3, 13).Quote(syn(), 8))
			var marked []flow.Tunnel
			for _, r := range l.open() {
				if r.Verdict == flow.Unreachable {
					marked = append(marked, r.Tunnel)
				}
			}
			if len(marked) != 1 || marked[0].Kind == flow.NoTunnel {
				t.Errorf("marked: %v, want the flow in the tunnel", marked)
			}
		})
	}
}

// However much of the quote the snap length or the router leaves: with ports
// it marks, without it doesn't.
func TestTruncatedQuoteMarksTheFlowIfItHasThePorts(t *testing.T) {
	for left := range 9 {
		l := newLab(t, Config{})
		l.see(0, syn())
		l.see(10*ms, pkttest.Raw().IPv4("10.1.2.3", client).ICMP(3, 1).Quote(syn(), left))
		want := flow.NoAnswer
		if left >= 4 {
			want = flow.Unreachable
		}
		equal(t, fmt.Sprint("verdict with ", left, " octets of the header"), l.open()[0].Verdict, want)
	}
}

func TestErrorAboutAReplyLeavesTheReplyCounted(t *testing.T) {
	l := newLab(t, Config{})
	answer := pkttest.Raw().IPv4(server, client).UDP(53, 40000).Payload(100)
	l.see(0, udp(40000, 53))
	l.see(10*ms, answer)
	l.see(11*ms, pkttest.Raw().IPv4(client, server).ICMP(3, 3).Quote(answer, 8)) // the client is gone
	r := l.open()[0]
	equal(t, "verdict", r.Verdict, flow.Answered)
	equal(t, "said by", r.Error.From.String(), client)
}

func TestErrorAfterTheEndOfItsFlowMarksNothing(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, syn())
	l.passTime(15*sec + 200*ms)
	l.counts(1, 0)
	l.see(16*sec, pkttest.Raw().IPv4("10.1.2.3", client).ICMP(3, 1).Quote(syn(), 8))
	l.counts(1, 1)
	equal(t, "verdict", l.out[0].Verdict, flow.NoAnswer)
	equal(t, "errors kept", len(l.errors), 0)
}
