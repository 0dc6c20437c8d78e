package pkttest

import (
	"encoding/binary"

	"weir/flow"
)

// icmp is an ICMP (RFC 792) or ICMPv6 (RFC 4443) header of 8 bytes.
type icmp struct {
	proto flow.Proto
	typ   flow.ICMPType
	rest  uint32 // bytes 4 to 7
	sum   optional[uint16]
}

// ICMP adds an ICMP message, or an ICMPv6 message inside IPv6, with zeros in bytes
// 4 to 7.
func (p Packet) ICMP(typ, code uint8) Packet {
	return p.add(icmp{proto: p.icmpProto(), typ: flow.ICMPType{Type: typ, Code: code}})
}

// icmpProto returns ICMP or ICMPv6, depending on the innermost IP header of p.
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

// Rest sets bytes 4 to 7 of the ICMP header: identifier and sequence number, MTU
// or pointer.
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

// Quote adds the part of the packet orig that an ICMP error quotes: its outermost
// IP header and at most n bytes after it. RFC 792 requires 8; many routers quote
// more.
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

func (l icmp) encode(at position, body []byte) []byte {
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

func (l icmp) ids() ids                    { return ids{proto: some(l.proto)} }
func (l icmp) withChecksum(v uint16) layer { l.sum = some(v); return l }
