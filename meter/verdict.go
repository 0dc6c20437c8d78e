package meter

import "weir/flow"

// verdict returns the outcome of e. For TCP it is Zeek's conn_state
// (scripts/base/protocols/conn/main.zeek), except for a few sequences of packets listed in
// zeek_test.go, where that state would mislead: a source that sent a SYN and then ACKs must have
// been answered on another path, so the flow is mid-stream rather than "no answer" (S0); two
// sides that reset an established connection before any data did not "refuse" (REJ) it; and a FIN
// or RST in a flow without a SYN is not SH, SHR or RSTRH, because no SYN was seen.
func (e *entry) verdict() flow.Verdict {
	if e.key.Proto.IsICMP() && e.icmp.IsError(e.key.Proto) {
		return flow.NoVerdict // errors are never answered (RFC 1122 section 3.2.2)
	}
	if e.isRefusedSCTP() {
		return flow.Refused
	}
	v := flow.Unanswered
	if e.key.Proto == flow.TCP {
		v = e.verdictTCP()
	}
	seen := e.evidence()
	return e.unreachable(seen.Correct(v))
}

// evidence returns what the verdict may assert, as that of a record.
func (e *entry) evidence() flow.Evidence {
	i := e.src()
	src, dst := e.handshakeOf(i), e.handshakeOf(1-i)
	ports := [2]uint16{e.key.PortA, e.key.PortB}
	return flow.Evidence{
		Proto: e.key.Proto, SrcFlags: src.Evidence(), DstFlags: dst.Evidence(),
		Sent: e.side[i].Packets > 0, Recv: e.side[1-i].Packets > 0, SrcPort: ports[i], DstPort: ports[1-i], Direction: e.dir,
	}
}

// unreachable replaces a verdict of no reply if an ICMP error reported the flow.
func (e *entry) unreachable(v flow.Verdict) flow.Verdict {
	if e.bits.has(hasError) && (v == flow.NoAnswer || v == flow.Unanswered) {
		return flow.Unreachable
	}
	return v
}

func (e *entry) verdictTCP() flow.Verdict {
	src, dst := e.tcp[e.src()], e.tcp[1-e.src()]
	switch {
	case dst.state() == reset:
		return verdictResetByDest(src, dst)
	case src.state() == reset:
		return verdictResetBySource(src, dst)
	case src.state() == closed && dst.state() == closed:
		return flow.Closed
	case src.state() == closed && dst.isSilent():
		return flow.SynThenFin
	case src.state() == closed:
		return flow.HalfClosedBySource
	case dst.state() == closed && src.isSilent():
		return flow.SynAckOnly
	case dst.state() == closed:
		return flow.HalfClosedByDest
	case src.state() == synSent && dst.state() == inactive && !src.has(sentAck):
		return flow.NoAnswer
	case src.state() == established && dst.state() == established:
		return flow.Established
	}
	return flow.MidStream
}

func verdictResetByDest(src, dst tcpState) flow.Verdict {
	switch {
	case src.state() == synSent, src.state() == reset && src.has(sentSyn) && !dst.has(sentSyn) && !src.has(sentAck):
		return flow.Refused
	case src.isSilent():
		return flow.SynAckThenReset
	}
	return flow.ResetByDest
}

func verdictResetBySource(src, dst tcpState) flow.Verdict {
	switch {
	case !dst.isSilent():
		return flow.ResetBySource
	case src.has(sentSyn) && !src.has(sentAck|sentFin):
		return flow.Aborted
	}
	return flow.MidStream
}
