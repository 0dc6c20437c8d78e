package flow

import (
	"fmt"
	"strings"
)

// Explain returns one sentence on the outcome of the flow and its likely cause,
// from the verdict, the TCP flags, the ICMP error and the end reason. It is
// never empty and has no full stop.
func (r *Record) Explain() string {
	s := explainVerdict(r)
	if r.Verdict != Unreachable && r.Error.From.IsValid() {
		s += ", and " + r.Error.From.String() + " reported " + r.Error.Words()
	}
	return s + explainEnd(r)
}

// explainVerdict returns the main clause.
func explainVerdict(r *Record) string {
	switch r.Verdict {
	case NoAnswer:
		return explainNoAnswer(r)
	case Refused:
		return requestAndRefusal(r) + ": something in the path actively resets the connection attempt; nothing listens on " + destination(r) +
			", or a firewall or an application's IP restriction refuses it"
	case Established:
		return handshake(r) + ", no close seen"
	case Closed:
		return explainClosed(r)
	case ResetBySource:
		return handshake(r) + ", then the source reset the connection"
	case ResetByDest:
		return handshake(r) + ", then the destination reset the connection"
	case HalfClosedBySource:
		return handshake(r) + ", then the source closed its side and the destination did not"
	case HalfClosedByDest:
		return handshake(r) + ", then the destination closed its side and the source did not"
	case Aborted:
		return "SYN, then RST from the source with no SYN-ACK seen: the source gave up, or the answer takes another path"
	case SynAckThenReset:
		return explainReset(r)
	case SynThenFin:
		if r.SrcSide.lacksSYN() {
			return "FIN from the source with no handshake seen: the connection is older than the observation, or this is a scan"
		}
		return "SYN, then FIN from the source with no SYN-ACK seen: the answers take another path, or this is a scan"
	case SynAckOnly:
		if r.DstSide.lacksSYN() {
			return "FIN from the destination with no handshake seen: the connection is older than the observation"
		}
		return "SYN-ACK, then FIN, and no SYN seen: the packets of the source take another path"
	case MidStream:
		return explainMidStream(r)
	case Answered:
		return explainAnswered(r)
	case Unanswered:
		return explainUnanswered(r)
	case Unreachable:
		return explainUnreachable(r)
	}
	return r.Proto.String() + " has no handshake or answers to judge by"
}

func requestAndRefusal(r *Record) string {
	if r.Proto == SCTP {
		return "INIT & ABORT"
	}
	return "SYN & RST"
}

func explainNoAnswer(r *Record) string {
	head := "SYN only"
	if r.Flags()&^(SYN|ECE|CWR) != 0 {
		head = "SYN without an answer"
	}
	if r.SYNRetries > 0 {
		head += fmt.Sprintf(", sent %d times", int(r.SYNRetries)+1)
	}
	if r.Open() {
		return head + " so far: the handshake waits for the destination to answer"
	}
	return head + ": the handshake never completed; a firewall or routing problem keeps the destination from receiving or answering"
}

// VerdictWords returns the display text of the verdict, refined by the TCP
// flags: one conn_state covers several cases, such as a RST after a SYN-ACK and
// a lone RST, and the text must not claim a SYN that was not seen.
func (r *Record) VerdictWords() string {
	if f := r.Flags(); f == 0 || f.Has(SYN) {
		return r.Verdict.Words()
	}
	switch r.Verdict {
	case SynAckThenReset:
		return "reset, no SYN seen"
	case SynThenFin, SynAckOnly:
		return "FIN, no SYN seen"
	}
	return r.Verdict.Words()
}

// lacksSYN reports whether flags of the side were seen and SYN is not among them.
func (s Side) lacksSYN() bool { return s.Flags != 0 && !s.Flags.Has(SYN) }

// handshake describes how much of the handshake was seen.
func handshake(r *Record) string {
	switch {
	case r.SrcSide.lacksSYN() && r.DstSide.lacksSYN():
		return "joined mid-stream, no SYN seen"
	case r.SrcSide.lacksSYN():
		return "handshake half seen, SYN-ACK without SYN"
	case r.DstSide.lacksSYN():
		return "handshake half seen, SYN without SYN-ACK"
	}
	return "handshake complete" + roundTrip(r)
}

// explainReset covers a RST from the destination without a SYN from the source.
func explainReset(r *Record) string {
	switch {
	case !r.DstSide.lacksSYN():
		return "SYN-ACK, then RST from the destination, and no SYN seen: the packets of the source take another path"
	case r.Sent.Packets == 0 && r.Flags() == RST|ACK:
		return "RST from the destination alone: it refused a SYN that takes another path, or ended a connection that it doesn't know"
	case r.Sent.Packets == 0:
		return "RST from the destination and no packets from the source: they take another path, or the connection is older than the observation"
	}
	return "joined mid-stream, no SYN seen, then the destination reset the connection"
}

