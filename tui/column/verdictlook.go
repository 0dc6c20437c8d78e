package column

import (
	"weir/flow"
	"weir/tui/ui"
)

// Looks returns the role of a flow: Bad for refused, reset and unreachable, Warn for
// no answer where one was expected. The sign says the same without colour.
func Looks(rec *flow.Record) (r ui.Role, sign byte) {
	switch rec.Verdict {
	case flow.Refused, flow.ResetBySource, flow.ResetByDest, flow.SynAckThenReset, flow.Aborted, flow.Unreachable:
		return ui.Bad, 'x'
	case flow.NoAnswer:
		return ui.Warn, '?'
	case flow.Unanswered:
		if rec.Direction != flow.ByMulticast {
			return ui.Warn, '?'
		}
	}
	return ui.Text, ' '
}

// Over reports whether a flow with this verdict has ended, although the metering
// process still waits for late packets.
func Over(v flow.Verdict) bool {
	switch v {
	case flow.Closed, flow.Refused, flow.ResetBySource, flow.ResetByDest, flow.Aborted, flow.Unreachable:
		return true
	}
	return false
}

// shortVerdict returns the verdict in at most eleven columns.
func shortVerdict(v flow.Verdict) string {
	switch v {
	case flow.Closed:
		return "closed"
	case flow.ResetBySource:
		return "reset src"
	case flow.ResetByDest:
		return "reset dst"
	case flow.HalfClosedBySource:
		return "half src"
	case flow.HalfClosedByDest:
		return "half dst"
	case flow.Aborted:
		return "aborted"
	case flow.SynAckThenReset:
		return "SYNACK, RST"
	case flow.SynThenFin:
		return "SYN, FIN"
	case flow.SynAckOnly:
		return "SYNACK only"
	}
	return v.Words()
}
