package decode

import "weir/flow"

// UDP ports of encapsulations (IANA), and the one that Linux used for VXLAN before
// IANA assigned one.
const (
	portGTPU     = 2152
	portTeredo   = 3544
	portGRE      = 4754
	portVXLAN    = 4789
	portVXLANGPE = 4790
	portGeneve   = 6081
	portVXLANOld = 8472
	portL2TP     = 1701
	portAYIYA    = 5072
	portCAPWAP   = 5247 // data; 5246 is control, encrypted
	portMPLS     = 6635
	portTZSP     = 37008
)

// tunnelPorts is a perfect hash table of these ports, indexed by the port modulo
// 128; the compiler rejects a collision as a duplicate index.
var tunnelPorts = [128]uint16{
	portGTPU % 128: portGTPU, portTeredo % 128: portTeredo, portGRE % 128: portGRE, portVXLAN % 128: portVXLAN,
	portVXLANGPE % 128: portVXLANGPE, portGeneve % 128: portGeneve, portVXLANOld % 128: portVXLANOld, portL2TP % 128: portL2TP,
	portAYIYA % 128: portAYIYA, portCAPWAP % 128: portCAPWAP, portMPLS % 128: portMPLS, portTZSP % 128: portTZSP,
}

// maybeTunnel reports whether a datagram with payload b is worth passing to
// udpTunnel. Hardly any is.
func maybeTunnel(src, dst uint16, b []byte) bool {
	return tunnelPorts[src%128] == src || tunnelPorts[dst%128] == dst || isIPv6(b)
}

// isIPv6 reports whether b may start with an IPv6 header.
func isIPv6(b []byte) bool { return len(b) >= 40 && b[0]>>4 == 6 }

// udpTunnel decodes a datagram that has the port of an encapsulation. The port
// alone proves nothing: unless every fixed bit of the tunnel header is correct, the
// datagram counts as ordinary traffic. Where the standard leaves the source port to
// the sender, only the destination port counts (RFC 7348, section 5; RFC 8926,
// section 3.3), but for GTP-U, which some send from its port (TS 29.281, section
// 4.4.2). b is the captured payload, size its length by the UDP header.
func (w *walk) udpTunnel(src, dst uint16, b []byte, size int) Reason {
	switch dst {
	case portVXLAN, portVXLANOld:
		return w.vxlan(b, size)
	case portVXLANGPE:
		return w.vxlanGPE(b, size)
	case portGeneve:
		return w.geneve(b, size)
	case portGTPU:
		return w.gtpu(b, size)
	case portGRE:
		return w.greInUDP(b, size)
	case portMPLS:
		return w.mplsInUDP(b, size)
	case portTZSP:
		return w.tzsp(b, size)
	}
	switch {
	case src == portTeredo || dst == portTeredo:
		return w.teredo(b, size)
	case src == portCAPWAP || dst == portCAPWAP:
		return w.capwap(b, size)
	case src == portGTPU: // answers of some implementations
		return w.gtpu(b, size)
	case src == portL2TP || dst == portL2TP:
		return w.l2tp(b, size)
	case src == portAYIYA || dst == portAYIYA:
		return w.ayiya(b, size)
	case isIPv6(b):
		return w.teredoPeer(b, size)
	}
	return OK
}

// isIPOfLength reports whether b, at least 20 octets, may start with an IP header
// whose packet is size octets long.
func isIPOfLength(b []byte, size int) bool {
	switch b[0] >> 4 {
	case 4:
		return int(be16(b[2:])) == size
	case 6:
		return int(be16(b[4:]))+40 == size
	}
	return false
}

// shortPayload returns the reason for a UDP payload with less than n octets
// captured: OK if it is too short to be a tunnel, else the snap length hides whether
// it is one.
func shortPayload(n, size int) Reason {
	if size < n {
		return OK
	}
	return TruncatedTunnel
}

