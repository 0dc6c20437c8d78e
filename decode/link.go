package decode

import "math/bits"

// sll reads the header of Linux' "any" device, version 1: packet type (2
// octets), ARPHRD type (2), address length (2), address (8), protocol (2).
func (w *walk) sll(b []byte, wire int) Reason {
	if len(b) < 16 {
		return TruncatedLink
	}
	w.broadcast = be16(b) == sllBroadcast
	return w.sllProtocol(be16(b[2:]), be16(b[14:]), b[16:], wire-16)
}

// sll2 reads version 2: protocol (2 octets), reserved (2), interface index (4),
// ARPHRD type (2), packet type (1), address length (1), address (8).
func (w *walk) sll2(b []byte, wire int) Reason {
	if len(b) < 20 {
		return TruncatedLink
	}
	w.broadcast = b[10] == sllBroadcast
	return w.sllProtocol(be16(b[8:]), be16(b), b[20:], wire-20)
}

// Values in a Linux "any" header (tcpdump.org, LINKTYPE_LINUX_SLL).
const (
	sllBroadcast = 1      // packet type: sent to everybody by somebody else
	sllNetlink   = 824    // ARPHRD_NETLINK: the protocol is a netlink family
	sllLLC       = 0x0004 // protocol: IEEE 802.2 without 802.3
)

// sllProtocol reads what the protocol field announces: an EtherType, unless the
// device is of a kind that gives the field another meaning.
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

// loopback reads the BSD loopback header: the address family as 4 octets, in
// the byte order of the capturing machine or in network order. Families are
// small numbers, so the order shows.
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
	case 10, 24, 28, 30: // AF_INET6 of Linux; NetBSD and OpenBSD; FreeBSD; Darwin
		return w.ipv6(b[4:], wire-4)
	}
	return OtherFamily
}
