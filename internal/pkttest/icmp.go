package pkttest

import (
	"encoding/binary"

	"weir/flow"
)

// icmp is an ICMP (RFC 792) or ICMPv6 (RFC 4443) header of 8 octets.
type icmp struct {
	proto flow.Proto
	typ   flow.ICMPType
	rest  uint32 // octets 4 to 7
	sum   lie[uint16]
}

// ICMP adds an ICMP message, or an ICMPv6 one inside IPv6, with octets 4 to 7
// zero.
func (p Packet) ICMP(typ, code uint8) Packet {
	return p.add(icmp{proto: p.icmpProto(), typ: flow.ICMPType{Type: typ, Code: code}})
}

// icmpProto is the ICMP that belongs into p's innermost IP header.
func (p Packet) icmpProto() flow.Proto {
	for i := len(p.layers) - 1; i >= 0; i-- {
		if _, ok := p.layers[i].(ipv6); ok {
			return flow.ICMPv6
		}
		if _, ok := p.layers[i].(ipv4); ok {
			break
		}
	}
	return flow.ICMP
}

// Rest sets octets 4 to 7 of the ICMP header: identifier and sequence number,
// MTU, pointer.
func (p Packet) Rest(v uint32) Packet {
	return set(p, "Rest", func(l icmp) layer { l.rest = v; return l })
}

// Ping adds an echo request.
func (p Packet) Ping(id, seq uint16) Packet {
	typ := uint8(8)
	if p.icmpProto() == flow.ICMPv6 {
		typ = 128
	}
	return p.ICMP(typ, 0).Rest(uint32(id)<<16 | uint32(seq))
}

// Pong adds an echo reply.
func (p Packet) Pong(id, seq uint16) Packet {
	typ := uint8(0)
	if p.icmpProto() == flow.ICMPv6 {
		typ = 129
	}
	return p.ICMP(typ, 0).Rest(uint32(id)<<16 | uint32(seq))
}

// Quote adds the octets that an ICMP error quotes of the packet orig: its
// outermost IP header and at most n octets behind it. 8 is what RFC 792 asks
// for; many routers quote more.
func (p Packet) Quote(orig Packet, n int) Packet {
	for i, l := range orig.layers {
		if _, ok := l.(ipHeader); !ok {
			continue
		}
		b := orig.bytesFrom(i)
		header := len(b) - len(orig.bytesFrom(i+1))
		return p.Data(b[:min(len(b), header+n)]...)
	}
	panic("pkttest: the quoted packet has no IP header")
}

func (l icmp) wrap(at place, body []byte) []byte {
	b := make([]byte, 8, 8+len(body))
	b[0], b[1] = l.typ.Type, l.typ.Code
	binary.BigEndian.PutUint32(b[4:], l.rest)
	b = append(b, body...)
	var sum uint32
	if l.proto == flow.ICMPv6 {
		sum = pseudo(at.outer, l.proto, len(b))
	}
	binary.BigEndian.PutUint16(b[2:], l.sum.or(checksum(sum, b)))
	return b
}

func (l icmp) names() names                { return names{proto: tell(l.proto)} }
func (l icmp) withChecksum(v uint16) layer { l.sum = tell(v); return l }
