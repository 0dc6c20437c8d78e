package meter

import (
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/pkttest"
)

// Captures that see replies alone: nothing was left unanswered.
func TestRepliesAloneAreReplyOnly(t *testing.T) {
	raw := pkttest.Raw()
	for _, c := range []struct {
		name  string
		reply pkttest.Packet
	}{
		{"DNS", raw.IPv4(server, client).UDP(53, 40000).Payload(100)},
		{"DNS to a low port", raw.IPv4(server, client).UDP(53, 1025).Payload(100)},
		{"DNS over IPv6", raw.IPv6("fd00::2", "fd00::1").UDP(53, 61000).Payload(100)},
		{"NTP", raw.IPv4(server, client).UDP(123, 33333).Payload(48)},
		{"SNMP", raw.IPv4(server, client).UDP(161, 50000).Payload(48)},
		{"QUIC over IPv6", raw.IPv6("fd00::2", "fd00::1").UDP(443, 50001).Payload(1200)},
		{"RADIUS", raw.IPv4(server, client).UDP(1812, 45000).Payload(48)},
		{"echo replies", raw.IPv4(server, client).Pong(7, 1)},
		{"ICMPv6 echo replies", raw.IPv6("fd00::2", "fd00::1").Pong(7, 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t, Config{})
			for i := range 3 {
				l.see(time.Duration(i)*10*ms, c.reply)
			}
			r := l.only()
			equal(t, "verdict", r.Verdict, flow.ReplyOnly)
			equal(t, "packets received", r.Recv.Packets, 3)
			if s := r.Explain(); strings.Contains(s, "no answer") || strings.Contains(s, "unanswered") {
				t.Errorf("it says %q", s)
			}
		})
	}
}

// The verdict follows what is seen.
func TestARequestAfterItsReplyIsAnswered(t *testing.T) {
	l := newLab(t, Config{})
	l.see(10*ms, pkttest.Raw().IPv4(server, client).UDP(53, 40000).Payload(100))
	equal(t, "verdict of the reply", l.only().Verdict, flow.ReplyOnly)
	l.see(0, pkttest.Raw().IPv4(client, server).UDP(40000, 53).Payload(40))
	equal(t, "verdict of both", l.only().Verdict, flow.Answered)
}

// The client's port is closed by the time the reply comes: the service is not what is unreachable.
func TestAnErrorAboutAReplyDoesNotMakeTheServiceUnreachable(t *testing.T) {
	l := newLab(t, Config{})
	reply := pkttest.Raw().IPv4(server, client).UDP(53, 40000).Payload(100)
	l.see(0, reply)
	l.see(10*ms, pkttest.Raw().IPv4(client, server).ICMP(3, 3).Quote(reply, 8))
	for _, r := range l.open() {
		if r.Proto != flow.UDP {
			continue
		}
		equal(t, "verdict", r.Verdict, flow.ReplyOnly)
		want := "UDP packets came from the destination only: the requests take another path, or are older than the observation, and " + client + " reported port unreachable"
		equal(t, "sentence", r.Explain(), want)
	}
}

// Every sequence of up to five segments leads to a verdict that the record, from whose flags alone
// it is judged when it is read from a store, doesn't contradict.
func TestVerdictsAgreeWithTheFlagsOfTheirRecords(t *testing.T) {
	var follow func(seq string)
	follow = func(seq string) {
		for _, letter := range "SHADFRshadfr" {
			next := seq + string(letter)
			e, _, isOne := followSegments(next)
			if !isOne {
				continue
			}
			src, dst := e.handshakeOf(e.src()), e.handshakeOf(1-e.src())
			r := flow.Record{Proto: flow.TCP, Verdict: e.verdict(), SrcSide: src, DstSide: dst}
			if got := r.CorrectVerdict(); got != r.Verdict {
				t.Fatalf("%s: %v is read as %v", next, r.Verdict, got)
			}
			if len(next) < 5 {
				follow(next)
			}
		}
	}
	follow("")
}
