package flow

import "fmt"

// Verdict says in one word how a conversation went, judged from the flags of
// each direction, the way it ended and what ICMP said of it. It follows Zeek's
// conn_state; [Verdict.ConnState] gives that name.
type Verdict uint8

// The verdicts. "Source" and "destination" are those of the record.
const (
	NoVerdict          Verdict = iota // a protocol that has no notion of it
	NoAnswer                          // S0: SYN, and nothing came back
	Refused                           // REJ: the SYN was answered with RST
	Established                       // S1: handshake complete, not closed
	Closed                            // SF: handshake complete, closed both ways
	ResetBySource                     // RSTO: established, the source reset it
	ResetByDest                       // RSTR: the destination reset it
	HalfClosedBySource                // S2: the source sent FIN, the destination did not
	HalfClosedByDest                  // S3: the destination sent FIN, the source did not
	Aborted                           // RSTOS0: SYN, then RST from the same side, no SYN-ACK seen
	SynAckThenReset                   // RSTRH: SYN-ACK, then RST from the destination, no SYN seen
	SynThenFin                        // SH: SYN, then FIN from the source, no SYN-ACK seen
	SynAckOnly                        // SHR: SYN-ACK, then FIN, no SYN seen
	MidStream                         // OTH: no SYN seen, joined in the middle
	Answered                          // UDP, ICMP and others: packets both ways
	Unanswered                        // UDP, ICMP and others: packets one way only
	Unreachable                       // an ICMP error quoted this flow; see Record.Error
)

var verdictNames = []string{
	"", "no-answer", "refused", "established", "closed", "reset-by-source", "reset-by-dest", "half-closed-source",
	"half-closed-dest", "aborted", "synack-reset", "syn-fin", "synack-only", "mid-stream", "answered", "unanswered", "unreachable",
}

var verdictWords = []string{
	"", "no answer", "refused", "established", "closed normally", "reset by source", "reset by destination", "half closed by source",
	"half closed by destination", "aborted by source", "SYN-ACK, then reset", "SYN, then FIN", "SYN-ACK without SYN", "mid-stream",
	"answered", "unanswered", "unreachable",
}

// ConnStates of Zeek for a TCP flow, by verdict.
var connStates = []string{
	"", "S0", "REJ", "S1", "SF", "RSTO", "RSTR", "S2", "S3", "RSTOS0", "RSTRH", "SH", "SHR", "OTH", "SF", "S0", "S0",
}

// Verdicts returns all values, in order.
func Verdicts() []Verdict {
	all := make([]Verdict, len(verdictNames))
	for i := range all {
		all[i] = Verdict(i)
	}
	return all
}

// String returns the code used in searches and exports: "no-answer". Empty for NoVerdict.
func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return fmt.Sprintf("verdict-%d", uint8(v))
}

// Words returns the verdict for people: "no answer".
func (v Verdict) Words() string {
	if int(v) < len(verdictWords) {
		return verdictWords[v]
	}
	return v.String()
}

// ConnState returns Zeek's name for the verdict: "S0", "SF". Empty for NoVerdict.
func (v Verdict) ConnState() string {
	if int(v) < len(connStates) {
		return connStates[v]
	}
	return ""
}

// ParseVerdict undoes String. Zeek's names are not accepted, several verdicts share one.
func ParseVerdict(s string) (Verdict, error) {
	i, err := parseName("verdict", s, verdictNames)
	return Verdict(i), err
}
