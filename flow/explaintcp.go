package flow

import "fmt"

// explainTCP returns the main clause for a verdict on a TCP flow.
func explainTCP(r *Record, v Verdict) string {
	e := r.Evidence()
	s := explainStart(r, &e, v)
	if !(e.SrcFlags | e.DstFlags).Has(RST) {
		return s
	}
	switch v {
	case Refused, ResetBySource, ResetByDest, Aborted, SynAckThenReset, MidStream:
		return s
	}
	return s + ", and a reset was seen as well"
}

// explainStart returns the main clause without the resets that v says nothing of.
func explainStart(r *Record, e *Evidence, v Verdict) string {
	switch v {
	case Refused:
		return explainRefused(r, e)
	case Established:
		if e.DstFlags.Has(RST) || e.SrcFlags.Has(RST) {
			return handshake(r, e)
		}
		return handshake(r, e) + ", no close seen"
	case Closed:
		if s := handshake(r, e); s != "handshake complete"+roundTrip(r) {
			return s + ", then closed by both sides"
		}
		return "complete: handshake" + roundTrip(r) + ", then closed by both sides"
	case ResetBySource:
		return handshake(r, e) + ", then the source reset the connection"
	case ResetByDest:
		return explainResetByDest(r, e)
	case HalfClosedBySource, HalfClosedByDest:
		return explainHalfClosed(r, e, v)
	case Aborted:
		return "SYN, then RST from the source with no SYN-ACK seen: the source gave up, or the answer takes another path"
	case SynAckThenReset:
		if e.SrcFlags != 0 {
			return handshake(r, e) + ", then the destination reset the connection"
		}
		return "SYN-ACK, then RST from the destination, and no SYN seen: the packets of the source take another path"
	case SynThenFin:
		return "SYN, then FIN from the source with no SYN-ACK seen: the answers take another path, or this is a scan"
	case SynAckOnly:
		if e.SrcFlags != 0 {
			return handshake(r, e) + ", then the destination closed its side and the source did not"
		}
		return "SYN-ACK, then FIN, and no SYN seen: the packets of the source take another path"
	case MidStream:
		return explainMidStream(e)
	}
	return "the verdict is not known to this version"
}

// handshake describes how much of the handshake was seen.
func handshake(r *Record, e *Evidence) string {
	src, dst := e.mayHave(e.SrcFlags, SYN), e.mayHave(e.DstFlags, SYN)
	switch {
	case src && dst && !e.mayHave(e.DstFlags, ACK):
		return "SYN of both sides seen, no ACK from the destination"
	case src && dst && !e.mayHave(e.SrcFlags, ACK):
		return "SYN answered by SYN-ACK, no ACK from the source seen"
	case src && dst:
		return "handshake complete" + roundTrip(r)
	case src:
		return "handshake half seen, SYN without SYN-ACK"
	case dst && e.mayHave(e.DstFlags, ACK):
		return "handshake half seen, SYN-ACK without SYN"
	case dst:
		return "handshake half seen, SYN from the destination only"
	}
	return "joined mid-stream, no SYN seen"
}

func explainNoAnswer(r *Record) string {
	head := "SYN only"
	if r.Flags()&^(SYN|ECE|CWR) != 0 {
		head = "SYN without an answer"
	}
	if r.SYNRetries > 0 {
		head += fmt.Sprintf(", sent %d times", int(r.SYNRetries)+1)
	}
	if r.Flags().Has(RST) {
		head += ", and a reset was seen as well"
	}
	if r.Open() {
		return head + " so far: the handshake waits for the destination to answer"
	}
	return head + ": the handshake never completed; a firewall or routing problem keeps the destination from receiving or answering"
}

func explainRefused(r *Record, e *Evidence) string {
	if e.DstFlags.Has(SYN | ACK) {
		return "SYN answered by RST and by SYN-ACK: one attempt was refused and another accepted"
	}
	packets := "SYN & RST"
	if r.Proto == SCTP {
		packets = "INIT & ABORT"
	}
	return packets + ": something in the path actively resets the connection attempt; nothing listens on " + destination(r) +
		", or a firewall or an application's IP restriction refuses it"
}

func explainResetByDest(r *Record, e *Evidence) string {
	switch {
	case e.SrcFlags != 0 || e.DstFlags == 0 || e.DstFlags.Has(SYN):
		return handshake(r, e) + ", then the destination reset the connection"
	case e.DstFlags == RST|ACK:
		return "RST from the destination alone: it refused a SYN that takes another path, or ended a connection that it doesn't know"
	}
	return "RST from the destination and no packets from the source: they take another path, or the connection is older than the observation"
}

// explainHalfClosed covers a FIN of one side. Of a side without any packet it does
// not say that it left its own out.
func explainHalfClosed(r *Record, e *Evidence, v Verdict) string {
	closing, other, silent := "source", "destination", e.SrcFlags != 0 && e.DstFlags == 0
	if v == HalfClosedByDest {
		closing, other, silent = other, closing, e.DstFlags != 0 && e.SrcFlags == 0
	}
	switch {
	case e.isLoneFIN(v) && v == HalfClosedBySource:
		return "FIN from the source with no handshake seen: the connection is older than the observation, or this is a scan"
	case e.isLoneFIN(v):
		return "FIN from the destination with no handshake seen: the connection is older than the observation"
	case silent:
		return handshake(r, e) + ", then the " + closing + " closed its side; no packet of the " + other + " was seen"
	}
	return handshake(r, e) + ", then the " + closing + " closed its side and the " + other + " did not"
}

func explainMidStream(e *Evidence) string {
	all := e.SrcFlags | e.DstFlags
	s := "joined mid-stream, no SYN seen: the connection is older than the observation, or only a part of it passes here"
	switch {
	case e.SrcFlags&(SYN|ACK|FIN|RST) == SYN && e.DstFlags&(SYN|ACK|FIN|RST) == ACK:
		return "SYN answered by an ACK alone: the destination still has an older connection, or its SYN-ACK takes another path"
	case e.SrcFlags.Has(SYN) && e.DstFlags.Has(SYN) && !all.Has(ACK):
		s = "SYN of both sides, no ACK seen: neither accepted the other's"
	case all.Has(SYN):
		s = "only a part of the connection was seen: packets were lost, or some take another path"
	}
	switch {
	case all.Has(RST):
		s += ", and it was reset"
	case all.Has(FIN):
		s += ", and a FIN was seen"
	}
	return s
}
