package flow_test

import (
	"slices"
	"strings"
	"testing"

	"weir/flow"
)

// tcpFlags returns all combinations of the flags that open and close a connection.
func tcpFlags() (all []flow.Flags) {
	for n := range flow.Flags(32) {
		if n&^(flow.SYN|flow.ACK|flow.FIN|flow.RST) == 0 {
			all = append(all, n)
		}
	}
	return all
}

// eachTCPRecord calls fn with a record for every verdict and every combination of
// flags of either side.
func eachTCPRecord(fn func(r *flow.Record)) {
	for _, v := range flow.Verdicts() {
		for _, src := range tcpFlags() {
			for _, dst := range tcpFlags() {
				r := flow.Record{Proto: flow.TCP, Verdict: v, SrcSide: flow.Side{Flags: src}, DstSide: flow.Side{Flags: dst}}
				if src != 0 {
					r.Sent.Packets = 1
				}
				if dst != 0 {
					r.Recv.Packets = 1
				}
				fn(&r)
			}
		}
	}
}

// denials are phrases that name a packet without asserting it.
var denials = strings.NewReplacer("no SYN-ACK seen", "", "no SYN-ACK", "", "no SYN seen", "", "SYN-ACK without SYN", "SYN-ACK", "SYN without SYN-ACK", "SYN", "no handshake seen", "",
	"no ACK from the source seen", "", "no ACK from the destination", "", "no close seen", "", "no packet of", "", "a FIN was seen", "FIN",
	"it refused a SYN that takes another path, or ended a connection", "", "or its SYN-ACK takes another path", "")

// claims are words, with the packets that they assert.
var claims = []struct {
	words string
	holds func(src, dst flow.Flags) bool
}{
	{"SYN-ACK", func(_, dst flow.Flags) bool { return dst.Has(flow.SYN | flow.ACK) }},
	{"synack", func(_, dst flow.Flags) bool { return dst.Has(flow.SYN | flow.ACK) }},
	{"synack-only", func(src, _ flow.Flags) bool { return !src.Has(flow.SYN) }},
	{"SYN", func(src, dst flow.Flags) bool { return (src | dst).Has(flow.SYN) }},
	{"syn", func(src, dst flow.Flags) bool { return (src | dst).Has(flow.SYN) }},
	{"syn-fin", func(src, _ flow.Flags) bool { return src.Has(flow.SYN | flow.FIN) }},
	{"FIN", func(src, dst flow.Flags) bool { return (src | dst).Has(flow.FIN) }},
	{"close", func(src, dst flow.Flags) bool { return (src | dst).Has(flow.FIN) }},
	{"closed normally", func(src, dst flow.Flags) bool { return (src & dst).Has(flow.FIN) }},
	{"closed by both", func(src, dst flow.Flags) bool { return (src & dst).Has(flow.FIN) }},
	{"half-closed-source", func(src, dst flow.Flags) bool { return src.Has(flow.FIN) && !dst.Has(flow.FIN) }},
	{"half closed by source", func(src, dst flow.Flags) bool { return src.Has(flow.FIN) && !dst.Has(flow.FIN) }},
	{"source closed its side", func(src, dst flow.Flags) bool { return src.Has(flow.FIN) && !dst.Has(flow.FIN) }},
	{"half-closed-dest", func(src, dst flow.Flags) bool { return dst.Has(flow.FIN) && !src.Has(flow.FIN) }},
	{"half closed by destination", func(src, dst flow.Flags) bool { return dst.Has(flow.FIN) && !src.Has(flow.FIN) }},
	{"destination closed its side", func(src, dst flow.Flags) bool { return dst.Has(flow.FIN) && !src.Has(flow.FIN) }},
	{"and the destination did not", func(_, dst flow.Flags) bool { return dst != 0 }},
	{"and the source did not", func(src, _ flow.Flags) bool { return src != 0 }},
	{"RST", func(src, dst flow.Flags) bool { return (src | dst).Has(flow.RST) }},
	{"reset", func(src, dst flow.Flags) bool { return (src | dst).Has(flow.RST) }},
	{"reset-by-source", func(src, _ flow.Flags) bool { return src.Has(flow.RST) }},
	{"source reset", func(src, _ flow.Flags) bool { return src.Has(flow.RST) }},
	{"reset-by-dest", func(_, dst flow.Flags) bool { return dst.Has(flow.RST) }},
	{"destination reset", func(_, dst flow.Flags) bool { return dst.Has(flow.RST) }},
	{"aborted", func(src, _ flow.Flags) bool { return src.Has(flow.SYN | flow.RST) }},
	{"refuse", func(src, dst flow.Flags) bool { return src.Has(flow.SYN) && dst.Has(flow.RST) }},
	{"handshake", func(src, dst flow.Flags) bool { return (src | dst).Has(flow.SYN) }},
	{"handshake complete", func(src, dst flow.Flags) bool { return (src & dst).Has(flow.SYN | flow.ACK) }},
	{"complete: handshake", func(src, dst flow.Flags) bool { return (src & dst).Has(flow.SYN|flow.ACK) && (src & dst).Has(flow.FIN) }},
	{"established", func(src, dst flow.Flags) bool { return (src | dst).Has(flow.SYN|flow.ACK) && src != 0 && dst != 0 }},
	{"no answer", func(src, dst flow.Flags) bool { return src.Has(flow.SYN) && dst == 0 }},
	{"no-answer", func(src, dst flow.Flags) bool { return src.Has(flow.SYN) && dst == 0 }},
	{"without an answer", func(src, dst flow.Flags) bool { return src.Has(flow.SYN) && dst == 0 }},
	{"handshake never completed", func(src, dst flow.Flags) bool { return src.Has(flow.SYN) && dst == 0 }},
	{"answered", func(src, dst flow.Flags) bool { return src.Has(flow.SYN) && dst.Has(flow.ACK) }},
	{"reply", func(_, _ flow.Flags) bool { return false }},
	{"mid-stream", func(_, _ flow.Flags) bool { return true }},
	{"joined mid-stream", func(src, dst flow.Flags) bool { return !(src | dst).Has(flow.SYN) }},
}

