package flow

import "fmt"

// Verdict is the outcome of a conversation, derived from the flags of each
// direction, the end reason and ICMP errors. It follows Zeek's conn_state, which
// [Verdict.ConnState] returns, but never asserts a packet that was not seen; see
// [Evidence.Correct]. So a flow without a SYN whose state in Zeek is SH, SHR or
// RSTRH is HalfClosedBySource, HalfClosedByDest or ResetByDest.
type Verdict uint8

// The verdicts. Source and destination are those of the record.
const (
	NoVerdict          Verdict = iota // the protocol has no verdict
	NoAnswer                          // S0: SYN without any reply
	Refused                           // REJ: SYN answered by RST, or SCTP INIT by ABORT
	Established                       // S1: handshake complete, not closed
	Closed                            // SF: handshake complete, closed by both sides
	ResetBySource                     // RSTO: reset by the source
	ResetByDest                       // RSTR: reset by the destination
	HalfClosedBySource                // S2: FIN from the source and none from the destination
	HalfClosedByDest                  // S3: FIN from the destination and none from the source
	Aborted                           // RSTOS0: SYN, then RST from the same side, no SYN-ACK seen
	SynAckThenReset                   // RSTRH: SYN-ACK, then RST from the destination, no SYN seen
	SynThenFin                        // SH: SYN, then FIN from the source, no SYN-ACK seen
	SynAckOnly                        // SHR: SYN-ACK, then FIN, no SYN seen
	MidStream                         // OTH: none of these: joined mid-stream, or only a part was seen
	Answered                          // UDP, ICMP and others: packets in both directions
	Unanswered                        // UDP, ICMP and others: packets from the source only
	Unreachable                       // an ICMP error quoted this flow; see Record.Error
	ReplyOnly                         // UDP, ICMP and others: only replies were seen, no request
)

var verdictNames = []string{
	"", "no-answer", "refused", "established", "closed", "reset-by-source", "reset-by-dest", "half-closed-source",
	"half-closed-dest", "aborted", "synack-reset", "syn-fin", "synack-only", "mid-stream", "answered", "unanswered", "unreachable",
	"reply-only",
}

var verdictWords = []string{
	"", "no answer", "refused", "established", "closed normally", "reset by source", "reset by destination", "half closed by source",
	"half closed by destination", "aborted by source", "SYN-ACK, then reset", "SYN, then FIN", "SYN-ACK without SYN", "mid-stream",
	"answered", "unanswered", "unreachable", "reply only",
}

// connStates holds Zeek's conn_state by verdict.
var connStates = []string{
	"", "S0", "REJ", "S1", "SF", "RSTO", "RSTR", "S2", "S3", "RSTOS0", "RSTRH", "SH", "SHR", "OTH", "SF", "S0", "S0", "SHR",
}

// Verdicts returns all values in ascending order.
func Verdicts() []Verdict {
	all := make([]Verdict, len(verdictNames))
	for i := range all {
		all[i] = Verdict(i)
	}
	return all
}

// String returns the name used in searches and exports, "no-answer"; empty for
// NoVerdict.
func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return fmt.Sprintf("verdict-%d", uint8(v))
}

// Words returns the display name of the verdict: "no answer".
func (v Verdict) Words() string {
	if int(v) < len(verdictWords) {
		return verdictWords[v]
	}
	return v.String()
}

// ConnState returns Zeek's conn_state, such as "S0" or "SF"; empty for NoVerdict. For
// flows without a SYN it can differ; [Record.ConnState] is exact there.
func (v Verdict) ConnState() string {
	if int(v) < len(connStates) {
		return connStates[v]
	}
	return ""
}

// ConnState returns Zeek's conn_state. It is that of the verdict, except for TCP
// flows without a SYN that one side closed or the destination reset: SH, SHR and
// RSTRH, which the verdict doesn't say because they assert the SYN.
func (r *Record) ConnState() string {
	e := r.Evidence()
	if all := e.SrcFlags | e.DstFlags; all != 0 && !all.Has(SYN) {
		switch {
		case r.Verdict == HalfClosedBySource:
			return "SH"
		case r.Verdict == HalfClosedByDest:
			return "SHR"
		case r.Verdict == ResetByDest && e.SrcFlags&(FIN|RST) == 0:
			return "RSTRH"
		}
	}
	return r.Verdict.ConnState()
}

// ParseVerdict is the inverse of String. It ignores case. It does not accept
// Zeek's names because several verdicts share one.
func ParseVerdict(s string) (Verdict, error) {
	i, err := parseName("verdict", s, verdictNames)
	return Verdict(i), err
}
