package decode

import "weir/flow"

// transport reads the header above IP and seals the key. b holds its captured
// octets, without padding; size is how many the IP header gives it.
func (w *walk) transport(p *Packet, b []byte, size int) Reason {
	proto := p.Key.Proto
	later := p.Fragment && !p.FirstFrag // has no header
	switch {
	case later:
	case proto == flow.TCP || proto.HasPorts():
		if len(b) >= 4 {
			w.end[0].port, w.end[1].port = be16(b), be16(b[2:])
			p.HasPorts = true
		}
	case proto.IsICMP():
		return w.icmp(p, b)
	}
	p.FromB = seal(&p.Key, w.end[0], w.end[1])
	if later {
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
	case flow.IPIP, flow.IPv6, flow.GRE, protoEtherIP, protoEthernet, protoMPLS:
		return w.ipTunnel(proto, b, size)
	}
	return OK
}

// tcp reads a TCP header (RFC 9293) from its ports to its control bits:
//
//	0  source port    2  destination port   4  sequence number
//	8  acknowledgment number   12  header length   13  control bits
//
// A header that its packet has no room for keeps its ports and nothing else:
// the flow is named, but nobody would accept the segment.
func (p *Packet) tcp(b []byte, size int) Reason {
	if size < 20 && !p.Fragment {
		return BadTCP
	}
	if len(b) < 14 {
		return TruncatedTransport
	}
	if hdr := int(b[12]>>4) * 4; hdr < 20 || hdr > size && !p.Fragment {
		return BadTCP
	}
	p.HasTCP = true
	p.Seq, p.Ack = be32(b[4:]), be32(b[8:])
	p.Flags = flow.Flags(b[13])
	return OK
}

// udp reads what a UDP header (RFC 768) has behind its ports: length (2 octets),
// checksum (2). A jumbogram's length is 0 (RFC 2675, section 4).
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
	b = b[8:min(n, len(b))]
	if w.opts.OuterOnly || !mayBeTunnel(w.end[0].port, w.end[1].port, b) {
		return OK
	}
	return w.udpTunnel(w.end[0].port, w.end[1].port, b, n-8)
}
