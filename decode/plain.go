package decode

import "weir/flow"

// A plain packet is what nearly all are: IPv4 without options or IPv6 without
// extension headers, no fragment, TCP of which 20 octets were captured or UDP of
// which 8 were, every header in order.

// mayBePlain tells from which Ethernet frames to try to read a plain packet. It
// looks at little: nearly every frame holds one.
func mayBePlain(b []byte) bool {
	if len(b) < etherLen+ipv4Len+udpLen {
		return false
	}
	typ, version := be16(b[12:]), b[etherLen]>>4
	return typ == etherIPv4 && version == 4 || typ == etherIPv6 && version == 6
}

// mayBePlainIPv4 tells where else to try an IPv4 header. It looks at all that
// sets odd packets apart: they may have been tried already.
func mayBePlainIPv4(h []byte) bool {
	return len(h) >= ipv4Len+udpLen && h[0] == 0x45 && be16(h[6:])&0x3fff == 0 && isPlain(h[9])
}

// mayBePlainIPv6 tells where else to try an IPv6 header.
func mayBePlainIPv6(h []byte) bool {
	return len(h) >= ipv6Len+udpLen && h[0]>>4 == 6 && isPlain(h[6])
}

func isPlain(proto uint8) bool { return proto == uint8(flow.TCP) || proto == uint8(flow.UDP) }

// readPlain reads a plain packet, and reports whether it is one. It does
// in one go what anyIPv4 or anyIPv6, transport, tcp and udp do one after the other,
// and keeps in registers what those pass on in memory. What comes ahead of IP it
// leaves out of the key. If the packet isn't plain, p is of no use.
//
//go:noinline // inlined into its callers, it calls seal there (Go 1.26, default.pgo)
func (p *Packet) readPlain(h []byte, wire int) bool {
	if len(h) < ipv4Len+udpLen {
		return false
	}
	*p = Packet{}
	var src, dst endpoint
	var proto flow.Proto
	var size int // of what IP carries
	var body []byte
	switch {
	case h[0] == 0x45 && be16(h[6:])&0x3fff == 0:
		total := int(be16(h[2:]))
		if total > wire {
			return false
		}
		src.lo, dst.lo = mapped|uint64(be32(h[12:])), mapped|uint64(be32(h[16:]))
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
		if hdr := int(t[12]>>4) * 4; hdr < tcpLen || hdr > size {
			return false
		}
		p.HasTCP = true
		p.Seq, p.Ack = be32(t[4:]), be32(t[8:])
		p.Flags = flow.Flags(t[13])
	case flow.UDP:
		if n := int(be16(body[4:])); n < udpLen || n > size {
			return false
		}
	default:
		return false
	}
	p.HasPorts = true
	p.Key.Proto = proto
	p.FromB = seal(&p.Key, src, dst)
	return true
}

// plain reads a plain packet below other headers, adds to it what those said, and
// looks into its datagram. ok tells whether it is one and there is room for it.
func (w *walk) plain(h []byte, wire int) (why Reason, ok bool) {
	if w.r.N == MaxLayers {
		return OK, false
	}
	p := &w.r.Packets[w.r.N]
	if !p.readPlain(h, wire) {
		return OK, false
	}
	w.r.N++
	p.Key.VLAN, p.Key.Tunnel, p.Key.Interface = w.vlan, w.tunnel, w.iface
	p.Multicast = p.Multicast || w.broadcast
	if p.HasTCP || w.opts.OuterOnly {
		return OK, true
	}
	if src, dst, b, size := p.datagram(h); mayBeTunnel(src, dst, b) {
		return w.udpTunnel(src, dst, b, size), true
	}
	return OK, true
}

// datagram returns the ports of the UDP datagram of the plain packet p, which h
// is, what was captured of its payload, and how many octets that has.
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
)
