package flow

import (
	"encoding/binary"
	"net/netip"
)

// Addr is an IP address as 16 bytes in network order, an IPv4 address in the
// form ::ffff:a.b.c.d. It is comparable and holds no pointer, which
// [netip.Addr] can't say of itself.
type Addr [16]byte

// Addr4 makes an Addr of the four bytes of an IPv4 address.
func Addr4(b [4]byte) Addr {
	return Addr{10: 0xff, 11: 0xff, 12: b[0], 13: b[1], 14: b[2], 15: b[3]}
}

// AddrFrom makes an Addr of any valid address. A zone is dropped.
func AddrFrom(a netip.Addr) Addr { return a.As16() }

// Netip returns the address; the 4-in-6 form comes out as IPv4.
func (a Addr) Netip() netip.Addr { return netip.AddrFrom16(a).Unmap() }

// less orders addresses as 128-bit numbers.
func (a *Addr) less(b *Addr) bool {
	ah, bh := binary.BigEndian.Uint64(a[:8]), binary.BigEndian.Uint64(b[:8])
	if ah != bh {
		return ah < bh
	}
	return binary.BigEndian.Uint64(a[8:]) < binary.BigEndian.Uint64(b[8:])
}

// VLANs are the 802.1Q VLAN ids of a frame, outer tag first; zero where there
// is no tag. Deeper tags than two are not kept.
type VLANs [2]uint16

// Tunnel is the encapsulation that a flow travelled in.
type Tunnel struct {
	ID   uint32     // VNI, GRE key or ERSPAN session; 0 where the encapsulation has none
	Kind TunnelKind // NoTunnel: not encapsulated
}

// Key identifies a flow at one observation point. It is the same for both
// directions: A is the numerically smaller endpoint, by address and then by
// port. Key is flat, 52 bytes, comparable and free of pointers.
//
// Ports are those of TCP, UDP, UDP-Lite, SCTP and DCCP. For ICMP echo and the
// other request/reply pairs both ports hold the identifier, so that a request
// and its reply share a key; for other ICMP they hold type<<8 | code. All other
// protocols and fragments without a known first fragment have ports 0.
type Key struct {
	A, B         Addr
	PortA, PortB uint16
	VLAN         VLANs
	Tunnel       Tunnel
	Interface    uint16 // index of the observation point within its source
	Proto        Proto
	ICMPClass    uint8 // request type for ICMP requests and replies, and AskedByB, else 0: keeps echo and timestamp apart
}

// AskedByB is the bit of ICMPClass that says who asks: the request was sent by
// Key.B. It is part of no request's type, and not set where A and B are one
// host.
const AskedByB = 0x40

// Canonical puts the endpoints of k in order and reports whether it had to
// exchange them. Call it once, on a key with A = sender and B = receiver.
func (k *Key) Canonical() (swapped bool) {
	if k.A == k.B {
		swapped = k.PortB < k.PortA
	} else {
		swapped = k.B.less(&k.A)
	}
	if swapped {
		k.A, k.B = k.B, k.A
		k.PortA, k.PortB = k.PortB, k.PortA
	}
	return swapped
}
