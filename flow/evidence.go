package flow

// Evidence is what a record has of the packets of its flow: all that its verdict
// may assert.
type Evidence struct {
	Proto            Proto
	SrcFlags         Flags // TCP flags of the packets that the source sent; see Side.Evidence
	DstFlags         Flags // the same of the destination
	Sent, Recv       bool  // the source, the destination sent packets; neither: not counted
	SrcPort, DstPort uint16
	Direction        Direction
}

// Evidence returns the TCP flags of which the side sent packets. SYN is among
// them if its sequence number is known: after an active timeout it was in an
// earlier record of the flow.
func (s *Side) Evidence() Flags {
	if s.ISN.Seen {
		return s.Flags | SYN
	}
	return s.Flags
}

// Evidence returns what r has of the packets of its flow.
func (r *Record) Evidence() Evidence {
	return Evidence{
		Proto: r.Proto, SrcFlags: r.SrcSide.Evidence(), DstFlags: r.DstSide.Evidence(),
		Sent: r.Sent.Packets > 0, Recv: r.Recv.Packets > 0, SrcPort: r.Src.Port, DstPort: r.Dst.Port, Direction: r.Direction,
	}
}

// CorrectVerdict returns the verdict of r, or another one if the packets of the
// flow contradict it; see [Evidence.Correct].
func (r *Record) CorrectVerdict() Verdict {
	e := r.Evidence()
	return e.Correct(r.Verdict)
}

// Correct returns v, or the most informative verdict that is true if v asserts a
// packet that was not seen. Zeek's states, which the metering process follows, do:
// SH, "SYN, then FIN", is also a FIN in a connection older than the observation.
//
// The verdict follows from the order of the packets too, which a record does not
// have. So Correct changes only verdicts that are wrong in any order:
//
//	no SYN, FIN of source            SynThenFin → HalfClosedBySource
//	no SYN, FIN of destination       SynAckOnly → HalfClosedByDest
//	no SYN, RST of destination       SynAckThenReset → ResetByDest, whether or not the source sent packets
//	not TCP, destination sent only   Unanswered → ReplyOnly: who is asked can't leave unanswered
//	not TCP, source sent only, from a service to an ephemeral port   Unanswered → ReplyOnly
//
// and others that no version of the metering process gives. Flags that are not
// known contradict nothing, nor do verdicts of newer versions.
func (e *Evidence) Correct(v Verdict) Verdict {
	switch {
	case v == NoVerdict || v > ReplyOnly:
		return v
	case e.Proto != TCP:
		return e.correctReply(v)
	case e.allows(v):
		return v
	}
	return e.byFlags()
}

// What a port says by its number.
const (
	// LastServicePort is the last of the ports that need privileges to listen on and are not used by
	// clients. From 600 to 1023 some clients use privileged ports.
	LastServicePort = 599

	// FirstEphemeralPort is the first port of the ephemeral range of common systems (Linux:
	// net.ipv4.ip_local_port_range from 32768; IANA, RFC 6335: 49152).
	FirstEphemeralPort = 32768
)

// correctReply is Correct for protocols without flags.
func (e *Evidence) correctReply(v Verdict) Verdict {
	isReply := e.isReply()
	switch {
	case v == Unreachable && isReply:
		return ReplyOnly // an error about a reply says nothing about the destination
	case v != Answered && v != Unanswered && v != ReplyOnly, !e.Sent && !e.Recv:
		return v
	case e.Sent && e.Recv:
		return Answered
	case isReply:
		return ReplyOnly
	}
	return Unanswered
}

// isReply reports whether only replies were seen. Packets from a service port to
// an ephemeral port are replies unless they are known to be requests.
func (e *Evidence) isReply() bool {
	switch {
	case e.Recv || !e.Sent:
		return e.Recv && !e.Sent
	case e.Direction == ByMulticast, e.Direction == ByRequest:
		return false
	}
	return 0 < e.SrcPort && e.SrcPort <= LastServicePort && e.DstPort >= FirstEphemeralPort
}

// mayHave reports whether a side with these flags may have sent packets with want.
// In a record without any flags it may: they are not known.
func (e *Evidence) mayHave(flags, want Flags) bool {
	return flags.Has(want) || e.SrcFlags|e.DstFlags == 0
}

// isLoneFIN reports whether v stands for a FIN of one side without anything that
// says more of the connection: no SYN, and no packet of the other side.
func (e *Evidence) isLoneFIN(v Verdict) bool {
	return !(e.SrcFlags | e.DstFlags).Has(SYN) &&
		(v == HalfClosedBySource && e.SrcFlags != 0 && e.DstFlags == 0 || v == HalfClosedByDest && e.DstFlags != 0 && e.SrcFlags == 0)
}

// allows reports whether a TCP flow can have verdict v.
func (e *Evidence) allows(v Verdict) bool {
	src, dst := func(f Flags) bool { return e.mayHave(e.SrcFlags, f) }, func(f Flags) bool { return e.mayHave(e.DstFlags, f) }
	switch v {
	case NoAnswer:
		return src(SYN) && e.DstFlags == 0
	case Refused:
		return src(SYN) && dst(RST)
	case Established:
		return (src(SYN) && dst(ACK) || dst(SYN) && src(ACK)) && !(e.SrcFlags | e.DstFlags).Has(FIN)
	case Closed:
		return src(FIN) && dst(FIN)
	case ResetBySource:
		return src(RST)
	case ResetByDest:
		return dst(RST)
	case HalfClosedBySource:
		return src(FIN) && !e.DstFlags.Has(FIN)
	case HalfClosedByDest:
		return dst(FIN) && !e.SrcFlags.Has(FIN)
	case Aborted:
		return src(SYN|RST) && !e.DstFlags.Has(SYN)
	case SynAckThenReset:
		return dst(SYN|ACK|RST) && !e.SrcFlags.Has(SYN)
	case SynThenFin:
		return src(SYN|FIN) && e.DstFlags&(SYN|FIN) == 0
	case SynAckOnly:
		return dst(SYN|ACK|FIN) && e.SrcFlags&(SYN|FIN) == 0
	case Answered, Unanswered, ReplyOnly:
		return e.SrcFlags|e.DstFlags == 0
	}
	return true
}

// byFlags returns the most informative verdict that is true of a TCP flow with
// these flags, whatever the order of the packets.
func (e *Evidence) byFlags() Verdict {
	src, dst := e.SrcFlags&(SYN|ACK|FIN|RST), e.DstFlags&(SYN|ACK|FIN|RST)
	switch {
	case dst.Has(RST):
		switch {
		case src&^RST == SYN && !dst.Has(SYN):
			return Refused
		case src == 0 && dst.Has(SYN|ACK):
			return SynAckThenReset
		}
		return ResetByDest
	case src.Has(RST):
		if src&^RST == SYN && dst == 0 {
			return Aborted
		}
		return ResetBySource
	case src.Has(FIN) && dst.Has(FIN):
		return Closed
	case src.Has(FIN):
		if src.Has(SYN) && dst == 0 {
			return SynThenFin
		}
		return HalfClosedBySource
	case dst.Has(FIN):
		if src == 0 && dst.Has(SYN|ACK) {
			return SynAckOnly
		}
		return HalfClosedByDest
	case src == SYN && e.DstFlags == 0:
		return NoAnswer
	case src.Has(SYN) && dst.Has(SYN) && (src | dst).Has(ACK):
		return Established
	}
	return MidStream
}
