package decode

import "weir/flow"

// ipv4 reads an IPv4 packet, in one go if it is a plain one.
func (w *walk) ipv4(b []byte, wire int) Reason {
	if mayBePlainIPv4(b) {
		if why, ok := w.plain(b, wire); ok {
			return why
		}
	}
	return w.anyIPv4(b, wire)
}

// anyIPv4 reads an IPv4 header (RFC 791):
//
//	 0  version, header length   1  DSCP            2  total length
//	 4  identification           6  flags, fragment offset
//	 8  TTL                      9  protocol       10  checksum
//	12  source address          16  destination address   20  options
func (w *walk) anyIPv4(b []byte, wire int) Reason {
	if len(b) < 20 {
		return cutIP(b, 4)
	}
	h := b[:20:20]
	hdr := int(h[0]&0x0f) * 4
	total := int(be16(h[2:]))
	if total == 0 { // segmentation offload: the sender's card will fill it in
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
	w.end[0] = endpoint{lo: mapped | uint64(src)}
	w.end[1] = endpoint{lo: mapped | uint64(dst)}

	p := w.packet(flow.Proto(h[9]))
	p.Octets = uint32(total)
	p.TTL = h[8]
	p.FragID, p.HasIPID = uint32(be16(h[4:])), true
	p.Multicast = dst>>28 == 0xe || dst == 0xffffffff || w.broadcast

	// Where the options are cut, nothing of the body is there.
	body := b[min(hdr, len(b)):min(total, len(b))]
	if frag := be16(h[6:]); frag&0x3fff != 0 { // more fragments, or an offset
		p.Fragment = true
		p.FirstFrag, p.LastFrag = frag&0x1fff == 0, frag&0x2000 == 0
	}
	return w.transport(p, body, total-hdr)
}

// isDamaged reports whether an IPv4 header of hdr octets is there and its
// checksum doesn't hold. Headers that are in order aren't checked: each router has
// done so, and where a card fills the checksum in later there is none. But of
// a packet that is longer than its frame it tells whether the length is damaged,
// or the frame was cut by somebody who didn't keep how long it was.
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

// cutIP is the reason for fewer octets than the fixed header has.
func cutIP(b []byte, version uint8) Reason {
	if len(b) > 0 && b[0]>>4 != version {
		return BadIPVersion
	}
	return TruncatedIP
}

// packet takes the next Packet of the result, empty but for what is known before
// its header. The caller has seen to it that there is one left.
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