// vxlan reads a VXLAN header (RFC 7348): flags (1 octet), reserved (3), network
// identifier (3), reserved (1), then an Ethernet frame. The group policy extension
// sets the top flag and uses the reserved octets (draft-smith-vxlan-group-policy).
// Some cloud providers set the reserved octets to other values, which a receiver
// has to ignore; then the inner frame must be a valid one that carries IP.
func (w *walk) vxlan(b []byte, size int) Reason {
	if size < 8+14 || len(b) < 8 {
		return shortPayload(8+14, size)
	}
	const instance = 0x08
	standard := be32(b) == instance<<24
	policy := b[0] == 0x80|instance && b[1]&^0x48 == 0
	switch {
	case (standard || policy) && b[7] == 0:
	case isVXLANGPE(b): // drafts of VXLAN-GPE used the same port
		return w.vxlanGPE(b, size)
	case b[0]&instance == 0:
		return OK
	case len(b) < 8+14+20:
		return shortPayload(8+14+20, size)
	case !carriesIP(b[8:], size-8):
		return OK
	}
	w.enterTunnel(flow.TunnelVXLAN, be32(b[4:])>>8)
	return w.ethernet(b[8:], size-8)
}

// carriesIP reports whether b, at least the first 34 of size octets, is an Ethernet
// frame with an IP packet that fills it, apart from the padding of a short frame.
func carriesIP(b []byte, size int) bool {
	typ, ip, n := be16(b[12:]), b[14:], 0
	if isTag(typ) && len(ip) >= 4+20 {
		typ, ip, size = be16(ip[2:]), ip[4:], size-4
	}
	switch {
	case typ == etherIPv4 && ip[0]>>4 == 4:
		n = int(be16(ip[2:]))
	case typ == etherIPv6 && ip[0]>>4 == 6:
		n = int(be16(ip[4:])) + 40
	}
	size -= 14
	return n >= 20 && (n == size || n < size && size == minEthernetPayload)
}

// vxlanGPE reads a VXLAN header with a next protocol
// (draft-ietf-nvo3-vxlan-gpe): flags (1 octet), reserved (2), next protocol (1),
// network identifier (3), reserved (1).
func (w *walk) vxlanGPE(b []byte, size int) Reason {
	if size <= 8 || len(b) < 8 {
		return shortPayload(9, size)
	}
	unflagged := len(b) >= 28 && be32(b)&^3 == 0x08<<24 && isIPOfLength(b[8:], size-8) // next protocol without its flag
	if !isVXLANGPE(b) && !unflagged {
		return OK
	}
	next := b[3]
	w.enterTunnel(flow.TunnelVXLAN, be32(b[4:])>>8)
	b, size = b[8:], size-8
	switch next {
	case 0, 3:
		return w.ethernet(b, size)
	case 1:
		return w.ipv4(b, size)
	case 2:
		return w.ipv6(b, size)
	case 4:
		return w.nsh(b, size)
	case 5:
		return w.mpls(b, size)
	}
	return BadTunnel
}

// isVXLANGPE reports whether all fixed bits of the 8-octet header b are correct:
// version 0, a valid network identifier, and a next protocol only if the flag for it
// is set.
func isVXLANGPE(b []byte) bool {
	const instance, nextProtocol = 0x08, 0x04
	flags, next := b[0], b[3]
	return flags&^nextProtocol == instance && b[1] == 0 && b[2] == 0 && b[7] == 0 && (flags&nextProtocol != 0 || next == 0)
}

// geneve reads a Geneve header (RFC 8926): version, options length in 4-octet units
// (1 octet), control and critical flag, reserved (1), EtherType (2), network
// identifier (3), reserved (1), options.
func (w *walk) geneve(b []byte, size int) Reason {
	if size <= 8 || len(b) < 8 {
		return shortPayload(9, size)
	}
	const control = 0x80
	n := 8 + int(b[0]&0x3f)*4
	typ := be16(b[2:])
	if b[0]>>6 != 0 || b[1]&0x3f != 0 || b[7] != 0 || n > size || typ <= etherLLCMax || b[1]&control != 0 {
		return OK
	}
	if len(b) < n {
		return TruncatedTunnel
	}
	if !geneveOptions(b[8:n]) {
		return OK
	}
	w.enterTunnel(flow.TunnelGeneve, be32(b[4:])>>8)
	return w.payload(typ, b[n:], size-n)
}

// geneveOptions reports whether b consists of complete options: class (2 octets),
// type (1), three zero bits, data length in 4-octet units (5 bits), data.
func geneveOptions(b []byte) bool {
	for len(b) > 0 { // a multiple of 4, so at least an option header of 4
		n := 4 + int(b[3]&0x1f)*4
		if n > len(b) || b[3]&0xe0 != 0 {
			return false
		}
		b = b[n:]
	}
	return true
}

