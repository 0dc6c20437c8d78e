package decode

import "weir/flow"

// plain reads a frame as nearly all are: Ethernet without tags, IPv4 without
// options or IPv6 without extension headers, no fragment, TCP or UDP with 20
// octets of it captured, every header in order. It does in one go what ethernet,
// ipv4 or ipv6, transport, tcp and udp do one after the other, and keeps in
// registers what those pass on in memory. Of any other frame it reports false.
func (d *Decoder) plain(b []byte, wire int, iface uint16, r *Result) bool {
	if len(b) < etherLen+ipv4Len+tcpLen { // known already, but not to the compiler
		return false
	}
	p := &r.Packets[0]
	*p = Packet{}
	var src, dst endpoint
	var proto flow.Proto
	var size int // of what IP carries
	h, body := b[etherLen:], []byte(nil)
	switch typ := be16(b[12:]); {
	case typ == etherIPv4 && h[0] == 0x45 && be16(h[6:])&0x3fff == 0:
		total := int(be16(h[2:]))
		if total+etherLen > wire {
			return false
		}
		src.lo, dst.lo = mapped|uint64(be32(h[12:])), mapped|uint64(be32(h[16:]))
		p.Octets = uint32(total)
		p.TTL = h[8]
		p.FragID, p.HasIPID = uint32(be16(h[4:])), true
		p.Multicast = h[16]>>4 == 0xe || uint32(dst.lo) == 0xffffffff
		proto, size, body = flow.Proto(h[9]), total-ipv4Len, h[ipv4Len:]
	case typ == etherIPv6 && h[0]>>4 == 6 && len(h) >= ipv6Len+tcpLen:
		size = int(be16(h[4:]))
		src.hi, src.lo, dst.hi, dst.lo = be64(h[8:]), be64(h[16:]), be64(h[24:]), be64(h[32:])
		p.Octets = uint32(size) + ipv6Len
		p.TTL = h[7]
		p.Multicast = h[24] == 0xff
		proto, body = flow.Proto(h[6]), h[ipv6Len:]
	default:
		return false
	}
	t := body[:tcpLen:tcpLen] // of UDP, the header and what follows
	src.port, dst.port = be16(t), be16(t[2:])
	n := 0 // of a UDP datagram
	switch proto {
	case flow.TCP:
		if hdr := int(t[12]>>4) * 4; hdr < tcpLen || hdr > size {
			return false
		}
		p.HasTCP = true
		p.Seq, p.Ack = be32(t[4:]), be32(t[8:])
		p.Flags = flow.Flags(t[13])
	case flow.UDP:
		if n = int(be16(t[4:])); n < udpLen || n > size {
			return false
		}
	default:
		return false
	}
	p.Multicast = p.Multicast || isBroadcast(b)
	p.HasPorts = true
	p.Key.Proto = proto
	p.Key.Interface = iface
	p.FromB = seal(&p.Key, src, dst)
	r.N, r.HasQuoted, r.Skip = 1, false, OK
	if proto == flow.UDP && !d.opts.OuterOnly {
		if b := body[udpLen:min(n, len(body))]; mayBeTunnel(src.port, dst.port, b) {
			var w walk
			w.r, w.opts, w.iface = r, d.opts, iface
			r.Skip = w.udpTunnel(src.port, dst.port, b, n-udpLen)
		}
	}
	return true
}

// mayBePlain tells which frames to try plain with.
func mayBePlain(b []byte) bool {
	if len(b) < etherLen+ipv4Len+tcpLen {
		return false
	}
	typ := be16(b[12:])
	return typ == etherIPv4 || typ == etherIPv6 && len(b) >= etherLen+ipv6Len+tcpLen
}

// Lengths of headers without options.
const (
	etherLen = 14
	ipv4Len  = 20
	ipv6Len  = 40
	tcpLen   = 20
	udpLen   = 8
)
