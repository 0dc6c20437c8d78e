package meter

import (
	"net/netip"

	"weir/decode"
	"weir/flow"
)

// decide determines the source from the first packet of a flow.
//
// The rules, most reliable first: SYN · SYN-ACK, whose sender is the destination · what the
// protocol says (ICMP request, SCTP INIT and COOKIE ECHO, DHCP client, and the reverse for their
// answers) · the source of the previous flow with this key, see useHistory · to multicast or
// broadcast · a service port on exactly one side · the sender of the first packet, if the start of
// the flow was observed, see useHistory · of protocols with a handshake, the port below 32768 is
// the destination's, if the other is not · the sender of the first packet.
func (e *entry) decide(p *decode.Packet) {
	from := sender(p)
	src, dir := evidence(p, from)
	if dir == flow.ByUnknown {
		src, dir = byPorts(&e.key, from)
	}
	e.setSource(src, dir)
}

// redecide lets more reliable evidence in a later packet change the source, and with it the
// direction of the counters. So a SYN-ACK that overtook its SYN, or a reply that overtook its
// request, is corrected by the next packet. A SYN is final, and of two SYNs (simultaneous open)
// the first counts.
func (e *entry) redecide(p *decode.Packet, from int) {
	if src, dir := evidence(p, from); dir.StrongerThan(e.dir) {
		e.setSource(src, dir)
	}
}

func (e *entry) setSource(side int, dir flow.Direction) {
	e.dir = dir
	e.bits.set(srcIsB, side == 1)
}

// evidence returns the source according to p alone and how reliable that is; ByUnknown if p has
// no evidence. from is the side that sent p.
func evidence(p *decode.Packet, from int) (src int, dir flow.Direction) {
	switch {
	case p.HasTCP && p.Flags.Has(flow.SYN|flow.ACK):
		return 1 - from, flow.BySynAck
	case p.HasTCP && p.Flags.Has(flow.SYN):
		return from, flow.BySyn
	case p.Request:
		return from, flow.ByRequest
	case p.Reply && !p.Multicast: // a multicast group sends no requests
		return 1 - from, flow.ByRequest
	case p.Chunk == decode.ChunkInit, p.Chunk == decode.ChunkCookieEcho:
		return from, flow.ByRequest
	case p.Chunk == decode.ChunkInitAck, p.Chunk == decode.ChunkCookieAck:
		return 1 - from, flow.ByRequest
	}
	if client := dhcpClient(&p.Key); client >= 0 && !isGroup(addrOf(&p.Key, 1-from)) {
		return client, flow.ByRequest
	}
	if p.Multicast {
		return from, flow.ByMulticast
	}
	return from, flow.ByUnknown
}

// dhcpClient returns the side of the client of DHCP or DHCPv6, else -1. Servers send to it
// from another address than it had sent to, so their answers are flows of their own.
func dhcpClient(k *flow.Key) int {
	if k.Proto != flow.UDP {
		return -1
	}
	switch [2]uint16{k.PortA, k.PortB} {
	case [2]uint16{68, 67}, [2]uint16{546, 547}:
		return 0
	case [2]uint16{67, 68}, [2]uint16{547, 546}:
		return 1
	}
	return -1
}

// isGroup reports whether a is a multicast address or 255.255.255.255. Packet.Multicast
// also includes packets to one host in frames to all.
func isGroup(a *flow.Addr) bool {
	if a[0] == 0xff {
		return true
	}
	ip := a.Netip()
	return ip.Is4() && (ip.IsMulticast() || ip == netip.AddrFrom4([4]byte{255, 255, 255, 255}))
}

func addrOf(k *flow.Key, side int) *flow.Addr {
	if side == 1 {
		return &k.B
	}
	return &k.A
}

// byPorts determines the source from the ports, with the sender of the first packet as fallback.
//
// A registered or lower port is nearly always a server's if the protocol has a handshake, and
// says little if not: a NAT, a telephone or a peer sends UDP from any port. There only common
// ports count more than the sender of the first packet. DESIGN.md has the figures.
func byPorts(k *flow.Key, from int) (src int, dir flow.Direction) {
	if !k.Proto.HasPorts() {
		return from, flow.ByFirstPacket
	}
	side, isSure := service(k)
	if side >= 0 && (isSure || hasHandshake(k.Proto) || side != from) {
		return 1 - side, flow.ByService
	}
	switch a, b := k.PortA, k.PortB; {
	case !hasHandshake(k.Proto):
	case a < flow.FirstEphemeralPort && b >= flow.FirstEphemeralPort:
		return 1, flow.ByHighPort
	case b < flow.FirstEphemeralPort && a >= flow.FirstEphemeralPort:
		return 0, flow.ByHighPort
	}
	return from, flow.ByFirstPacket
}

// service returns the side whose port is a service's if the other one's is not, else -1. isSure
// says that the port is a common one.
func service(k *flow.Key) (side int, isSure bool) {
	a, b := isCommon(k.PortA), isCommon(k.PortB)
	isSure = a || b
	if !isSure {
		s := registered()
		a, b = s.isRegistered(k.Proto, k.PortA), s.isRegistered(k.Proto, k.PortB)
	}
	switch {
	case a == b:
		return -1, false
	case a:
		return 0, isSure
	}
	return 1, isSure
}

// hasHandshake reports whether a flow of proto that begins without its handshake began earlier.
func hasHandshake(proto flow.Proto) bool {
	return proto == flow.TCP || proto == flow.SCTP || proto == dccp
}
