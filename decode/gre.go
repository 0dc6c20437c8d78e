package decode

import "weir/flow"

// Bits and types of a GRE header (RFC 2784, RFC 2890, RFC 2637).
const (
	greChecksum = 0x8000
	greRouting  = 0x4000
	greKey      = 0x2000
	greSequence = 0x1000
	greAck      = 0x0080 // version 1 only
	greVersion  = 0x0007

	greERSPAN  = 0x88be // types I and II
	greERSPAN3 = 0x22eb // type III
	greWCCP    = 0x883e // web cache redirect

	// Aruba access points send IEEE 802.11 frames to their controller under
	// types 0x8200 to 0x8370, one per queue, in steps of 0x10.
	greArubaFirst, greArubaLast = 0x8200, 0x8370
)

// gre reads a GRE header: flags and version (2 octets), EtherType (2), then,
// each if its flag is set, checksum (4), key (4), sequence number (4).
func (w *walk) gre(b []byte, size int) Reason {
	if len(b) < 4 {
		return shortTunnel(4, size)
	}
	flags, typ := be16(b), be16(b[2:])
	if flags&greVersion == 1 && typ == etherPPP {
		return w.pptp(flags, b, size)
	}
	if flags&(greVersion|greRouting) != 0 { // to be discarded (RFC 2784, section 2.3)
		return BadTunnel
	}
	n := 4
	if flags&greChecksum != 0 {
		n += 4
	}
	keyAt := n
	if flags&greKey != 0 {
		n += 4
	}
	if flags&greSequence != 0 {
		n += 4
	}
	if len(b) < n {
		return shortTunnel(n, size)
	}
	var id uint32
	if flags&greKey != 0 {
		id = be32(b[keyAt:])
	}
	w.enterTunnel(flow.TunnelGRE, id)
	b, size = b[n:], size-n
	switch typ {
	case greERSPAN:
		if flags&greSequence == 0 { // type I has no header
			w.enterTunnel(flow.TunnelERSPAN, 0)
			return w.ethernet(b, size)
		}
		return w.erspan2(b, size)
	case greERSPAN3:
		return w.erspan3(b, size)
	case greWCCP:
		return w.wccp(b, size)
	case etherCMD: // here, unlike in Ethernet, the EtherType comes first
		if len(b) < 8 {
			return shortTunnel(8, size)
		}
		return w.payload(be16(b), b[8:], size-8)
	}
	if typ >= greArubaFirst && typ <= greArubaLast && typ&0x0f == 0 {
		return w.wlan(b, size, false)
	}
	return w.payload(typ, b, size)
}

// pptp reads the enhanced GRE header of PPTP (RFC 2637, section 4.1): payload
// length and call id (2 octets each) in place of the key, then, each if its flag
// is set, sequence number (4) and acknowledgment number (4).
//
// The call id belongs to the receiver and differs by direction, so it can't be
// the tunnel id: both directions of an inner flow must share a key.
func (w *walk) pptp(flags uint16, b []byte, size int) Reason {
	n := 8
	if flags&greSequence != 0 {
		n += 4
	}
	if flags&greAck != 0 {
		n += 4
	}
	if len(b) < n {
		return shortTunnel(n, size)
	}
	length := int(be16(b[4:]))
	switch {
	case flags&greSequence == 0 || length == 0: // only an acknowledgment
		return OK
	case length > size-n:
		return BadTunnel
	}
	w.enterTunnel(flow.TunnelGRE, 0)
	b = b[n:]
	return w.ppp(b[:min(length, len(b))], length)
}

// erspan2 reads an ERSPAN type II header of 8 octets: version 1 (4 bits), VLAN
// (12), class, encapsulation, truncation (6), session (10), index (32).
func (w *walk) erspan2(b []byte, size int) Reason {
	if len(b) < 8 {
		return shortTunnel(8, size)
	}
	if b[0]>>4 != 1 {
		return BadTunnel
	}
	w.enterTunnel(flow.TunnelERSPAN, uint32(be16(b[2:])&0x3ff))
	return w.mirrored(be16(b), b[8:], size-8)
}

// mirrored reads an Ethernet frame that was mirrored from the VLAN in the lower
// 12 bits of vlan, 0 for none. If the frame still has a tag, that one counts.
func (w *walk) mirrored(vlan uint16, b []byte, size int) Reason {
	if len(b) >= 14 && !isTag(be16(b[12:])) {
		w.addVLAN(vlan & 0x0fff)
	}
	return w.ethernet(b, size)
}

// erspan3 reads an ERSPAN type III header of 12 octets: version 2 (4 bits),
// VLAN (12), flags (6), session (10), timestamp (32), security group (16), P,
// frame type (5), hardware id (6), direction, granularity (2), O: 8 more octets
// follow.
func (w *walk) erspan3(b []byte, size int) Reason {
	if len(b) < 12 {
		return shortTunnel(12, size)
	}
	if b[0]>>4 != 2 {
		return BadTunnel
	}
	session, last := uint32(be16(b[2:])&0x3ff), be16(b[10:])
	n := 12
	if last&1 != 0 {
		n += 8
	}
	if len(b) < n {
		return shortTunnel(n, size)
	}
	w.enterTunnel(flow.TunnelERSPAN, session)
	switch frameType := last >> 10 & 0x1f; frameType {
	case 0:
		return w.mirrored(be16(b), b[n:], size-n)
	case 2:
		w.addVLAN(be16(b) & 0x0fff)
		return w.rawIP(b[n:], size-n)
	}
	return BadTunnel
}

// wccp reads a redirected IPv4 packet. In version 2 of the protocol 4 octets
// precede it, the first four bits of which are not 4.
func (w *walk) wccp(b []byte, size int) Reason {
	if len(b) > 4 && b[0]>>4 != 4 {
		b, size = b[4:], size-4
	}
	return w.ipv4(b, size)
}