func explainClosed(r *Record) string {
	s := "complete: handshake" + roundTrip(r) + ", then closed by both sides"
	if start := handshake(r); !strings.HasPrefix(start, "handshake complete") {
		s = start + ", then closed by both sides"
	}
	if r.Flags().Has(RST) {
		s += ", with a reset at the end"
	}
	return s
}

func explainMidStream(r *Record) string {
	s := "joined mid-stream, no SYN seen: the connection is older than the observation, or only a part of it passes here"
	if r.Flags().Has(SYN) {
		s = "only a part of the connection was seen: packets were lost, or some take another path"
	}
	switch f := r.Flags(); {
	case f.Has(RST):
		s += ", and it was reset"
	case f.Has(FIN):
		s += ", and it was closed"
	}
	return s
}

func explainAnswered(r *Record) string {
	if r.Proto.IsICMP() {
		return r.ICMP.Words(r.Proto) + " was answered"
	}
	return r.Proto.String() + " packets went both ways: the destination answers"
}

func explainUnanswered(r *Record) string {
	switch {
	case r.Direction == ByMulticast:
		return "sent to a multicast or broadcast address, where no answer is expected"
	case r.Proto.IsICMP() && r.ICMP.IsError(r.Proto):
		return r.ICMP.Words(r.Proto) + ": an error message, which is never answered"
	case r.Proto.IsICMP():
		return r.ICMP.Words(r.Proto) + " went one way only: " + oneWayCause(r)
	}
	return r.Proto.String() + " packets went one way only: " + oneWayCause(r)
}

func oneWayCause(r *Record) string {
	if r.Open() {
		return "no answer has been seen so far"
	}
	return "no answer was seen: a firewall, a routing problem, or a service that never answers"
}

func explainUnreachable(r *Record) string {
	if !r.Error.From.IsValid() {
		return "unreachable: an ICMP error quoted this flow, but its sender is not known"
	}
	s := r.Error.Words() + ", reported by " + r.Error.From.String()
	if cause := errorCause(r); cause != "" {
		s += ": " + cause
	}
	return s
}

// errorCause returns the likely cause of an ICMP error, empty if there is no
// common one. It compares texts because ICMP and ICMPv6 share those but not
// their codes.
func errorCause(r *Record) string {
	switch words := r.Error.Words(); {
	case words == "port unreachable":
		return "nothing listens on " + destination(r)
	case words == "protocol unreachable":
		return "the destination does not support " + r.Proto.String()
	case strings.HasSuffix(words, "prohibited"), words == "source address failed policy", words == "reject route":
		return "a firewall or a router's policy forbids it"
	case words == "fragmentation needed", words == "packet too big":
		return "the packets are larger than the path MTU"
	case strings.HasPrefix(words, "network"), words == "no route":
		return "a router has no route to the destination"
	case strings.HasPrefix(words, "host"), words == "address unreachable":
		return "the last router gets no answer from the destination's address"
	case strings.HasSuffix(words, "exceeded in transit"):
		return "a routing loop, or a TTL too small for the path"
	}
	return ""
}

// explainEnd returns a clause on the end reason if the verdict does not imply it.
func explainEnd(r *Record) string {
	if r.EndReason == LackOfResources {
		return "; the record ended early because the flow table was full"
	}
	if !unfinished(r.Verdict) {
		return ""
	}
	switch r.EndReason {
	case StillOpen:
		return "; the flow is still open"
	case IdleTimeout:
		return "; no packet followed until the idle timeout"
	case ActiveTimeout:
		return "; reported at the active timeout, the flow may continue"
	case ForcedEnd:
		return "; the observation ended before the flow did"
	}
	return ""
}

// unfinished reports whether v says nothing about the end of the flow.
func unfinished(v Verdict) bool {
	switch v {
	case Established, HalfClosedBySource, HalfClosedByDest, MidStream, NoVerdict:
		return true
	}
	return false
}

// destination returns the service, "TCP port 443", or just the protocol if it has
// no ports.
func destination(r *Record) string {
	if r.Proto.HasPorts() {
		return fmt.Sprintf("%s port %d", r.Proto, r.Dst.Port)
	}
	return r.Proto.String()
}

func roundTrip(r *Record) string {
	if rtt := r.RTT(); rtt > 0 {
		return fmt.Sprintf(" in %.1f ms", float64(rtt.Microseconds())/1000)
	}
	return ""
}
