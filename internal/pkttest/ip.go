package pkttest

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"weir/flow"
)

// noNext is the protocol of an IP header without an inner header.
const noNext flow.Proto = 59 // IPv6-NoNxt, RFC 8200 section 4.7

// ipHeader is an IPv4 or IPv6 header.
type ipHeader interface {
	addrs() (src, dst netip.Addr)
	withTTL(v uint8) layer
	withTotalLen(n int) layer
}

// protoTyped is a header with a Protocol or Next Header field.
type protoTyped interface {
	withProto(v flow.Proto) layer
}

// IP adds an IPv4 or IPv6 header, depending on the family of src and dst.
func (p Packet) IP(src, dst netip.Addr) Packet {
	if src.Is4() != dst.Is4() {
		panic(fmt.Sprintf("pkttest: %v and %v are of different families", src, dst))
	}
	if src.Is4() {
		return p.add(ipv4{src: src, dst: dst, ttl: 64, id: 1})
	}
	return p.add(ipv6{src: src, dst: dst, hops: 64})
}

// IPv4 adds an IPv4 header with TTL 64 and Identification 1.
func (p Packet) IPv4(src, dst string) Packet { return p.IP(mustAddr(src, true), mustAddr(dst, true)) }

// IPv6 adds an IPv6 header with Hop Limit 64.
func (p Packet) IPv6(src, dst string) Packet { return p.IP(mustAddr(src, false), mustAddr(dst, false)) }

func mustAddr(s string, is4 bool) netip.Addr {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Is4() != is4 {
		family := "IPv6"
		if is4 {
			family = "IPv4"
		}
		panic(fmt.Sprintf("pkttest: invalid %s address %q", family, s))
	}
	return a
}

// TTL sets the Time to Live or Hop Limit.
func (p Packet) TTL(v uint8) Packet {
	return set(p, "TTL", func(l ipHeader) layer { return l.withTTL(v) })
}

// TotalLen overrides the length of the IP packet: IPv4 Total Length, or IPv6
// Payload Length + 40.
func (p Packet) TotalLen(n int) Packet {
	return set(p, "TotalLen", func(l ipHeader) layer { return l.withTotalLen(n) })
}

// Proto overrides the Protocol or Next Header field of the innermost IP or
// extension header.
func (p Packet) Proto(v flow.Proto) Packet {
	return set(p, "Proto", func(l protoTyped) layer { return l.withProto(v) })
}

// IPID sets the IPv4 Identification.
func (p Packet) IPID(v uint16) Packet {
	return set(p, "IPID", func(l ipv4) layer { l.id = v; return l })
}

// Bits of the IPv4 fragmentation field.
const (
	dontFragment  = 0x4000
	moreFragments = 0x2000
)

// DF sets the Don't Fragment flag of IPv4.
func (p Packet) DF() Packet {
	return set(p, "DF", func(l ipv4) layer { l.frag |= dontFragment; return l })
}

// MF sets the More Fragments flag of IPv4.
func (p Packet) MF() Packet {
	return set(p, "MF", func(l ipv4) layer { l.frag |= moreFragments; return l })
}

// Offset sets the IPv4 fragment offset in units of 8 bytes.
func (p Packet) Offset(units uint16) Packet {
	return set(p, "Offset", func(l ipv4) layer { l.frag = l.frag&0xe000 | units&0x1fff; return l })
}

// HeaderLen overrides the innermost header length field (IPv4 IHL or TCP data
// offset), in units of 4 bytes.
func (p Packet) HeaderLen(units uint8) Packet {
	return set(p, "HeaderLen", func(l sized) layer { return l.withHeaderLen(units) })
}

// Options sets the options of the innermost IPv4, TCP or Geneve header, padded
// with zeros to a multiple of 4 bytes.
func (p Packet) Options(b ...byte) Packet {
	return set(p, "Options", func(l optioned) layer { return l.withOptions(padTo(b, 4)) })
}

type sized interface{ withHeaderLen(units uint8) layer }

type optioned interface{ withOptions(b []byte) layer }

func padTo(b []byte, n int) []byte {
	return append(b[:len(b):len(b)], make([]byte, (n-len(b)%n)%n)...)
}

// ipv4 is an IPv4 header (RFC 791).
type ipv4 struct {
	src, dst netip.Addr
	ttl      uint8
	id       uint16
	frag     uint16 // flags and fragment offset
	options  []byte
	total    optional[uint16]
	ihl      optional[uint8]
	proto    optional[flow.Proto]
	sum      optional[uint16]
}

