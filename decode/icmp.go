package decode

import "weir/flow"

// icmp reads an ICMP (RFC 792) or ICMPv6 (RFC 4443) header: type, code,
// checksum (2 octets), and for many an identifier (2).
func (w *walk) icmp(p *Packet, b []byte) Reason {
	if len(b) < 2 {
		p.FromB = seal(&p.Key, w.end[0], w.end[1])
		return TruncatedTransport
	}
	p.HasICMP = true
	p.ICMP = flow.ICMPType{Type: b[0], Code: b[1]}
	m := classify(p.Key.Proto, b[0])
	p.Request, p.Reply = m.class != 0 && !m.reply, m.reply
	id, ok := w.icmpPorts(&p.Key, m, b)
	p.FromB = w.sealICMP(&p.Key, m)
	if !ok {
		return TruncatedTransport
	}
	p.HasPorts, p.ICMPID = true, id
	if p.ICMP.IsError(p.Key.Proto) {
		return w.quote(&p.Key, b)
	}
	return OK
}

// icmpPorts puts into the key what stands in for ports in the ICMP message b,
// of which the type and the code are there. It returns the identifier, and false if
// that was cut.
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
	w.end[0].port, w.end[1].port = port, port
	return id, true
}

// sealICMP seals k and notes which side asks. Two hosts that ping each other
// with one identifier, as Windows hosts do with 1, have two conversations.
func (w *walk) sealICMP(k *flow.Key, m message) (fromB bool) {
	fromB = seal(k, w.end[0], w.end[1])
	if m.class != 0 && fromB != m.reply && k.A != k.B {
		k.ICMPClass |= flow.AskedByB
	}
	return fromB
}

// message is what an ICMP type says about its place in a conversation.
type message struct {
	class uint8 // type of the request, for a request or a reply; 0 for all others
	reply bool
	hasID bool // octets 4 and 5 are an identifier that request and reply share
}

// classify pairs replies with requests. IANA "ICMP Type Numbers" and "ICMPv6
// type Numbers".
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

// quote reads the packet that the ICMP error b quotes behind its header of 8
// octets, for the key of the flow that the error is about. At least the IP
// header and 8 octets of the transport header are there (RFC 792, RFC 4443).
// The quoted packet went the way of the error, so VLAN, tunnel and interface
// are those of outer.
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
		w.r.QuotedFromB = w.sealICMP(k, m)
		w.r.HasQuoted = true
	}
	return why
}

// quoteIPv4 reads a quoted IPv4 header and returns what follows it. Its length
// field is not looked at: some hosts quote it in their own byte order.
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
	w.end[0] = endpoint{lo: mapped | uint64(be32(b[12:]))}
	w.end[1] = endpoint{lo: mapped | uint64(be32(b[16:]))}
	k.Proto = flow.Proto(b[9])
	if be16(b[6:])&0x1fff != 0 { // not the first fragment: no transport header
		return nil, OK
	}
	return b[hdr:], OK
}

// quoteIPv6 does the same for IPv6.
func (w *walk) quoteIPv6(k *flow.Key, b []byte) ([]byte, Reason) {
	if len(b) < 40 {
		return nil, TruncatedQuote
	}
	w.end[0] = endpoint{hi: be64(b[8:]), lo: be64(b[16:])}
	w.end[1] = endpoint{hi: be64(b[24:]), lo: be64(b[32:])}
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

// quotePorts reads the ports, or what ICMP has in their place, of a quoted
// packet. Without them, as in a quoted later fragment, the flow can't be told.
func (w *walk) quotePorts(k *flow.Key, b []byte) (m message, why Reason) {
	switch {
	case k.Proto.HasPorts():
		if len(b) < 4 {
			return m, TruncatedQuote
		}
		w.end[0].port, w.end[1].port = be16(b), be16(b[2:])
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
