package decode

import "weir/flow"

// icmp reads an ICMP (RFC 792) or ICMPv6 (RFC 4443) header: type, code,
// checksum (2 octets), and for many types an identifier (2).
func (w *walk) icmp(p *Packet, b []byte) Reason {
	if len(b) < 2 {
		p.FromB = setEndpoints(&p.Key, w.endpoints[0], w.endpoints[1])
		return TruncatedTransport
	}
	p.HasICMP = true
	p.ICMP = flow.ICMPType{Type: b[0], Code: b[1]}
	m := classify(p.Key.Proto, b[0])
	p.Request, p.Reply = m.class != 0 && !m.reply, m.reply
	id, ok := w.icmpPorts(&p.Key, m, b)
	p.FromB = w.setICMPEndpoints(&p.Key, m)
	if !ok {
		return TruncatedTransport
	}
	p.HasPorts, p.ICMPID = true, id
	if p.ICMP.IsError(p.Key.Proto) {
		return w.quote(&p.Key, b)
	}
	return OK
}

// icmpPorts sets the ports and the class of an ICMP message in the key: the
// identifier, or type and code, in place of ports. b has at least type and code.
// It returns the identifier, and false if that is truncated.
func (w *walk) icmpPorts(k *flow.Key, m message, b []byte) (id uint16, ok bool) {
	k.ICMPClass = m.class
	port := be16(b) // type<<8 | code
	if m.class != 0 {
		if m.hasID {
			if len(b) < 6 {
				return 0, false
			}
			id = be16(b[4:])
		}
		port = id
	}
	w.endpoints[0].port, w.endpoints[1].port = port, port
	return id, true
}

// setICMPEndpoints is setEndpoints for ICMP: it also records which side asks.
// Two hosts that ping each other with the same identifier (Windows always uses 1)
// have two flows.
func (w *walk) setICMPEndpoints(k *flow.Key, m message) (fromB bool) {
	fromB = setEndpoints(k, w.endpoints[0], w.endpoints[1])
	if m.class != 0 && fromB != m.reply && k.A != k.B {
		k.ICMPClass |= flow.RequestFromB
	}
	return fromB
}

// message is the role of an ICMP type in a request-reply exchange.
type message struct {
	class uint8 // type of the request, for a request or a reply; 0 for other types
	reply bool
	hasID bool // octets 4 and 5 are an identifier shared by request and reply
}

// classify pairs replies with requests (IANA "ICMP Type Numbers", "ICMPv6 type
// Numbers").
func classify(proto flow.Proto, typ uint8) message {
	if proto == flow.ICMP {
		switch typ {
		case 8, 13, 15, 17, 42: // echo, timestamp, information, address mask, extended echo (RFC 8335)
			return message{class: typ, hasID: true}
		case 0:
			return message{class: 8, reply: true, hasID: true}
		case 14, 16, 18, 43:
			return message{class: typ - 1, reply: true, hasID: true}
		case 10: // router solicitation
			return message{class: typ}
		case 9:
			return message{class: 10, reply: true}
		}
		return message{}
	}
	switch typ {
	case 128, 144, 146, 160: // echo, home agent discovery, mobile prefix (RFC 6275), extended echo
		return message{class: typ, hasID: true}
	case 129, 145, 147, 161:
		return message{class: typ - 1, reply: true, hasID: true}
	case 130, 133, 135, 139: // listener query, router and neighbor solicitation, node information (RFC 4620)
		return message{class: typ}
	case 131, 134, 136, 140:
		return message{class: typ - 1, reply: true}
	}
	return message{}
}

// quote reads the packet quoted by the ICMP error b after its 8-octet header, for
// the key of the flow that the error concerns. An error quotes at least the IP
// header and 8 octets of the transport header (RFC 792, RFC 4443). The quoted
// packet took the same path as the error, so its VLAN, tunnel and interface are
// those of outer.
func (w *walk) quote(outer *flow.Key, b []byte) Reason {
	if len(b) <= 8 {
		return TruncatedQuote
	}
	b = b[8:]
	k := &w.r.Quoted
	*k = flow.Key{VLAN: outer.VLAN, Tunnel: outer.Tunnel, Interface: outer.Interface}
	why := BadQuote
	switch version := b[0] >> 4; {
	case version == 4 && outer.Proto == flow.ICMP:
		b, why = w.quoteIPv4(k, b)
	case version == 6 && outer.Proto == flow.ICMPv6:
		b, why = w.quoteIPv6(k, b)
	}
	var m message
	if why == OK {
		m, why = w.quotePorts(k, b)
	}
	if why == OK {
		w.r.QuotedFromB = w.setICMPEndpoints(k, m)
		w.r.HasQuoted = true
	}
	return why
}

// quoteIPv4 reads a quoted IPv4 header and returns the octets after it. It
// ignores the total length: some hosts quote it in their own byte order.
func (w *walk) quoteIPv4(k *flow.Key, b []byte) ([]byte, Reason) {
	if len(b) < 20 {
		return nil, TruncatedQuote
	}
	hdr := int(b[0]&0x0f) * 4
	switch {
	case hdr < 20:
		return nil, BadQuote
	case len(b) < hdr:
		return nil, TruncatedQuote
	}
	w.endpoints[0] = endpoint{lo: ipv4Mapped | uint64(be32(b[12:]))}
	w.endpoints[1] = endpoint{lo: ipv4Mapped | uint64(be32(b[16:]))}
	k.Proto = flow.Proto(b[9])
	if be16(b[6:])&0x1fff != 0 { // not the first fragment: no transport header
		return nil, OK
	}
	return b[hdr:], OK
}

// quoteIPv6 is quoteIPv4 for IPv6.
func (w *walk) quoteIPv6(k *flow.Key, b []byte) ([]byte, Reason) {
	if len(b) < 40 {
		return nil, TruncatedQuote
	}
	w.endpoints[0] = endpoint{hi: be64(b[8:]), lo: be64(b[16:])}
	w.endpoints[1] = endpoint{hi: be64(b[24:]), lo: be64(b[32:])}
	body := b[40:]
	c := extensions(b[6], body, 0xffff)
	k.Proto = c.proto
	switch {
	case c.why != OK:
		return nil, TruncatedQuote
	case c.fragment && !c.first:
		return nil, OK
	}
	return body[c.len:], OK
}

// quotePorts reads the ports of a quoted packet, or what ICMP has in their place.
// Without them, as in a quoted later fragment, the flow is unknown.
func (w *walk) quotePorts(k *flow.Key, b []byte) (m message, why Reason) {
	switch {
	case k.Proto.HasPorts():
		if len(b) < 4 {
			return m, TruncatedQuote
		}
		w.endpoints[0].port, w.endpoints[1].port = be16(b), be16(b[2:])
	case k.Proto.IsICMP():
		if len(b) < 2 {
			return m, TruncatedQuote
		}
		m = classify(k.Proto, b[0])
		if _, ok := w.icmpPorts(k, m, b); !ok {
			return m, TruncatedQuote
		}
	}
	return m, OK
}