func (l ipv4) encode(at position, body []byte) []byte {
	size := 20 + len(l.options)
	b := make([]byte, size, size+len(body))
	b[0] = 4<<4 | l.ihl.or(uint8(size/4))&0x0f
	binary.BigEndian.PutUint16(b[2:], l.total.or(uint16(size+len(body))))
	binary.BigEndian.PutUint16(b[4:], l.id)
	binary.BigEndian.PutUint16(b[6:], l.frag)
	b[8], b[9] = l.ttl, uint8(l.proto.or(at.next().proto.or(noNext)))
	copy(b[12:], l.src.AsSlice())
	copy(b[16:], l.dst.AsSlice())
	copy(b[20:], l.options)
	binary.BigEndian.PutUint16(b[10:], l.sum.or(checksum(0, b)))
	return append(b, body...)
}

func (l ipv4) ids() ids                     { return ids{etherIPv4, some(flow.IPIP)} }
func (l ipv4) addrs() (src, dst netip.Addr) { return l.src, l.dst }
func (l ipv4) withTTL(v uint8) layer        { l.ttl = v; return l }
func (l ipv4) withTotalLen(n int) layer     { l.total = some(uint16(n)); return l }
func (l ipv4) withHeaderLen(v uint8) layer  { l.ihl = some(v); return l }
func (l ipv4) withProto(v flow.Proto) layer { l.proto = some(v); return l }
func (l ipv4) withOptions(b []byte) layer   { l.options = b; return l }
func (l ipv4) withChecksum(v uint16) layer  { l.sum = some(v); return l }

// ipv6 is an IPv6 header (RFC 8200).
type ipv6 struct {
	src, dst netip.Addr
	hops     uint8
	payload  optional[uint16]
	next     optional[flow.Proto]
}

func (l ipv6) encode(at position, body []byte) []byte {
	b := make([]byte, 40, 40+len(body))
	b[0] = 6 << 4
	binary.BigEndian.PutUint16(b[4:], l.payload.or(uint16(len(body))))
	b[6], b[7] = uint8(l.next.or(at.next().proto.or(noNext))), l.hops
	copy(b[8:], l.src.AsSlice())
	copy(b[24:], l.dst.AsSlice())
	return append(b, body...)
}

func (l ipv6) ids() ids                     { return ids{etherIPv6, some(flow.IPv6)} }
func (l ipv6) addrs() (src, dst netip.Addr) { return l.src, l.dst }
func (l ipv6) withTTL(v uint8) layer        { l.hops = v; return l }
func (l ipv6) withTotalLen(n int) layer     { l.payload = some(uint16(n - 40)); return l }
func (l ipv6) withProto(v flow.Proto) layer { l.next = some(v); return l }

// extension is an IPv6 extension header of 8 bytes.
type extension struct {
	proto flow.Proto
	tail  [7]byte // everything after the Next Header field
	next  optional[flow.Proto]
}

// The extension headers of RFC 8200.
const (
	hopByHop flow.Proto = 0
	routing  flow.Proto = 43
	fragment flow.Proto = 44
	destOpts flow.Proto = 60
)

// padN is a PadN option that fills the 6 bytes after Next Header and length.
var padN = [7]byte{1: 1, 2: 4}

// HopByHop adds a hop-by-hop options header of 8 bytes, all padding.
func (p Packet) HopByHop() Packet { return p.add(extension{proto: hopByHop, tail: padN}) }

// DestOpts adds a destination options header of 8 bytes, all padding.
func (p Packet) DestOpts() Packet { return p.add(extension{proto: destOpts, tail: padN}) }

// Routing adds a type 0 routing header with no segments left, which every node
// ignores (RFC 5095).
func (p Packet) Routing() Packet { return p.add(extension{proto: routing}) }

// Fragment adds a fragment header. The offset is in units of 8 bytes; more is the
// More Fragments flag.
func (p Packet) Fragment(id uint32, offset uint16, more bool) Packet {
	var tail [7]byte
	field := offset << 3
	if more {
		field |= 1
	}
	binary.BigEndian.PutUint16(tail[1:], field)
	binary.BigEndian.PutUint32(tail[3:], id)
	return p.add(extension{proto: fragment, tail: tail})
}

func (l extension) encode(at position, body []byte) []byte {
	b := append([]byte{uint8(l.next.or(at.next().proto.or(noNext)))}, l.tail[:]...)
	return append(b, body...)
}

func (l extension) ids() ids                     { return ids{proto: some(l.proto)} }
func (l extension) withProto(v flow.Proto) layer { l.next = some(v); return l }