// checkClaims fails for each claim of a text that does not hold.
func checkClaims(t *testing.T, r *flow.Record, text string) {
	t.Helper()
	src, dst := r.SrcSide.Flags, r.DstSide.Flags
	for _, c := range claims {
		if strings.Contains(denials.Replace(text), c.words) && !c.holds(src, dst) {
			t.Errorf("%v with flags %v and %v: %q claims %q", r.Verdict, src, dst, text, c.words)
		}
	}
}

func TestNoVerdictClaimsAPacketThatWasNotSeen(t *testing.T) {
	given := map[flow.Verdict]bool{}
	eachTCPRecord(func(r *flow.Record) {
		if r.Flags() == 0 {
			return // not known
		}
		checkClaims(t, r, r.VerdictWords()) // also of a verdict that is not corrected
		for r.EndReason = range flow.EndReason(2) {
			checkClaims(t, r, r.Explain())
			oneSentence(t, r.Verdict.String(), r.Explain())
		}
		stored, words := r.Verdict, r.VerdictWords()
		r.Verdict = r.CorrectVerdict()
		checkClaims(t, r, r.Verdict.String())
		checkClaims(t, r, r.Verdict.Words())
		if again := r.CorrectVerdict(); again != r.Verdict {
			t.Errorf("%v with flags %v and %v becomes %v, then %v", stored, r.SrcSide.Flags, r.DstSide.Flags, r.Verdict, again)
		}
		if now := r.VerdictWords(); now != words {
			t.Errorf("%v with flags %v and %v: %q, then %q", stored, r.SrcSide.Flags, r.DstSide.Flags, words, now)
		}
		given[r.Verdict] = true
	})
	for _, v := range flow.Verdicts() {
		if isReply := v == flow.Answered || v == flow.Unanswered || v == flow.ReplyOnly; given[v] == isReply {
			t.Errorf("%v given to a TCP flow: %t", v, given[v])
		}
	}
}

