package decode

import "weir/flow"

// transport reads the header above IP. b holds its captured octets, without
// padding; size is how many the IP header gives it. Every way out seals the key.
func (w *walk) transport(p *Packet, b []byte, size int) Reason {
	if p.Fragment && !p.FirstFrag {
		p.FromB = w.seal(&p.Key)
		return OK
	}
	switch p.Key.Proto {
	case flow.TCP:
		return w.tcp(p, b, size)
	case flow.UDP:
		return w.udp(p, b, size)
	case flow.ICMP, flow.ICMPv6:
		return w.icmp(p, b)
	case flow.SCTP, flow.UDPLite, protoDCCP:
		return w.ports(p, b)
	}
	p.FromB = w.seal(&p.Key)
	switch p.Key.Proto {
	case flow.IPIP, flow.IPv6, flow.GRE, protoEtherIP:
		return w.ipTunnel(p.Key.Proto, b, size)
	}
	return OK
}

// ports reads the first four octets of a transport header, source and
// destination port, and seals the key.
func (w *walk) ports(p *Packet, b []byte) Reason {
	if len(b) < 4 {
		p.FromB = w.seal(&p.Key)
		return TruncatedTransport
	}
	w.end[0].port, w.end[1].port = be16(b), be16(b[2:])
	p.HasPorts = true
	p.FromB = w.seal(&p.Key)
	return OK
}

// tcp reads a TCP header (RFC 9293) up to its control bits:
//
//	0  source port    2  destination port   4  sequence number
//	8  acknowledgment number   12  header length   13  control bits
//
// A header that its packet has no room for keeps its ports and nothing else:
// the flow is named, but nobody would accept the segment.
func (w *walk) tcp(p *Packet, b []byte, size int) Reason {
	why := w.ports(p, b)
	if size < 20 && !p.Fragment {
		return BadTCP
	}
	if len(b) < 14 || why != OK {
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

// udp reads a UDP header (RFC 768): source port, destination port, length,
// checksum. A jumbogram's length is 0 (RFC 2675, section 4).
func (w *walk) udp(p *Packet, b []byte, size int) Reason {
	if why := w.ports(p, b); why != OK || len(b) < 8 {
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
	if w.opts.OuterOnly {
		return OK
	}
	return w.udpTunnel(w.end[0].port, w.end[1].port, b[8:min(n, len(b))], n-8)
}
