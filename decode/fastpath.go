package decode

import "weir/flow"

// The fast path handles the common case: IPv4 without options or IPv6 without
// extension headers, not fragmented, with at least 20 octets of TCP or 8 of UDP
// captured and all header fields consistent. The slow path handles every packet,
// header by header.

// maybeFastFrame reports whether an Ethernet frame is worth trying on the fast
// path. It checks little, because nearly every frame is.
func maybeFastFrame(b []byte) bool {
	if len(b) < etherLen+ipv4Len+udpLen {
		return false
	}
	typ, version := be16(b[12:]), b[etherLen]>>4
	return typ == etherIPv4 && version == 4 || typ == etherIPv6 && version == 6
}

// maybeFastIPv4 reports whether an IPv4 packet below other headers is worth trying
// on the fast path. It checks more than maybeFastFrame, which may have let the same
// packet through to a failed attempt.
func maybeFastIPv4(h []byte) bool {
	return len(h) >= ipv4Len+udpLen && h[0] == 0x45 && be16(h[6:])&0x3fff == 0 && isTCPOrUDP(h[9])
}

// maybeFastIPv6 is maybeFastIPv4 for IPv6.
func maybeFastIPv6(h []byte) bool {
	return len(h) >= ipv6Len+udpLen && h[0]>>4 == 6 && isTCPOrUDP(h[6])
}

func isTCPOrUDP(proto uint8) bool { return proto == uint8(flow.TCP) || proto == uint8(flow.UDP) }

// decodeFast decodes the packet at the start of h on the fast path and reports
// whether that was possible; if not, p is invalid. It combines slowIPv4 or slowIPv6,
// transport, tcp and udp, and keeps in registers what those pass on in memory. The
// caller adds to the key what the headers below IP say.
//
//go:noinline // when inlined into its callers, setEndpoints is not inlined (Go 1.26, default.pgo)
func (p *Packet) decodeFast(h []byte, wire int) bool {
	if len(h) < ipv4Len+udpLen {
		return false
	}
	*p = Packet{}
	var src, dst endpoint
	var proto flow.Proto
	var size int // of the IP payload
	var body []byte
	switch {
	case h[0] == 0x45 && be16(h[6:])&0x3fff == 0:
		total := int(be16(h[2:]))
		if total > wire {
			return false
		}
		src.lo, dst.lo = ipv4Mapped|uint64(be32(h[12:])), ipv4Mapped|uint64(be32(h[16:]))
		p.Octets = uint32(total)
		p.TTL = h[8]
		p.FragID, p.HasIPID = uint32(be16(h[4:])), true
		p.Multicast = h[16]>>4 == 0xe || uint32(dst.lo) == 0xffffffff
		proto, size, body = flow.Proto(h[9]), total-ipv4Len, h[ipv4Len:]
	case h[0]>>4 == 6 && len(h) >= ipv6Len+udpLen:
		size = int(be16(h[4:]))
		src.hi, src.lo, dst.hi, dst.lo = be64(h[8:]), be64(h[16:]), be64(h[24:]), be64(h[32:])
		p.Octets = uint32(size) + ipv6Len
		p.TTL = h[7]
		p.Multicast = h[24] == 0xff
		proto, body = flow.Proto(h[6]), h[ipv6Len:]
	default:
		return false
	}
	src.port, dst.port = be16(body), be16(body[2:])
	switch proto {
	case flow.TCP:
		if len(body) < tcpLen {
			return false
		}
		t := body[:tcpLen:tcpLen]
		hdr := int(t[12]>>4) * 4
		if hdr < tcpLen || hdr > size {
			return false
		}
		p.HasTCP = true
		p.Seq, p.Ack = be32(t[4:]), be32(t[8:])
		p.Flags = flow.Flags(t[13])
		p.Payload = uint32(size - hdr)
		p.Check = be16(t[16:])
		p.ZeroWindow = be16(t[14:]) == 0 && p.Flags&(flow.SYN|flow.FIN|flow.RST) == 0
	case flow.UDP:
		n := int(be16(body[4:]))
		if n < udpLen || n > size {
			return false
		}
		p.Payload = uint32(n - udpLen)
		p.Check = be16(body[6:])
	default:
		return false
	}
	p.HasPorts = true
	p.Key.Proto = proto
	p.FromB = setEndpoints(&p.Key, src, dst)
	return true
}

// fastPath decodes a packet below other headers on the fast path, adds to its key
// what those say, and looks for a tunnel in its datagram. ok reports whether the
// packet was suited and the result had room.
func (w *walk) fastPath(h []byte, wire int) (why Reason, ok bool) {
	if w.r.N == MaxLayers {
		return OK, false
	}
	p := &w.r.Packets[w.r.N]
	if !p.decodeFast(h, wire) {
		return OK, false
	}
	w.r.N++
	p.Key.VLAN, p.Key.Tunnel, p.Key.Interface = w.vlan, w.tunnel, w.iface
	p.Multicast = p.Multicast || w.broadcast
	if p.HasTCP || w.opts.OuterOnly {
		return OK, true
	}
	if src, dst, b, size := p.datagram(h); maybeTunnel(src, dst, b) {
		return w.udpTunnel(src, dst, b, size), true
	}
	return OK, true
}

// datagram returns the ports of the UDP datagram in h, a packet that decodeFast
// decoded into p, the captured part of its payload, and the payload's length.
func (p *Packet) datagram(h []byte) (src, dst uint16, b []byte, size int) {
	t := h[ipv4Len:]
	if !p.HasIPID {
		t = h[ipv6Len:]
	}
	n := int(be16(t[4:]))
	return be16(t), be16(t[2:]), t[udpLen:min(n, len(t))], n - udpLen
}

// Lengths of headers without options.
const (
	etherLen = 14
	ipv4Len  = 20
	ipv6Len  = 40
	tcpLen   = 20
	udpLen   = 8
	sctpLen  = 12
)