// The verdicts that flags contradict, and what they become: S Y N, A CK, F IN and R ST
// of the source, then of the destination.
func TestContradictedVerdictsBecomeTheMostInformativeTrueOnes(t *testing.T) {
	for _, c := range []struct {
		was      flow.Verdict
		src, dst string
		want     flow.Verdict
	}{
		// without SYN: of these the metering process made Zeek's SH, SHR and RSTRH
		{flow.SynThenFin, "F.", "", flow.HalfClosedBySource},
		{flow.SynThenFin, "F.", ".", flow.HalfClosedBySource},
		{flow.SynAckOnly, "", "F.", flow.HalfClosedByDest},
		{flow.SynAckOnly, ".", "F.", flow.HalfClosedByDest},
		{flow.SynAckThenReset, "", "R", flow.ResetByDest},
		{flow.SynAckThenReset, ".", "R.", flow.ResetByDest},
		// with SYN, out of order
		{flow.SynThenFin, "SF.", "S.", flow.HalfClosedBySource},
		{flow.SynAckOnly, "S.", "SF.", flow.HalfClosedByDest},
		{flow.SynAckThenReset, "S.", "SR.", flow.ResetByDest},
		{flow.SynAckThenReset, "S", "R.", flow.Refused},
		{flow.Aborted, "SR", "S.", flow.ResetBySource},
		{flow.NoAnswer, "S", ".", flow.MidStream},
		// true
		{flow.SynThenFin, "SF.", "", flow.SynThenFin},
		{flow.SynAckOnly, "", "SF.", flow.SynAckOnly},
		{flow.SynAckThenReset, "", "SR.", flow.SynAckThenReset},
		{flow.NoAnswer, "S.", "", flow.NoAnswer}, // the ACK was of an older connection
		{flow.MidStream, "S.", "", flow.MidStream},
		{flow.MidStream, ".", "R.", flow.MidStream},
		{flow.Closed, "F.", "F.", flow.Closed},
		{flow.Unreachable, "S", "", flow.Unreachable},
		// of no version of the metering process
		{flow.Closed, "SF.", "S.", flow.HalfClosedBySource},
		{flow.Closed, "S.", "S.", flow.Established},
		{flow.Established, "S", "", flow.NoAnswer},
		{flow.Established, ".", ".", flow.MidStream},
		{flow.Refused, "SR", "", flow.Aborted},
		{flow.Refused, "", "SR.", flow.SynAckThenReset},
		{flow.Refused, "", "SF.", flow.SynAckOnly},
		{flow.Refused, "SF", "", flow.SynThenFin},
		{flow.Refused, "F.", "F.", flow.Closed},
		{flow.Answered, ".", ".", flow.MidStream},
		// no flags are known
		{flow.Closed, "", "", flow.Closed},
		{flow.Verdict(200), "F", "", flow.Verdict(200)},
	} {
		r := flow.Record{Proto: flow.TCP, Verdict: c.was}
		for _, side := range []struct {
			of      *flow.Side
			letters string
		}{{&r.SrcSide, c.src}, {&r.DstSide, c.dst}} {
			if side.letters != "" {
				f, err := flow.ParseFlags(side.letters)
				if err != nil {
					t.Fatal(err)
				}
				side.of.Flags = f
			}
		}
		if got := r.CorrectVerdict(); got != c.want {
			t.Errorf("%v with %q and %q becomes %v, want %v", c.was, c.src, c.dst, got, c.want)
		}
	}
}

