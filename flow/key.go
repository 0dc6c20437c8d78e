package flow

import (
	"encoding/binary"
	"net/netip"
)

// Addr is an IP address in 16 bytes, network byte order; IPv4 is mapped to
// ::ffff:a.b.c.d. Unlike [netip.Addr] it contains no pointer, so the garbage
// collector does not scan a table of keys.
type Addr [16]byte

// Addr4 returns the IPv4 address b.
func Addr4(b [4]byte) Addr {
	return Addr{10: 0xff, 11: 0xff, 12: b[0], 13: b[1], 14: b[2], 15: b[3]}
}

// AddrFrom converts a valid address, dropping its zone.
func AddrFrom(a netip.Addr) Addr { return a.As16() }

// Netip converts the address; a 4-in-6 address becomes IPv4.
func (a Addr) Netip() netip.Addr { return netip.AddrFrom16(a).Unmap() }

// less compares addresses as 128-bit numbers.
func (a *Addr) less(b *Addr) bool {
	ah, bh := binary.BigEndian.Uint64(a[:8]), binary.BigEndian.Uint64(b[:8])
	if ah != bh {
		return ah < bh
	}
	return binary.BigEndian.Uint64(a[8:]) < binary.BigEndian.Uint64(b[8:])
}

// VLANs holds the 802.1Q VLAN ids of a frame, outer tag first; zero means no
// tag. Only the two outermost tags are kept.
type VLANs [2]uint16

// Tunnel is the innermost encapsulation of a flow.
type Tunnel struct {
	ID   uint32     // VNI, GRE key or ERSPAN session; 0 if the encapsulation has none
	Kind TunnelKind // NoTunnel: not encapsulated
}

// Key identifies a flow at one observation point. Both directions share one key:
// A is the numerically smaller endpoint, by address, then by port. Key is flat,
// comparable, free of pointers and 52 bytes long.
//
// TCP, UDP, UDP-Lite, SCTP and DCCP set the ports. For ICMP requests and replies
// both ports hold the identifier, so that a request and its reply share a key;
// for other ICMP messages they hold type<<8 | code. For other protocols, and for
// fragments whose first fragment is unknown, ports are 0.
type Key struct {
	A, B         Addr
	PortA, PortB uint16
	VLAN         VLANs
	Tunnel       Tunnel
	Interface    uint16 // index of the observation point within its source
	Proto        Proto
	ICMPClass    uint8 // for ICMP requests and replies the request type, with RequestFromB; else 0. Separates echo from timestamp
}

// RequestFromB is the bit of ICMPClass that is set if Key.B sent the request. No
// request type uses this bit, and it is clear if A and B are the same host.
const RequestFromB = 0x40

// Canonical orders the endpoints of k and reports whether it swapped them. Call
// it once, on a key with A = sender and B = receiver.
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