// gtpu reads a GTP-U header (3GPP TS 29.281, section 5.1): version 1, protocol
// type 1, a zero bit, E, S, PN (1 octet), message type (1), length after the first 8
// octets (2), tunnel endpoint identifier (4). If any of E, S, PN is set, sequence
// number (2), N-PDU number (1) and next extension type (1) follow.
//
// The endpoint identifier belongs to the receiver and differs by direction, so it
// can't be the tunnel id: both directions of an inner flow must share a key.
func (w *walk) gtpu(b []byte, size int) Reason {
	if size <= 8 || len(b) < 8 {
		return shortPayload(9, size)
	}
	const userData = 255 // G-PDU; other types are signalling
	if b[0]&0xf8 != 0x30 || b[1] != userData || int(be16(b[2:])) != size-8 {
		return OK
	}
	n := 8
	if b[0]&0x07 != 0 {
		var why Reason
		if n, why = gtpuOptions(b, size); why != OK {
			return why
		}
	}
	w.enterTunnel(flow.TunnelGTPU, 0)
	b, size = b[n:], size-n
	if len(b) == 0 {
		return shortTunnel(1, size)
	}
	switch b[0] >> 4 {
	case 4:
		return w.ipv4(b, size)
	case 6:
		return w.ipv6(b, size)
	}
	return OtherFamily // an Ethernet or unstructured PDU session: the header does not tell which
}

// gtpuOptions returns the length of a GTP-U header with its optional fields and
// extension headers: length in 4-octet units (1 octet), content, next type (1).
func gtpuOptions(b []byte, size int) (int, Reason) {
	n := 12
	if len(b) < n {
		return 0, shortTunnel(n, size)
	}
	if b[0]&0x04 == 0 { // no extension headers, the next type is void
		return n, OK
	}
	for b[n-1] != 0 {
		if len(b) <= n {
			return 0, shortTunnel(n+1, size)
		}
		length := int(b[n]) * 4
		if length == 0 {
			return 0, BadTunnel
		}
		if n += length; len(b) < n {
			return 0, shortTunnel(n, size)
		}
	}
	return n, OK
}

// greInUDP reads GRE over UDP (RFC 8086), whose header has no flags other than
// checksum, key and sequence number.
func (w *walk) greInUDP(b []byte, size int) Reason {
	if size <= 4 || len(b) < 4 {
		return shortPayload(5, size)
	}
	const known = greChecksum | greKey | greSequence
	if typ := be16(b[2:]); be16(b)&^known != 0 || typ <= etherLLCMax {
		return OK
	}
	return w.gre(b, size)
}

// teredo reads an IPv6 packet in a datagram (RFC 4380, section 5.1.1), after an
// optional authentication header (0001, lengths of client id and authentication
// value, both values, 9 octets) and an optional origin indication (0000, port,
// address). The payload counts as Teredo only if the IPv6 length is correct and one
// of the addresses is one that Teredo uses.
func (w *walk) teredo(b []byte, size int) Reason {
	if len(b) >= 4 && be16(b) == 1 {
		n := 13 + int(b[2]) + int(b[3])
		if n > len(b) {
			return shortPayload(n, size)
		}
		b, size = b[n:], size-n
	}
	if len(b) >= 8 && be16(b) == 0 {
		b, size = b[8:], size-8
	}
	if size < 40 || len(b) < 40 {
		return shortPayload(40, size)
	}
	if b[0]>>4 != 6 || int(be16(b[4:])) > size-40 || !teredoAddress(b[8:]) && !teredoAddress(b[24:]) {
		return OK
	}
	w.enterTunnel(flow.TunnelTeredo, 0)
	return w.ipv6(b, size)
}

// teredoAddress reports whether b starts with the Teredo prefix 2001::/32 or is
// link-local, as in the exchange with the server (RFC 4380, section 5.2.1).
func teredoAddress(b []byte) bool {
	return be32(b) == teredoPrefix || be16(b)&0xffc0 == 0xfe80
}

const teredoPrefix = 0x20010000

// teredoPeer reads an IPv6 packet between two Teredo clients, on the ports that
// their NATs assigned (RFC 4380, section 5.2.3). Version, length and the prefix of
// one address are 52 bits that other payload does not match by chance.
func (w *walk) teredoPeer(b []byte, size int) Reason {
	if int(be16(b[4:])) != size-40 || be32(b[8:]) != teredoPrefix && be32(b[24:]) != teredoPrefix {
		return OK
	}
	w.enterTunnel(flow.TunnelTeredo, 0)
	return w.ipv6(b, size)
}
