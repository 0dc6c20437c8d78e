package decode

import "weir/flow"

// ipv6 reads an IPv6 packet, in one go if it is a plain one.
func (w *walk) ipv6(b []byte, wire int) Reason {
	if mayBePlainIPv6(b) {
		if why, ok := w.plain(b, wire); ok {
			return why
		}
	}
	return w.anyIPv6(b, wire)
}

// anyIPv6 reads an IPv6 header (RFC 8200) and its extension headers:
//
//	0  version, traffic class, flow label   4  payload length
//	6  next header                          7  hop limit
//	8  source address                      24  destination address
func (w *walk) anyIPv6(b []byte, wire int) Reason {
	if len(b) < 40 {
		return cutIP(b, 6)
	}
	h := b[:40:40]
	if h[0]>>4 != 6 {
		return BadIPVersion
	}
	size := int(be16(h[4:]))
	if size == 0 {
		var why Reason
		if size, why = jumboSize(h[6], b[40:], wire-40); why != OK {
			return why
		}
	}
	if w.r.N == MaxLayers {
		return TooDeep
	}
	w.end[0] = endpoint{hi: be64(h[8:]), lo: be64(h[16:])}
	w.end[1] = endpoint{hi: be64(h[24:]), lo: be64(h[32:])}

	p := w.packet(flow.Proto(h[6]))
	p.Octets = uint32(size) + 40
	p.TTL = h[7]
	p.Multicast = h[24] == 0xff || w.broadcast

	body := b[40:min(40+size, len(b))]
	if !isExtension(h[6]) {
		return w.transport(p, body, size)
	}
	c := extensions(h[6], body, size)
	p.Key.Proto = c.proto
	p.FragID = c.fragID
	p.Fragment, p.FirstFrag, p.LastFrag = c.fragment, c.first, c.last
	if c.why != OK {
		p.FromB = seal(&p.Key, w.end[0], w.end[1])
		return c.why
	}
	return w.transport(p, body[c.len:], size-c.len)
}

// jumboSize is the length of an IPv6 payload whose Payload Length is 0, given
// the next header and what follows. With the Jumbo Payload option (RFC 2675) it is
// the option's; else it is what was on the wire, if that is more than the
// padding of a short Ethernet frame: segmentation offload leaves the field 0.
func jumboSize(next uint8, b []byte, wire int) (int, Reason) {
	switch {
	case next == protoNoNext:
		return 0, OK
	case next == protoHopByHop:
		if n, ok := jumboOption(b); ok {
			if n <= 0xffff || n > wire {
				return 0, BadIPLength
			}
			return n, OK
		}
	}
	if wire+40 <= minEthernetPayload {
		return 0, OK
	}
	return wire, OK
}

// jumboOption looks for the Jumbo Payload option (type C2 hex, length 4) in a
// hop-by-hop header, as far as it was captured.
func jumboOption(b []byte) (n int, ok bool) {
	if len(b) < 2 {
		return 0, false
	}
	opts := b[2:min((int(b[1])+1)*8, len(b))]
	for len(opts) >= 2 {
		switch {
		case opts[0] == 0: // Pad1 has no length
			opts = opts[1:]
			continue
		case opts[0] == 0xc2 && opts[1] == 4 && len(opts) >= 6:
			return int(be32(opts[2:])), true
		case len(opts) < 2+int(opts[1]):
			return 0, false
		}
		opts = opts[2+int(opts[1]):]
	}
	return 0, false
}

// chain is what the extension headers of an IPv6 packet came to.
type chain struct {
	proto                 flow.Proto // the first header that is not an extension, or that can't be read
	len                   int        // octets of all extension headers
	fragID                uint32
	fragment, first, last bool
	why                   Reason // what stopped the walk before the end
}

// extensions walks over extension headers, the first of which is of type next.
// b holds their captured octets, size is the IP payload's length.
//
// A fragment that is not the first has no headers behind the fragment header:
// its proto is that of the first header in the fragmented part, extension or not.
func extensions(next uint8, b []byte, size int) (c chain) {
	for range maxExtensions {
		c.proto = flow.Proto(next)
		if !isExtension(next) {
			return c
		}
		rest := b[c.len:]
		if len(rest) < 8 { // the shortest extension header
			c.stop(rest, size-c.len < 8)
			return c
		}
		n := extensionLen(next, rest)
		after := rest[0]
		switch {
		case after == protoNoNext && isOwnEnd(next):
			return c
		case n > size-c.len || next == uint8(flow.AH) && n < 12: // AH's fixed part has 12
			c.why = BadExtension
			return c
		case n > len(rest):
			c.stop(rest, false)
			return c
		case next == protoFragment:
			c.setFragment(rest)
		}
		c.len += n
		if c.fragment && !c.first {
			c.proto = flow.Proto(after)
			return c
		}
		next = after
	}
	c.why = BadExtension
	return c
}

// stop ends the walk at an extension header of which only rest is there. Its
// first octet names the next one: if that is no extension, it is the protocol.
func (c *chain) stop(rest []byte, bad bool) {
	c.why = TruncatedExtension
	if bad {
		c.why = BadExtension
	} else if len(rest) > 0 && !isExtension(rest[0]) && rest[0] != protoNoNext {
		c.proto = flow.Proto(rest[0])
	}
}

// setFragment reads a fragment header: next header, reserved, offset and more
// flag (2 octets), identification (4). An atomic fragment (RFC 6946) is whole.
func (c *chain) setFragment(b []byte) {
	frag := be16(b[2:])
	if frag&0xfff9 == 0 { // neither an offset nor more to come
		return
	}
	c.fragID = be32(b[4:])
	c.fragment, c.first, c.last = true, frag&0xfff8 == 0, frag&1 == 0
}

// isExtension reports whether a header of this type names a next one.
func isExtension(next uint8) bool {
	switch next {
	case protoHopByHop, protoRouting, protoFragment, protoDestOpts, uint8(flow.AH), protoMobility, protoHIP, protoShim6:
		return true
	}
	return false
}

// isOwnEnd reports whether the extension header is a protocol of its own when
// nothing follows it: mobility (RFC 6275), HIP (RFC 7401), Shim6 (RFC 5533).
func isOwnEnd(next uint8) bool {
	return next == protoMobility || next == protoHIP || next == protoShim6
}

// extensionLen is the length in octets of the header that b starts with. It is
// counted in 8 octets after the first 8, but AH (RFC 4302) counts in 4 after
// the first 8, and the fragment header has 8.
func extensionLen(next uint8, b []byte) int {
	switch next {
	case uint8(flow.AH):
		return (int(b[1]) + 2) * 4
	case protoFragment:
		return 8
	}
	return (int(b[1]) + 1) * 8
}
