package decode

import (
	"encoding/binary"
	"math/bits"
)

// sll reads the header of the Linux "any" device, version 1: packet type (2
// octets), ARPHRD type (2), address length (2), address (8), protocol (2).
func (w *walk) sll(b []byte, wire int) Reason {
	if len(b) < 16 {
		return TruncatedLink
	}
	w.broadcast = be16(b) == sllBroadcast
	return w.sllProtocol(be16(b[2:]), be16(b[14:]), b[16:], wire-16)
}

// sll2 reads version 2 of that header: protocol (2 octets), reserved (2),
// interface index (4), ARPHRD type (2), packet type (1), address length (1),
// address (8).
func (w *walk) sll2(b []byte, wire int) Reason {
	if len(b) < 20 {
		return TruncatedLink
	}
	w.broadcast = b[10] == sllBroadcast
	return w.sllProtocol(be16(b[8:]), be16(b), b[20:], wire-20)
}

// Values in a Linux "any" header (tcpdump.org, LINKTYPE_LINUX_SLL).
const (
	sllBroadcast = 1      // packet type: broadcast by another host
	sllNetlink   = 824    // ARPHRD_NETLINK: the protocol is a netlink family
	sllLLC       = 0x0004 // protocol: IEEE 802.2 without 802.3
)

// sllProtocol reads the payload of the given protocol: an EtherType, except on
// devices that give the field another meaning.
func (w *walk) sllProtocol(device, protocol uint16, b []byte, wire int) Reason {
	switch {
	case device == sllNetlink:
		return OtherFamily
	case protocol == sllLLC:
		return w.llc(b, wire)
	case protocol <= etherLLCMax:
		return OtherFamily
	}
	return w.etherType(protocol, b, wire)
}

// rawIP reads a frame without a link layer: the first four bits are the IP version.
func (w *walk) rawIP(b []byte, wire int) Reason {
	if len(b) == 0 {
		return TruncatedIP
	}
	switch b[0] >> 4 {
	case 4:
		return w.ipv4(b, wire)
	case 6:
		return w.ipv6(b, wire)
	}
	return BadIPVersion
}

// ppi reads a per-packet information header, all little-endian: version 0 (1
// octet), flags (1), length (2), link type (4), fields.
func (w *walk) ppi(b []byte, wire int) Reason {
	if len(b) < 8 {
		return TruncatedLink
	}
	n, link := int(binary.LittleEndian.Uint16(b[2:])), binary.LittleEndian.Uint32(b[4:])
	switch {
	case b[0] != 0 || n < 8 || link > 0xffff || link == linkPPI || link == linkPKTAP || link == linkPKTAPOld:
		return BadLink
	case len(b) < n:
		return TruncatedLink
	case link == linkEthernet:
		return w.ethernet(b[n:], wire-n)
	}
	return w.link(uint16(link), b[n:], wire-n)
}

// pktap reads Apple's packet tap header, all little-endian: length (4 octets),
// record type (4; 1: a packet), link type (4), interface and process.
func (w *walk) pktap(b []byte, wire int) Reason {
	if len(b) < 12 {
		return TruncatedLink
	}
	n, link := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[8:])
	switch {
	case n < 12 || n > 0xffff || link > 0xffff || link == linkPKTAP || link == linkPKTAPOld || link == linkPPI:
		return BadLink
	case len(b) < int(n):
		return TruncatedLink
	case link == linkEthernet:
		return w.ethernet(b[n:], wire-int(n))
	}
	return w.link(uint16(link), b[n:], wire-int(n))
}

// ipnet reads a Solaris IP observability header: 24 octets that start with
// version 1 and an address family. The version of the IP packet after it repeats
// the family.
func (w *walk) ipnet(b []byte, wire int) Reason {
	if len(b) < 24 {
		return TruncatedLink
	}
	if b[0] != 1 {
		return BadLink
	}
	return w.rawIP(b[24:], wire-24)
}

// loopback reads the BSD loopback header: the address family as 4 octets, in
// the byte order of the capturing machine or in network order. Families are
// small numbers, which reveals the byte order.
func (w *walk) loopback(b []byte, wire int) Reason {
	if len(b) < 4 {
		return TruncatedLink
	}
	family := be32(b)
	if family > 0xffff {
		family = bits.ReverseBytes32(family)
	}
	switch family {
	case 2: // AF_INET everywhere
		return w.ipv4(b[4:], wire-4)
	case 10, 24, 28, 30: // AF_INET6 on Linux; NetBSD and OpenBSD; FreeBSD; Darwin
		return w.ipv6(b[4:], wire-4)
	}
	return OtherFamily
}

// nflog reads a Linux netfilter log message: address family (1 octet),
// version 0 (1), group (2), then attributes in the byte order of the capturing
// machine, assumed little-endian: length including this header (2), type (2),
// value, padding to 4. The packet is the value of type 9.
func (w *walk) nflog(b []byte, wire int) Reason {
	const payload = 9
	if len(b) < 4 {
		return TruncatedLink
	}
	if b[1] != 0 {
		return BadLink
	}
	b, wire = b[4:], wire-4
	for len(b) >= 4 {
		n, typ := int(binary.LittleEndian.Uint16(b)), binary.LittleEndian.Uint16(b[2:])
		switch {
		case n < 4 || n > wire:
			return BadLink
		case typ == payload:
			return w.rawIP(b[4:min(n, len(b))], n-4)
		}
		n = (n + 3) &^ 3
		b, wire = b[min(n, len(b)):], wire-n
	}
	return TruncatedLink
}
