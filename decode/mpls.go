package decode

import "weir/flow"

// mpls reads a label stack (RFC 3032): label (20 bits), class (3), bottom of
// stack (1), TTL (8), repeated to the bottom. The stack does not name its payload.
// The first four bits of the payload distinguish IPv4 and IPv6 from a pseudowire
// control word (RFC 4385), where they are zero and an Ethernet frame follows. The
// control word is optional (RFC 4448, section 4.6): without it the payload starts
// with a MAC address, and is taken for Ethernet only if an IP packet fills it.
func (w *walk) mpls(b []byte, wire int) Reason {
	bottom := false
	for !bottom {
		if len(b) < 4 {
			return TruncatedLink
		}
		bottom = b[2]&1 != 0
		b, wire = b[4:], wire-4
	}
	if len(b) == 0 {
		return TruncatedLink
	}
	if len(b) >= 14+20 && !isIPOfLength(b, wire) && carriesIP(b, wire) {
		return w.nestedEthernet(b, wire)
	}
	switch b[0] >> 4 {
	case 4:
		return w.ipv4(b, wire)
	case 6:
		return w.ipv6(b, wire)
	case 0:
		return w.pseudowire(b, wire)
	}
	return OtherMPLS
}

// nestedEthernet reads an Ethernet frame below a label stack and counts it
// against maxDepth: labels and frames may alternate without end.
func (w *walk) nestedEthernet(b []byte, wire int) Reason {
	if w.depth++; w.depth > maxDepth {
		return TooDeep
	}
	return w.ethernet(b, wire)
}

// pseudowire reads a control word (4 octets: four zero bits, flags, fragment,
// length, sequence number) and the Ethernet frame after it, if the EtherType is one
// that leads to IP. Any other EtherType makes the control word doubtful.
func (w *walk) pseudowire(b []byte, wire int) Reason {
	if len(b) < 4+14 {
		return TruncatedLink
	}
	switch be16(b[4+12:]) {
	case etherIPv4, etherIPv6, etherVLAN, etherQinQ, etherMPLS:
		return w.nestedEthernet(b[4:], wire-4)
	case etherARP:
		return ARP
	}
	return OtherMPLS
}

// mplsInUDP reads a label stack in a datagram (RFC 7510). The payload counts as
// one only if an IP packet after the last label fills the datagram.
func (w *walk) mplsInUDP(b []byte, size int) Reason {
	n := 0
	for bottom := false; !bottom; n += 4 {
		if len(b) < n+4+20 {
			return shortPayload(n+4+20, size)
		}
		bottom = b[n+2]&1 != 0
	}
	if !isIPOfLength(b[n:], size-n) {
		return OK
	}
	w.enterTunnel(flow.TunnelMPLS, 0)
	return w.rawIP(b[n:], size-n)
}
