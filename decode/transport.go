package decode

import "weir/flow"

// transport reads the header above IP and sets the endpoints of the key. b holds
// the captured octets of the IP payload, without padding; size is its length by the
// IP header.
func (w *walk) transport(p *Packet, b []byte, size int) Reason {
	proto := p.Key.Proto
	later := p.Fragment && !p.FirstFrag // has no header
	switch {
	case later:
	case proto == flow.TCP || proto.HasPorts():
		if len(b) >= 4 {
			w.endpoints[0].port, w.endpoints[1].port = be16(b), be16(b[2:])
			p.HasPorts = true
		}
	case proto.IsICMP():
		p.Payload = payload(size, 8)
		p.Check = field(b, 2)
		return w.icmp(p, b)
	}
	p.FromB = setEndpoints(&p.Key, w.endpoints[0], w.endpoints[1])
	if later {
		p.Payload = uint32(size)
		return OK
	}
	switch proto {
	case flow.TCP:
		return p.tcp(b, size)
	case flow.UDP:
		return w.udp(p, b, size)
	case flow.SCTP, flow.UDPLite, protoDCCP:
		if !p.HasPorts {
			return TruncatedTransport
		}
		p.Payload = payload(size, headerLen(proto, b))
		p.Check = field(b, 6)
		if proto == flow.SCTP {
			p.Check = field(b, 8) ^ field(b, 10)
		}
		if proto == flow.SCTP && len(b) > sctpLen {
			p.Chunk = Chunk(b[sctpLen]) // the header ends with tag and checksum, the chunk begins with its type
		}
	case flow.IPIP, flow.IPv6, flow.GRE, protoEtherIP, protoEthernet, protoMPLS:
		p.Payload = uint32(size)
		return w.ipTunnel(proto, b, size)
	default:
		p.Payload = uint32(size)
	}
	return OK
}

// field returns the 16-bit field at offset at, 0 if it was not captured.
func field(b []byte, at int) uint16 {
	if len(b) < at+2 {
		return 0
	}
	return be16(b[at:])
}

// payload returns the length of a payload of size octets without its header.
func payload(size, header int) uint32 { return uint32(max(size-header, 0)) }

// headerLen returns the length of an SCTP (RFC 9260, section 3.1), UDP-Lite (RFC 3828) or DCCP header
// (RFC 4340, section 5.1).
func headerLen(proto flow.Proto, b []byte) int {
	switch {
	case proto == flow.SCTP:
		return sctpLen
	case proto == flow.UDPLite:
		return udpLen
	case len(b) > 4:
		return 4 * int(b[4])
	}
	return 12
}

// tcp reads a TCP header (RFC 9293) from its ports to its control bits:
//
//	0  source port    2  destination port   4  sequence number
//	8  acknowledgment number   12  header length   13  control bits
//
// Of a header that does not fit in its packet only the ports are kept: they
// identify the flow, but a receiver would discard the segment.
func (p *Packet) tcp(b []byte, size int) Reason {
	if size < 20 && !p.Fragment {
		return BadTCP
	}
	if len(b) < 14 {
		return TruncatedTransport
	}
	hdr := int(b[12]>>4) * 4
	if hdr < 20 || hdr > size && !p.Fragment {
		return BadTCP
	}
	p.HasTCP = true
	p.Seq, p.Ack = be32(b[4:]), be32(b[8:])
	p.Flags = flow.Flags(b[13])
	p.Payload = payload(size, hdr)
	p.Check = field(b, 16)
	p.ZeroWindow = len(b) >= 16 && be16(b[14:]) == 0 && p.Flags&(flow.SYN|flow.FIN|flow.RST) == 0
	return OK
}

// udp reads the rest of a UDP header (RFC 768) after its ports: length (2 octets),
// checksum (2). In a jumbogram the length is 0 (RFC 2675, section 4).
func (w *walk) udp(p *Packet, b []byte, size int) Reason {
	if len(b) < 8 {
		if size < 8 && !p.Fragment {
			return BadUDP
		}
		return TruncatedTransport
	}
	n := int(be16(b[4:]))
	if n == 0 && size > 0xffff {
		n = size
	}
	if n < 8 || n > size && !p.Fragment {
		return BadUDP
	}
	p.Payload = payload(min(n, size), udpLen)
	p.Check = be16(b[6:])
	b = b[8:min(n, len(b))]
	if w.opts.OuterOnly || !maybeTunnel(w.endpoints[0].port, w.endpoints[1].port, b) {
		return OK
	}
	return w.udpTunnel(w.endpoints[0].port, w.endpoints[1].port, b, n-8)
}
