package flow

// UnionNote explains the flags of a flow to readers who expect those of a
// packet. Show it wherever flow flags are decoded.
const UnionNote = "The value is the union of the flags of all packets of the flow."

// Meaning interprets f in one sentence as the union of the flags of all packets
// of a flow, both directions. It is never empty and has no full stop.
func (f Flags) Meaning() string {
	s := f.connectionMeaning()
	switch ecn := f & (ECE | CWR); {
	case f == ecn || ecn == 0:
	case f.Has(SYN):
		s += "; ECE or CWR: at least one side offered congestion notification"
	default:
		s += "; ECE or CWR: congestion notification was in use"
	}
	return s
}

// connectionMeaning interprets SYN, ACK, FIN and RST, which open and close a
// connection. The other four flags only qualify the result.
func (f Flags) connectionMeaning() string {
	pushed := f&(PSH|URG) != 0
	switch f & (SYN | ACK | FIN | RST) {
	case SYN:
		if pushed {
			return "SYN with data and no ACK: nothing answered; TCP Fast Open or a scan sends this"
		}
		return "only SYN: the handshake never completed; a firewall or routing problem keeps the destination from receiving or answering"
	case SYN | RST:
		return "SYN & RST: something in the path actively resets the connection attempt, such as a firewall or an application's IP restriction"
	case SYN | ACK:
		if pushed {
			return "SYN and ACK with data: the handshake was answered and data flowed, with no close seen"
		}
		return "SYN and ACK: the handshake was answered, with no close seen"
	case SYN | ACK | RST:
		if pushed {
			return "SYN, ACK and RST with data: a connection that was reset instead of closed"
		}
		return "SYN, ACK and RST: refused, because a refusal is RST with ACK, or established and then reset"
	case SYN | ACK | FIN:
		return "SYN, ACK and FIN: a complete flow, from handshake to close"
	case SYN | ACK | FIN | RST:
		return "SYN, ACK, FIN and RST: a complete flow, from handshake to close, with a reset as well"
	case SYN | FIN:
		return "SYN and FIN without ACK: nothing was acknowledged; a scan, or only one direction passes here"
	case SYN | FIN | RST:
		return "SYN, FIN and RST without ACK: nothing was acknowledged; a scan that was reset, or only parts of the flow pass here"
	}
	return f.meaningWithoutSYN()
}

func (f Flags) meaningWithoutSYN() string {
	switch f & (ACK | FIN | RST) {
	case ACK:
		return "no SYN: the flow was joined mid-stream, with no close seen"
	case ACK | FIN:
		return "no SYN: the flow was joined mid-stream, and its close was seen"
	case ACK | RST:
		return "no SYN: the flow was joined mid-stream, and it was reset"
	case ACK | FIN | RST:
		return "no SYN: the flow was joined mid-stream, closed, and reset as well"
	case RST:
		return "RST without SYN and ACK: only a reset was seen, of a connection older than the observation or on another path"
	case FIN:
		return "FIN without SYN and ACK: no normal connection looks like this; a FIN or Xmas scan does"
	case FIN | RST:
		return "FIN and RST without SYN and ACK: no normal connection looks like this; a scan that was reset does"
	}
	if f == 0 {
		return "no flag on any packet: a null scan does this, and flows that are not TCP have none"
	}
	return "neither SYN, ACK, FIN nor RST: no normal connection looks like this; a scan or damaged packets do"
}