// After an active timeout the flags start again, but not the sequence numbers.
func TestSequenceNumbersProveASYN(t *testing.T) {
	r := flow.Record{Proto: flow.TCP, Verdict: flow.Established, SrcSide: flow.Side{Flags: flow.ACK}, DstSide: flow.Side{Flags: flow.ACK}}
	if got := r.CorrectVerdict(); got != flow.MidStream {
		t.Errorf("without a SYN: %v", got)
	}
	r.SrcSide.ISN.Seen, r.DstSide.ISN.Seen = true, true
	if got := r.CorrectVerdict(); got != flow.Established {
		t.Errorf("with both sequence numbers: %v", got)
	}
}

func TestRepliesAloneAreNotUnanswered(t *testing.T) {
	for _, c := range []struct {
		name             string
		proto            flow.Proto
		sent, recv       uint64
		srcPort, dstPort uint16
		direction        flow.Direction
		want             flow.Verdict
	}{
		{"a query", flow.UDP, 1, 0, 40000, 53, flow.ByService, flow.Unanswered},
		{"a query and its reply", flow.UDP, 1, 1, 40000, 53, flow.ByService, flow.Answered},
		{"replies", flow.UDP, 0, 3, 40000, 53, flow.ByService, flow.ReplyOnly},
		{"replies, the first packet's sender taken for the source", flow.UDP, 3, 0, 53, 40000, flow.ByFirstPacket, flow.ReplyOnly},
		{"a message to a group", flow.UDP, 3, 0, 123, 40000, flow.ByMulticast, flow.Unanswered},
		{"a known request", flow.UDP, 3, 0, 67, 40000, flow.ByRequest, flow.Unanswered},
		{"between services", flow.UDP, 3, 0, 514, 514, flow.ByFirstPacket, flow.Unanswered},
		{"between ephemeral ports", flow.UDP, 3, 0, 50000, 40000, flow.ByFirstPacket, flow.Unanswered},
		{"from an unknown port", flow.UDP, 3, 0, 0, 40000, flow.ByFirstPacket, flow.Unanswered},
		{"echo request", flow.ICMP, 1, 0, 0, 0, flow.ByRequest, flow.Unanswered},
		{"echo reply", flow.ICMPv6, 0, 1, 0, 0, flow.ByRequest, flow.ReplyOnly},
		{"one way", flow.GRE, 9, 0, 0, 0, flow.ByFirstPacket, flow.Unanswered},
	} {
		for _, v := range []flow.Verdict{flow.Answered, flow.Unanswered, flow.ReplyOnly} {
			r := flow.Record{Proto: c.proto, Verdict: v, Direction: c.direction, Src: flow.Endpoint{Port: c.srcPort}, Dst: flow.Endpoint{Port: c.dstPort},
				Sent: flow.Counters{Packets: c.sent}, Recv: flow.Counters{Packets: c.recv}}
			if got := r.CorrectVerdict(); got != c.want {
				t.Errorf("%s: %v becomes %v, want %v", c.name, v, got, c.want)
			}
			if s := r.Explain(); c.want == flow.ReplyOnly && (strings.Contains(s, "answer") || !strings.Contains(s, "requests take another path")) {
				t.Errorf("%s: %s", c.name, s)
			}
		}
		for _, v := range flow.Verdicts() {
			r := flow.Record{Proto: c.proto, Verdict: v, Direction: c.direction, Src: flow.Endpoint{Port: c.srcPort}, Dst: flow.Endpoint{Port: c.dstPort},
				Sent: flow.Counters{Packets: c.sent}, Recv: flow.Counters{Packets: c.recv}}
			got := r.CorrectVerdict()
			if v == flow.Unreachable && c.want == flow.ReplyOnly {
				if got != flow.ReplyOnly {
					t.Errorf("%s: an error about a reply makes it %v", c.name, got)
				}
			} else if !slices.Contains([]flow.Verdict{flow.Answered, flow.Unanswered, flow.ReplyOnly}, v) && got != v {
				t.Errorf("%s: %v becomes %v", c.name, v, got)
			}
		}
	}
}
