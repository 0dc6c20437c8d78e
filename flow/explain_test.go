package flow_test

import (
	"net/netip"
	"strings"
	"testing"

	"weir/flow"
)

// oneSentence fails unless s is a single, non-empty sentence on one line without
// a full stop.
func oneSentence(t *testing.T, what, s string) {
	t.Helper()
	if s == "" || strings.TrimSpace(s) != s || strings.Contains(s, ". ") || strings.HasSuffix(s, ".") ||
		strings.ContainsAny(s, "\n\t") || strings.Contains(s, "  ") {
		t.Errorf("%s: not one sentence: %q", what, s)
	}
}

func TestExplainHasASentenceForEveryVerdictAndEnd(t *testing.T) {
	router := netip.MustParseAddr("10.1.2.3")
	protos := []flow.Proto{flow.TCP, flow.UDP, flow.ICMP, flow.ICMPv6, flow.GRE}
	for _, v := range flow.Verdicts() {
		for _, end := range flow.EndReasons() {
			for _, proto := range protos {
				for _, from := range []netip.Addr{{}, router} {
					r := &flow.Record{Verdict: v, EndReason: end, Proto: proto, Error: flow.ICMPError{From: from, Type: flow.ICMPType{Type: 3, Code: 1}}}
					s := r.Explain()
					oneSentence(t, v.String()+" "+end.String(), s)
					if r.Open() && (strings.Contains(s, "never completed") || strings.Contains(s, "ended")) {
						t.Errorf("%s, open: says that the flow is over: %q", v, s)
					}
					if !r.Open() && (strings.Contains(s, "so far") || strings.Contains(s, "still open")) {
						t.Errorf("%s, ended by %s: says that the flow continues: %q", v, end, s)
					}
					if said := strings.Contains(s, "10.1.2.3"); said != from.IsValid() {
						t.Errorf("%s: ICMP error sender named: %t, want %t: %q", v, said, from.IsValid(), s)
					}
				}
			}
		}
	}
}

