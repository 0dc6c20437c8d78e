package decode

import "math/bits"

// Link types that firewalls, old networks and special cards leave in captures
// (tcpdump.org registry).
const (
	linkTokenRing = 6   // IEEE 802.5
	linkFDDI      = 10  // ANSI X3T9.5
	linkRFC1483   = 100 // ATM with LLC encapsulation
	linkENC       = 109 // OpenBSD and FreeBSD: packets as IPsec hands them over
	linkPFLOG     = 117 // BSD's packet filter log
	linkPrism     = 119 // IEEE 802.11 behind a Prism header
	linkIPoverFC  = 122 // RFC 2625, Fibre Channel
	linkAVS       = 163 // IEEE 802.11 behind an AVS header
	linkPPPD      = 166 // PPP as Linux' pppd writes it
	linkPPPDir    = 204 // PPP behind an octet that tells the direction
	linkCHDLCDir  = 205 // Cisco HDLC likewise
	linkFrameDir  = 206 // Frame Relay likewise
)

// rareLink reads the frame from its link layer on, or gives up on it.
func (w *walk) rareLink(link uint16, b []byte, wire int) Reason {
	n, why := rareHeader(link, b)
	switch {
	case why != OK:
		return why
	case len(b) < n:
		return TruncatedLink
	}
	b, wire = b[n:], wire-n
	switch link {
	case linkFDDI, linkTokenRing:
		return w.ring(b, wire)
	case linkPFLOG, linkENC:
		return w.rawIP(b, wire)
	case linkPPPD:
		return w.ppp(b, wire)
	case linkPPPDir, linkCHDLCDir:
		return w.hdlc(b, wire)
	case linkFrameDir:
		return w.frameRelay(b, wire)
	case linkRFC1483, linkIPoverFC:
		return w.llc(b, wire)
	}
	return w.wlan(b, wire, false)
}

// rareHeader is the length of what comes before a layer that others have too.
func rareHeader(link uint16, b []byte) (n int, why Reason) {
	switch link {
	case linkRFC1483:
		return 0, OK
	case linkPPPDir, linkCHDLCDir, linkFrameDir: // direction
		return 1, OK
	case linkFDDI: // frame control
		return 1, OK
	case linkTokenRing: // access control, frame control
		return 2, OK
	case linkPPPD: // direction in place of PPP's address, control
		return 2, OK
	case linkENC: // address family, security parameters index, flags (4 octets each)
		return 12, OK
	case linkIPoverFC: // destination, source (8 octets each)
		return 16, OK
	case linkPFLOG:
		return pflogHeader(b)
	case linkPrism, linkAVS:
		return prismHeader(b)
	}
	return 0, UnknownLink
}

// pflogHeader is the length of the header of BSD's packet filter log, which
// begins with it, without the padding to 4 octets (1 octet); then address family, action,
// reason (1 each), interface, rule and what else the system tells.
func pflogHeader(b []byte) (int, Reason) {
	const shortest = 45 // OpenBSD 3.0
	switch {
	case len(b) < 1:
		return 0, TruncatedLink
	case b[0] < shortest:
		return 0, BadLink
	}
	return (int(b[0]) + 3) &^ 3, OK
}

// prismHeader is the length of what Prism cards put before IEEE 802.11: 144
// octets, told in the second four by the byte order of the machine, or an AVS
// header, which begins with its version (80 21 and 2 octets) and length (4).
func prismHeader(b []byte) (int, Reason) {
	const avs, prism = 0x8021, 144
	if len(b) < 8 {
		return 0, TruncatedLink
	}
	n := be32(b[4:])
	switch {
	case be16(b) == avs && n >= 8:
		return int(min(n, 1<<16)), OK
	case be16(b) != avs && (n == prism || bits.ReverseBytes32(n) == prism):
		return prism, OK
	}
	return 0, BadLink
}

// ring reads a frame of a ring: destination, source (6 octets each), a route
// if the source's first bit says so, whose length is in its first octet, then IEEE
// 802.2.
func (w *walk) ring(b []byte, wire int) Reason {
	const routed = 0x80
	if len(b) < 13 {
		return TruncatedLink
	}
	w.broadcast = isBroadcast(b)
	n := 12
	if b[6]&routed != 0 {
		n += int(b[12] & 0x1f)
	}
	if len(b) < n {
		return TruncatedLink
	}
	return w.llc(b[n:], wire-n)
}
