package decode

import "weir/flow"

// ipv6 reads an IPv6 packet, on the fast path if possible.
func (w *walk) ipv6(b []byte, wire int) Reason {
	if maybeFastIPv6(b) {
		if why, ok := w.fastPath(b, wire); ok {
			return why
		}
	}
	return w.slowIPv6(b, wire)
}

// slowIPv6 reads any IPv6 header (RFC 8200) and its extension headers:
//
//	0  version, traffic class, flow label   4  payload length
//	6  next header                          7  hop limit
//	8  source address                      24  destination address
func (w *walk) slowIPv6(b []byte, wire int) Reason {
	if len(b) < 40 {
		return shortIP(b, 6)
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
	w.endpoints[0] = endpoint{hi: be64(h[8:]), lo: be64(h[16:])}
	w.endpoints[1] = endpoint{hi: be64(h[24:]), lo: be64(h[32:])}

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
		p.FromB = setEndpoints(&p.Key, w.endpoints[0], w.endpoints[1])
		return c.why
	}
	return w.transport(p, body[c.len:], size-c.len)
}

// jumboSize returns the payload length of an IPv6 packet whose Payload Length is
// 0: the value of the Jumbo Payload option (RFC 2675) if there is one, otherwise
// the length on the wire, because segmentation offload leaves the field 0. A wire
// length within the padding of a short Ethernet frame means an empty payload.
func jumboSize(next uint8, b []byte, wire int) (int, Reason) {
	switch next {
	case protoNoNext:
		return 0, OK
	case protoHopByHop:
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

// jumboOption looks for the Jumbo Payload option (type 0xC2, length 4) in the
// captured part of a hop-by-hop header.
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

// chain is the result of walking the extension headers of an IPv6 packet.
type chain struct {
	proto                 flow.Proto // of the first header that is not an extension or can't be read
	len                   int        // octets of all extension headers
	fragID                uint32
	fragment, first, last bool
	why                   Reason // why the walk stopped early, or OK
}

// extensions walks the extension headers, the first of which has type next. b
// holds their captured octets; size is the length of the IP payload.
//
// In a fragment other than the first, no headers follow the fragment header. Its
// protocol is the type of the first header in the fragmented part, extension or
// not.
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
		case after == protoNoNext && isProtocolIfLast(next):
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

// stop ends the walk at an extension header of which only rest was captured. The
// first octet is the type of the next header, which is the protocol unless it is
// another extension.
func (c *chain) stop(rest []byte, bad bool) {
	c.why = TruncatedExtension
	if bad {
		c.why = BadExtension
	} else if len(rest) > 0 && !isExtension(rest[0]) && rest[0] != protoNoNext {
		c.proto = flow.Proto(rest[0])
	}
}

// setFragment reads a fragment header: next header, reserved, offset and more
// flag (2 octets), identification (4). An atomic fragment (RFC 6946) is a whole
// packet and does not count as a fragment.
func (c *chain) setFragment(b []byte) {
	frag := be16(b[2:])
	if frag&0xfff9 == 0 { // offset 0 and no more fragments
		return
	}
	c.fragID = be32(b[4:])
	c.fragment, c.first, c.last = true, frag&0xfff8 == 0, frag&1 == 0
}

// isExtension reports whether next is the type of an extension header.
func isExtension(next uint8) bool {
	switch next {
	case protoHopByHop, protoRouting, protoFragment, protoDestOpts, uint8(flow.AH), protoMobility, protoHIP, protoShim6:
		return true
	}
	return false
}

// isProtocolIfLast reports whether an extension header of this type is itself the
// protocol if no next header follows: mobility (RFC 6275), HIP (RFC 7401), Shim6
// (RFC 5533).
func isProtocolIfLast(next uint8) bool {
	return next == protoMobility || next == protoHIP || next == protoShim6
}

// extensionLen returns the length in octets of the extension header at the start
// of b. The length field counts 8-octet units after the first 8 octets, except in
// AH (RFC 4302), which counts 4-octet units, and in the fragment header, which
// always has 8 octets.
func extensionLen(next uint8, b []byte) int {
	switch next {
	case uint8(flow.AH):
		return (int(b[1]) + 2) * 4
	case protoFragment:
		return 8
	}
	return (int(b[1]) + 1) * 8
}
