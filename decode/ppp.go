package decode

// PPP protocol numbers (IANA "PPP Numbers").
const (
	pppIPv4   = 0x0021
	pppIPv6   = 0x0057
	pppMPLS   = 0x0281
	pppMPLSMC = 0x0283
)

// ppp reads a PPP frame (RFC 1661, RFC 1662): address and control (FF 03), which
// compression may omit, then the protocol in two octets, or compressed into one
// odd octet.
func (w *walk) ppp(b []byte, wire int) Reason {
	if len(b) >= 2 && b[0] == 0xff && b[1] == 0x03 {
		b, wire = b[2:], wire-2
	}
	if len(b) < 2 {
		return TruncatedLink
	}
	proto, n := be16(b), 2
	if b[0]&1 != 0 {
		proto, n = uint16(b[0]), 1
	}
	b, wire = b[n:], wire-n
	switch {
	case proto == pppIPv4:
		return w.ipv4(b, wire)
	case proto == pppIPv6:
		return w.ipv6(b, wire)
	case proto == pppMPLS || proto == pppMPLSMC:
		return w.mpls(b, wire)
	case proto >= 0x8000:
		return PPPControl
	}
	return OtherPPP
}

// hdlc reads PPP in HDLC framing, or Cisco HDLC: address (0F unicast, 8F
// multicast), control (00), EtherType (2 octets).
func (w *walk) hdlc(b []byte, wire int) Reason {
	if len(b) > 0 && (b[0] == 0x0f || b[0] == 0x8f) {
		if len(b) < 4 {
			return TruncatedLink
		}
		return w.payload(be16(b[2:]), b[4:], wire-4)
	}
	return w.ppp(b, wire)
}

// frameRelay reads a Frame Relay header: address (2 octets, the lowest bit of the
// second is set), then either control (03), padding (00, optional) and network
// protocol (RFC 2427), or an EtherType (2, Cisco).
func (w *walk) frameRelay(b []byte, wire int) Reason {
	const snap, ipv6, ipv4 = 0x80, 0x8e, 0xcc // ISO/IEC TR 9577
	if len(b) < 4 {
		return TruncatedLink
	}
	if b[0]&1 != 0 || b[1]&1 == 0 {
		return BadLink
	}
	if b[2] != 0x03 {
		return w.payload(be16(b[2:]), b[4:], wire-4)
	}
	n := 3
	if b[n] == 0 {
		n++
	}
	if len(b) <= n {
		return TruncatedLink
	}
	protocol := b[n]
	b, wire = b[n+1:], wire-n-1
	switch {
	case protocol == ipv4:
		return w.ipv4(b, wire)
	case protocol == ipv6:
		return w.ipv6(b, wire)
	case protocol == snap && len(b) < 5:
		return TruncatedLink
	case protocol == snap && be16(b) == 0 && b[2] == 0:
		return w.payload(be16(b[3:]), b[5:], wire-5)
	}
	return LLC
}

// pppoe reads a PPPoE session header (RFC 2516): version 1 and type 1 (1
// octet), code 0 (1), session (2), payload length (2). Octets beyond that length
// are padding.
func (w *walk) pppoe(b []byte, wire int) Reason {
	if len(b) < 6 {
		return TruncatedLink
	}
	n := int(be16(b[4:]))
	switch {
	case b[0] != 0x11:
		return BadLink
	case b[1] != 0:
		return PPPoEDiscovery
	case n > wire-6:
		return BadLink
	}
	b = b[6:]
	return w.ppp(b[:min(n, len(b))], n)
}