func TestExplainSaysWhatHappenedAndWhy(t *testing.T) {
	v4, v6 := netip.MustParseAddr("10.1.2.3"), netip.MustParseAddr("2001:db8::1")
	web := flow.Endpoint{Port: 443}
	tests := []struct {
		name string
		r    flow.Record
		want string
	}{
		{"only a SYN", flow.Record{Proto: flow.TCP, Verdict: flow.NoAnswer, EndReason: flow.IdleTimeout, SrcSide: flow.Side{Flags: flow.SYN}},
			"SYN only: the handshake never completed; a firewall or routing problem keeps the destination from receiving or answering"},
		{"a retransmitted SYN", flow.Record{Proto: flow.TCP, Verdict: flow.NoAnswer, EndReason: flow.IdleTimeout, SYNRetries: 3, SrcSide: flow.Side{Flags: flow.SYN}},
			"SYN only, sent 4 times: the handshake never completed; a firewall or routing problem keeps the destination from receiving or answering"},
		{"a SYN a moment ago", flow.Record{Proto: flow.TCP, Verdict: flow.NoAnswer, SrcSide: flow.Side{Flags: flow.SYN}},
			"SYN only so far: the handshake waits for the destination to answer"},
		{"a SYN answered by RST", flow.Record{Proto: flow.TCP, Verdict: flow.Refused, EndReason: flow.EndOfFlow, Dst: web},
			"SYN & RST: something in the path actively resets the connection attempt; nothing listens on TCP port 443, or a firewall or an application's IP restriction refuses it"},
		{"a connection in use", flow.Record{Proto: flow.TCP, Verdict: flow.Established, ServerRTT: 12e6, ClientRTT: 4e5},
			"handshake complete in 12.4 ms, no close seen; the flow is still open"},
		{"a handshake on a fast network", flow.Record{Proto: flow.TCP, Verdict: flow.Closed, EndReason: flow.EndOfFlow, ServerRTT: 33_900, ClientRTT: 7_600},
			"complete: handshake in 41 µs, then closed by both sides"},
		{"the fastest handshake in ms", flow.Record{Proto: flow.TCP, Verdict: flow.Closed, EndReason: flow.EndOfFlow, ServerRTT: 99_999, ClientRTT: 1},
			"complete: handshake in 0.1 ms, then closed by both sides"},
		{"a handshake without a time between its packets", flow.Record{Proto: flow.TCP, Verdict: flow.Closed, EndReason: flow.EndOfFlow, ServerRTT: 1, ClientRTT: 1},
			"complete: handshake in less than 1 µs, then closed by both sides"},
		{"a connection gone silent", flow.Record{Proto: flow.TCP, Verdict: flow.Established, EndReason: flow.IdleTimeout},
			"handshake complete, no close seen; no packet followed until the idle timeout"},
		{"a connection at the end of a capture", flow.Record{Proto: flow.TCP, Verdict: flow.Established, EndReason: flow.ForcedEnd},
			"handshake complete, no close seen; the observation ended before the flow did"},
		{"a connection evicted", flow.Record{Proto: flow.TCP, Verdict: flow.Established, EndReason: flow.LackOfResources},
			"handshake complete, no close seen; the record ended early because the flow table was full"},
		{"a complete connection", flow.Record{Proto: flow.TCP, Verdict: flow.Closed, EndReason: flow.EndOfFlow},
			"complete: handshake, then closed by both sides"},
		{"a complete connection with RST instead of the last ACK", flow.Record{Proto: flow.TCP, Verdict: flow.Closed, EndReason: flow.EndOfFlow, SrcSide: flow.Side{Flags: flow.SYN | flow.ACK | flow.FIN | flow.RST}, DstSide: flow.Side{Flags: flow.SYN | flow.ACK | flow.FIN}},
			"complete: handshake, then closed by both sides, and a reset was seen as well"},
		{"a refused SYN whose second try was accepted", flow.Record{Proto: flow.TCP, Verdict: flow.Closed, EndReason: flow.EndOfFlow, SrcSide: flow.Side{Flags: flow.SYN | flow.ACK | flow.FIN}, DstSide: flow.Side{Flags: flow.SYN | flow.ACK | flow.FIN | flow.RST}},
			"complete: handshake, then closed by both sides, and a reset was seen as well"},
		{"the same, still open", flow.Record{Proto: flow.TCP, Verdict: flow.Established, SrcSide: flow.Side{Flags: flow.SYN | flow.ACK}, DstSide: flow.Side{Flags: flow.SYN | flow.ACK | flow.RST}},
			"handshake complete, and a reset was seen as well; the flow is still open"},
		{"a handshake without its last ACK", flow.Record{Proto: flow.TCP, Verdict: flow.Established, EndReason: flow.IdleTimeout, SrcSide: flow.Side{Flags: flow.SYN}, DstSide: flow.Side{Flags: flow.SYN | flow.ACK}},
			"SYN answered by SYN-ACK, no ACK from the source seen, no close seen; no packet followed until the idle timeout"},
		{"a challenge ACK", flow.Record{Proto: flow.TCP, Verdict: flow.NoAnswer, EndReason: flow.EndOfFlow, SrcSide: flow.Side{Flags: flow.SYN}, DstSide: flow.Side{Flags: flow.ACK}},
			"SYN answered by an ACK alone: the destination still has an older connection, or its SYN-ACK takes another path"},
		{"FIN of the source mid-stream", flow.Record{Proto: flow.TCP, Verdict: flow.SynThenFin, EndReason: flow.EndOfFlow, SrcSide: flow.Side{Flags: flow.ACK | flow.FIN}, DstSide: flow.Side{Flags: flow.ACK}},
			"joined mid-stream, no SYN seen, then the source closed its side and the destination did not"},
		{"a later record of a flow with an active timeout", flow.Record{Proto: flow.TCP, Verdict: flow.Established, EndReason: flow.ActiveTimeout,
			SrcSide: flow.Side{Flags: flow.ACK, ISN: flow.Seq32{Value: 1, Seen: true}}, DstSide: flow.Side{Flags: flow.ACK, ISN: flow.Seq32{Value: 2, Seen: true}}},
			"handshake complete, no close seen; reported at the active timeout, the flow may continue"},
		{"one direction of a connection", flow.Record{Proto: flow.TCP, Verdict: flow.SynAckOnly, EndReason: flow.EndOfFlow, Recv: flow.Counters{Packets: 3}, DstSide: flow.Side{Flags: flow.SYN | flow.ACK | flow.FIN}},
			"SYN-ACK, then FIN, and no SYN seen: the packets of the source take another path"},
		{"DNS replies alone", flow.Record{Proto: flow.UDP, Verdict: flow.Unanswered, EndReason: flow.IdleTimeout, Recv: flow.Counters{Packets: 3}},
			"UDP packets came from the destination only: the requests take another path, or are older than the observation"},
		{"DNS replies, the server taken for the source", flow.Record{Proto: flow.UDP, Verdict: flow.Unanswered, EndReason: flow.IdleTimeout, Direction: flow.ByFirstPacket, Sent: flow.Counters{Packets: 3}, Src: flow.Endpoint{Port: 53}, Dst: flow.Endpoint{Port: 40000}},
			"UDP packets went from a service port to an ephemeral port only, as replies do: the requests take another path, or are older than the observation"},
		{"echo replies alone", flow.Record{Proto: flow.ICMP, Verdict: flow.Unanswered, EndReason: flow.IdleTimeout, Recv: flow.Counters{Packets: 3}},
			"echo reply came from the destination only: the requests take another path, or are older than the observation"},
		{"a firewall that only logs", flow.Record{Proto: flow.TCP, Verdict: flow.NoAnswer, EndReason: flow.IdleTimeout, SrcSide: flow.Side{Flags: flow.SYN}, Error: flow.ICMPError{From: v4, Type: flow.ICMPType{Type: 3, Code: 13}}},
			"SYN only: the handshake never completed; a firewall or routing problem keeps the destination from receiving or answering, and 10.1.2.3 reported communication prohibited"},
		{"a host that is down", flow.Record{Proto: flow.TCP, Verdict: flow.Unreachable, EndReason: flow.IdleTimeout, Error: flow.ICMPError{From: v4, Type: flow.ICMPType{Type: 3, Code: 1}}},
			"host unreachable, reported by 10.1.2.3: the last router gets no answer from the destination's address"},
		{"no UDP service", flow.Record{Proto: flow.UDP, Dst: flow.Endpoint{Port: 53}, Verdict: flow.Unreachable, Error: flow.ICMPError{From: v6, Type: flow.ICMPType{Type: 1, Code: 4}}},
			"port unreachable, reported by 2001:db8::1: nothing listens on UDP port 53"},
		{"no route", flow.Record{Proto: flow.UDP, Verdict: flow.Unreachable, Error: flow.ICMPError{From: v6, Type: flow.ICMPType{Type: 1}}},
			"no route, reported by 2001:db8::1: a router has no route to the destination"},
		{"a routing loop", flow.Record{Proto: flow.UDP, Verdict: flow.Unreachable, Error: flow.ICMPError{From: v4, Type: flow.ICMPType{Type: 11}}},
			"TTL exceeded in transit, reported by 10.1.2.3: a routing loop, or a TTL too small for the path"},
		{"a ping that came back", flow.Record{Proto: flow.ICMP, ICMP: flow.ICMPType{Type: 8}, Verdict: flow.Answered, EndReason: flow.IdleTimeout},
			"echo request was answered"},
		{"a ping that did not", flow.Record{Proto: flow.ICMP, ICMP: flow.ICMPType{Type: 8}, Verdict: flow.Unanswered, EndReason: flow.IdleTimeout},
			"echo request went one way only: no answer was seen: a firewall, a routing problem, or a service that never answers"},
		{"a refused association", flow.Record{Proto: flow.SCTP, Dst: flow.Endpoint{Port: 36412}, Verdict: flow.Refused, EndReason: flow.IdleTimeout},
			"INIT & ABORT: something in the path actively resets the connection attempt; nothing listens on SCTP port 36412, or a firewall or an application's IP restriction refuses it"},
		{"mDNS", flow.Record{Proto: flow.UDP, Verdict: flow.Unanswered, Direction: flow.ByMulticast, EndReason: flow.IdleTimeout},
			"sent to a multicast or broadcast address, where no answer is expected"},
		{"a lone refusal", flow.Record{Proto: flow.TCP, Verdict: flow.SynAckThenReset, EndReason: flow.EndOfFlow, DstSide: flow.Side{Flags: flow.RST | flow.ACK}, Recv: flow.Counters{Packets: 1}},
			"RST from the destination alone: it refused a SYN that takes another path, or ended a connection that it doesn't know"},
		{"data, then a reset", flow.Record{Proto: flow.TCP, Verdict: flow.SynAckThenReset, EndReason: flow.EndOfFlow, SrcSide: flow.Side{Flags: flow.ACK}, DstSide: flow.Side{Flags: flow.RST}, Sent: flow.Counters{Packets: 1}},
			"joined mid-stream, no SYN seen, then the destination reset the connection"},
		{"the end of a connection", flow.Record{Proto: flow.TCP, Verdict: flow.Closed, EndReason: flow.EndOfFlow, SrcSide: flow.Side{Flags: flow.ACK | flow.FIN}, DstSide: flow.Side{Flags: flow.ACK | flow.FIN}},
			"joined mid-stream, no SYN seen, then closed by both sides"},
		{"a lone FIN", flow.Record{Proto: flow.TCP, Verdict: flow.SynThenFin, EndReason: flow.IdleTimeout, SrcSide: flow.Side{Flags: flow.ACK | flow.FIN}},
			"FIN from the source with no handshake seen: the connection is older than the observation, or this is a scan"},
		{"a SYN and data without a SYN-ACK", flow.Record{Proto: flow.TCP, Verdict: flow.MidStream, EndReason: flow.EndOfFlow, SrcSide: flow.Side{Flags: flow.SYN | flow.ACK}},
			"only a part of the connection was seen: packets were lost, or some take another path"},
		{"a connection older than the observation", flow.Record{Proto: flow.TCP, Verdict: flow.MidStream, EndReason: flow.EndOfFlow, DstSide: flow.Side{Flags: flow.ACK | flow.RST}},
			"joined mid-stream, no SYN seen: the connection is older than the observation, or only a part of it passes here, and it was reset"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.r.Explain(); got != tt.want {
				t.Errorf("\ngot  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestMeaningNeverContradictsTheFlags(t *testing.T) {
	for n := range 256 {
		f := flow.Flags(n)
		s := f.Meaning()
		oneSentence(t, f.Hex(), s)
		core, _, _ := strings.Cut(s, ";")
		for _, claim := range []struct {
			words string
			holds bool
		}{
			{"only SYN", f&^(flow.ECE|flow.CWR) == flow.SYN},
			{"no SYN", !f.Has(flow.SYN)},
			{"no ACK", !f.Has(flow.ACK)},
			{"without SYN", !f.Has(flow.SYN)},
			{"without ACK", !f.Has(flow.ACK)},
			{"no flag on any packet", f == 0},
			{"close seen", !f.Has(flow.FIN)}, // "with no close seen"
			{"its close was seen", f.Has(flow.FIN)},
			{"closed", f.Has(flow.FIN) || f.Has(flow.RST)}, // "reset instead of closed"
			{"handshake was answered", f.Has(flow.SYN | flow.ACK)},
			{"handshake never completed", f.Has(flow.SYN) && !f.Has(flow.ACK)},
			{"established", f.Has(flow.SYN | flow.ACK)},
			{"nothing answered", !f.Has(flow.ACK)},
			{"reset", f.Has(flow.RST)},
			{"refus", f.Has(flow.RST | flow.SYN)},
			{"complete flow", f.Has(flow.SYN | flow.ACK | flow.FIN)},
			{"with data", f&(flow.PSH|flow.URG) != 0},
			{"ECE or CWR", f&(flow.ECE|flow.CWR) != 0},
		} {
			if strings.Contains(s, claim.words) && !claim.holds {
				t.Errorf("%s (%s) says %q: %s", f.Hex(), f, claim.words, s)
			}
		}
		if f.Has(flow.RST) && !strings.Contains(core, "RST") && !strings.Contains(core, "reset") {
			t.Errorf("%s (%s) does not mention the reset: %s", f.Hex(), f, s)
		}
	}
}

func TestMeaningOfCommonCombinations(t *testing.T) {
	for f, want := range map[flow.Flags]string{
		flow.SYN:            "only SYN: the handshake never completed; a firewall or routing problem keeps the destination from receiving or answering",
		flow.SYN | flow.RST: "SYN & RST: something in the path actively resets the connection attempt, such as a firewall or an application's IP restriction",
		flow.SYN | flow.ACK | flow.RST | flow.FIN: "SYN, ACK, FIN and RST: a complete flow, from handshake to close, with a reset as well",
		0xd6: "SYN, ACK and RST: refused, because a refusal is RST with ACK, or established and then reset; ECE or CWR: at least one side offered congestion notification",
		0x1b: "SYN, ACK and FIN: a complete flow, from handshake to close",
	} {
		if got := f.Meaning(); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", f, got, want)
		}
	}
}

func TestVerdictWordsNeverClaimAnUnseenSYN(t *testing.T) {
	for _, v := range flow.Verdicts() {
		for n := range 256 {
			for _, side := range []string{"source", "destination", "both"} {
				r := flow.Record{Proto: flow.TCP, Verdict: v}
				if side != "destination" {
					r.SrcSide.Flags = flow.Flags(n)
				}
				if side != "source" {
					r.DstSide.Flags = flow.Flags(n)
				}
				words := r.VerdictWords()
				claims := strings.Contains(strings.NewReplacer("no SYN", "", "without SYN", "").Replace(words), "SYN")
				if claims && r.Flags() != 0 && !r.Flags().Has(flow.SYN) {
					t.Errorf("%v with flags %v of %s: %q", v, r.Flags(), side, words)
				}
				oneSentence(t, v.String(), r.Explain())
				if r.Flags() == 0 && words != v.Words() {
					t.Errorf("%v without flags: %q", v, words)
				}
			}
		}
	}
}
