package decode

import "weir/flow"

// ipv4 reads an IPv4 packet, on the fast path if possible.
func (w *walk) ipv4(b []byte, wire int) Reason {
	if maybeFastIPv4(b) {
		if why, ok := w.fastPath(b, wire); ok {
			return why
		}
	}
	return w.slowIPv4(b, wire)
}

// slowIPv4 reads any IPv4 header (RFC 791):
//
//	 0  version, header length   1  DSCP            2  total length
//	 4  identification           6  flags, fragment offset
//	 8  TTL                      9  protocol       10  checksum
//	12  source address          16  destination address   20  options
func (w *walk) slowIPv4(b []byte, wire int) Reason {
	if len(b) < 20 {
		return shortIP(b, 4)
	}
	h := b[:20:20]
	hdr := int(h[0]&0x0f) * 4
	total := int(be16(h[2:]))
	if total == 0 { // segmentation offload: the sender's NIC fills it in
		total = wire
	}
	switch {
	case h[0]>>4 != 4:
		return BadIPVersion
	case hdr < 20:
		return BadIPHeader
	case total < hdr, total > wire && isDamaged(b[:min(hdr, len(b))], hdr):
		return BadIPLength
	case w.r.N == MaxLayers:
		return TooDeep
	}
	src, dst := be32(h[12:]), be32(h[16:])
	w.endpoints[0] = endpoint{lo: ipv4Mapped | uint64(src)}
	w.endpoints[1] = endpoint{lo: ipv4Mapped | uint64(dst)}

	p := w.packet(flow.Proto(h[9]))
	p.Octets = uint32(total)
	p.TTL = h[8]
	p.FragID, p.HasIPID = uint32(be16(h[4:])), true
	p.Multicast = dst>>28 == 0xe || dst == 0xffffffff || w.broadcast

	// If the options are truncated, no octet of the body was captured.
	body := b[min(hdr, len(b)):min(total, len(b))]
	if frag := be16(h[6:]); frag&0x3fff != 0 { // more fragments, or an offset
		p.Fragment = true
		p.FirstFrag, p.LastFrag = frag&0x1fff == 0, frag&0x2000 == 0
		if !p.FirstFrag {
			p.Check = be16(h[10:])
		}
	}
	if p.Key.Proto == flow.AH && !p.Fragment {
		return w.authenticated(p, body, total-hdr)
	}
	return w.transport(p, body, total-hdr)
}

// authenticated reads the authentication headers (RFC 4302) at the start of b, the captured part of a payload
// of size octets, as in IPv6, if they protect a protocol with ports or ICMP. Otherwise the flow is one of AH.
func (w *walk) authenticated(p *Packet, b []byte, size int) Reason {
	if c := extensions(uint8(flow.AH), b, size); c.why == OK && (c.proto.HasPorts() || c.proto.IsICMP()) {
		p.Key.Proto = c.proto
		b, size = b[c.len:], size-c.len
	}
	return w.transport(p, b, size)
}

// isDamaged reports whether all hdr octets of an IPv4 header were captured and
// its checksum is wrong. Consistent headers are not checked: every router does so,
// and with checksum offload the field is empty. For a packet longer than its frame
// the checksum decides whether its length is damaged or the frame was truncated by
// a tool that lost its original length.
func isDamaged(h []byte, hdr int) bool {
	if len(h) < hdr || be16(h[10:]) == 0 {
		return false
	}
	var sum uint32
	for ; len(h) > 0; h = h[2:] {
		sum += uint32(be16(h))
	}
	for sum > 0xffff {
		sum = sum&0xffff + sum>>16
	}
	return sum != 0xffff
}

// shortIP returns the reason for an IP header with less than its fixed part.
func shortIP(b []byte, version uint8) Reason {
	if len(b) > 0 && b[0]>>4 != version {
		return BadIPVersion
	}
	return TruncatedIP
}

// packet appends a Packet to the result and sets what is known before its header
// is read. The caller has checked that there is room.
func (w *walk) packet(proto flow.Proto) *Packet {
	p := &w.r.Packets[w.r.N]
	w.r.N++
	*p = Packet{}
	p.Key.Proto = proto
	p.Key.VLAN = w.vlan
	p.Key.Tunnel = w.tunnel
	p.Key.Interface = w.iface
	return p
}
