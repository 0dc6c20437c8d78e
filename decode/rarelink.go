package decode

import "math/bits"

// Link types that firewalls, old networks and special adapters write (tcpdump.org
// registry).
const (
	linkTokenRing = 6   // IEEE 802.5
	linkFDDI      = 10  // ANSI X3T9.5
	linkRFC1483   = 100 // ATM with LLC encapsulation
	linkENC       = 109 // OpenBSD and FreeBSD enc(4): packets before or after IPsec
	linkPFLOG     = 117 // BSD's packet filter log
	linkPrism     = 119 // IEEE 802.11 after a Prism header
	linkIPoverFC  = 122 // RFC 2625, Fibre Channel
	linkAVS       = 163 // IEEE 802.11 after an AVS header
	linkPPPD      = 166 // PPP as written by Linux pppd
	linkJuniper   = 178 // Ethernet after a Juniper header
	linkPPPDir    = 204 // PPP after a direction octet
	linkCHDLCDir  = 205 // Cisco HDLC after a direction octet
	linkFrameDir  = 206 // Frame Relay after a direction octet
	linkIPoIB     = 242 // RFC 4391, InfiniBand
)

// rareLink decodes a frame of one of the link types above; any other is unknown.
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
	case linkFDDI:
		return w.ring(12, b, wire)
	case linkTokenRing:
		return w.tokenRing(b, wire)
	case linkPFLOG, linkENC:
		return w.rawIP(b, wire)
	case linkPPPD:
		return w.ppp(b, wire)
	case linkPPPDir, linkCHDLCDir:
		return w.hdlc(b, wire)
	case linkFrameDir:
		return w.frameRelay(b, wire)
	case linkJuniper:
		return w.ethernet(b, wire)
	case linkIPoIB:
		if len(b) < 4 {
			return TruncatedLink
		}
		return w.etherType(be16(b), b[4:], wire-4)
	case linkRFC1483, linkIPoverFC:
		return w.llc(b, wire)
	}
	return w.wlan(b, wire, false)
}

// rareHeader returns the length of the header before a layer that other link types
// share.
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
	case linkPPPD: // direction in place of PPP address and control
		return 2, OK
	case linkENC: // address family, security parameters index, flags (4 octets each)
		return 12, OK
	case linkIPoIB: // global routing header
		return 40, OK
	case linkJuniper:
		return juniperHeader(b)
	case linkIPoverFC: // destination, source (8 octets each)
		return 16, OK
	case linkPFLOG:
		return pflogHeader(b)
	case linkPrism, linkAVS:
		return prismHeader(b)
	}
	return 0, UnknownLink
}

// pflogHeader returns the length of a BSD packet filter log header: its own length
// without the padding to 4 octets (1 octet), address family, action, reason (1
// each), interface, rule and further fields that depend on the system.
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

// prismHeader returns the length of the header that Prism adapters put before
// IEEE 802.11. It is either 144 octets, a number that its second four octets hold
// in the byte order of the capturing machine, or an AVS header, which starts with
// its version (80 21 and 2 octets) and length (4).
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

// juniperHeader returns the length of a Juniper header: "MGC", flags (1 octet), and with flag 0x80 the length of
// extensions (2) and the extensions. With flag 0x02 no Ethernet header follows.
func juniperHeader(b []byte) (int, Reason) {
	const extended, noLink = 0x80, 0x02
	switch {
	case len(b) < 4:
		return 0, TruncatedLink
	case string(b[:3]) != "MGC" || b[3]&noLink != 0:
		return 0, BadLink
	case b[3]&extended == 0:
		return 4, OK
	case len(b) < 6:
		return 0, TruncatedLink
	}
	return 6 + int(be16(b[4:])), OK
}

// tokenRing reads a Token Ring frame: destination, source (6 octets each), a route if the first bit of the source is set, with its length in its first
// octet, then IEEE 802.2.
func (w *walk) tokenRing(b []byte, wire int) Reason {
	const routed = 0x80
	if len(b) < 13 {
		return TruncatedLink
	}
	n := 12
	if b[6]&routed != 0 {
		n += int(b[12] & 0x1f)
	}
	return w.ring(n, b, wire)
}

// ring reads a frame with n octets before IEEE 802.2, which begin with its destination. In FDDI these are
// destination and source.
func (w *walk) ring(n int, b []byte, wire int) Reason {
	if len(b) < n {
		return TruncatedLink
	}
	w.broadcast = isBroadcast(b)
	return w.llc(b[n:], wire-n)
}
