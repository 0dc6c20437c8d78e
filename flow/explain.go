package flow

import (
	"fmt"
	"strings"
	"time"
)

// Explain returns one sentence on the outcome of the flow and its likely cause,
// from the verdict, the TCP flags, the ICMP error and the end reason. It asserts no
// packet that was not seen, is never empty and has no full stop.
func (r *Record) Explain() string {
	v := r.CorrectVerdict()
	s := explainVerdict(r, v)
	if v != Unreachable && r.Error.From.IsValid() {
		s += ", and " + r.Error.From.String() + " reported " + r.Error.Words()
	}
	return s + explainEnd(r, v)
}

// VerdictWords returns the display text of the verdict, refined where only packets
// of one side were seen: a FIN alone does not tell which side closed first.
func (r *Record) VerdictWords() string {
	v, e := r.CorrectVerdict(), r.Evidence()
	switch {
	case e.isLoneFIN(v):
		return "FIN, no SYN seen"
	case v == ResetByDest && e.DstFlags != 0 && !e.DstFlags.Has(SYN) && e.SrcFlags == 0:
		return "reset, no SYN seen"
	}
	return v.Words()
}

// explainVerdict returns the main clause.
func explainVerdict(r *Record, v Verdict) string {
	switch v {
	case Answered:
		return explainAnswered(r)
	case Unanswered:
		return explainUnanswered(r)
	case ReplyOnly:
		return explainReplyOnly(r)
	case Unreachable:
		return explainUnreachable(r)
	case NoVerdict:
		if r.Proto == TCP {
			return "no verdict on the connection is known"
		}
		return r.Proto.String() + " has no handshake or answers to judge by"
	case NoAnswer:
		return explainNoAnswer(r)
	}
	return explainTCP(r, v)
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

func explainReplyOnly(r *Record) string {
	what := r.Proto.String() + " packets"
	if r.Proto.IsICMP() {
		what = r.ICMP.Words(r.Proto)
	}
	const cause = "the requests take another path, or are older than the observation"
	if r.Sent.Packets > 0 {
		return what + " went from a service port to an ephemeral port only, as replies do: " + cause
	}
	return what + " came from the destination only: " + cause
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
func explainEnd(r *Record, v Verdict) string {
	if r.EndReason == LackOfResources {
		return "; the record ended early because the flow table was full"
	}
	if e := r.Evidence(); !unfinished(v) || e.isLoneFIN(v) {
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

// roundTrip returns " in 12.4 ms", or nothing if the handshake was not measured. Below 0.1 ms it
// says µs, so that a fast network doesn't read as 0.0 ms.
func roundTrip(r *Record) string {
	switch rtt := r.RTT(); {
	case rtt <= 0:
		return ""
	case rtt < time.Microsecond:
		return " in less than 1 µs"
	case rtt < 100*time.Microsecond:
		return fmt.Sprintf(" in %d µs", rtt.Microseconds())
	default:
		return fmt.Sprintf(" in %.1f ms", float64(rtt.Microseconds())/1000)
	}
}
