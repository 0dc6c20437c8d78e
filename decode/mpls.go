package decode

import "weir/flow"

// mpls reads a label stack (RFC 3032): label (20 bits), class (3), bottom of
// stack (1), TTL (8), until the bottom. Nothing says what is below; the first four bits
// tell IPv4 and IPv6 from a pseudowire's control word (RFC 4385), which is
// zero there and followed by an Ethernet frame. A pseudowire may do without that
// word (RFC 4448, section 4.6): then a MAC address is what comes first, and the
// packet in the frame has to prove it.
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
	if len(b) >= 14+20 && !fillsIP(b, wire) && carriesIP(b, wire) {
		return w.deeperEthernet(b, wire)
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

// deeperEthernet reads an Ethernet frame below labels, of which there may be
// any number.
func (w *walk) deeperEthernet(b []byte, wire int) Reason {
	if w.hops++; w.hops > maxHops {
		return TooDeep
	}
	return w.ethernet(b, wire)
}

// pseudowire reads a control word (4 octets: four zero bits, flags, fragment,
// length, sequence number) and the Ethernet frame behind it, if its EtherType is one
// that carries IP: without that the word may well be something else.
func (w *walk) pseudowire(b []byte, wire int) Reason {
	if len(b) < 4+14 {
		return TruncatedLink
	}
	switch be16(b[4+12:]) {
	case etherIPv4, etherIPv6, etherVLAN, etherQinQ, etherMPLS:
		return w.deeperEthernet(b[4:], wire-4)
	case etherARP:
		return ARP
	}
	return OtherMPLS
}

// mplsInUDP reads a label stack in a datagram (RFC 7510). It is one only if an
// IP packet under the last label fills the datagram.
func (w *walk) mplsInUDP(b []byte, size int) Reason {
	n := 0
	for bottom := false; !bottom; n += 4 {
		if len(b) < n+4+20 {
			return cutPayload(n+4+20, size)
		}
		bottom = b[n+2]&1 != 0
	}
	if !fillsIP(b[n:], size-n) {
		return OK
	}
	w.enter(flow.TunnelMPLS, 0)
	return w.rawIP(b[n:], size-n)
}
