package decode

import "weir/flow"

// Tunnels of access networks: access points, dial-up and tunnel brokers. Like those
// in udptunnel.go they are recognized by a port, and count as ordinary traffic unless
// their header is valid.

// capwap reads a CAPWAP data message (RFC 5415, section 4.3): version 0 (4
// bits), type 0 (4), header length in 4-octet units (5), radio (5), binding (5),
// flags T F L W M K (6), reserved (3), fragment id (2 octets), fragment offset (13
// bits), reserved (3), then, depending on the flags, addresses and wireless
// information. If T is set the frame is of the binding's type, else IEEE 802.3.
func (w *walk) capwap(b []byte, size int) Reason {
	const native, fragment, keepAlive, reserved = 0x0100, 0x0080, 0x0008, 0x0007
	if size <= 8 || len(b) < 8 {
		return shortPayload(9, size)
	}
	n, flags := int(b[1]>>3)*4, be16(b[2:])
	binding := flags >> 9 & 0x1f
	switch {
	case b[0] != 0 || n < 8 || n > size || flags&reserved != 0: // also: encrypted
		return OK
	case flags&keepAlive != 0, flags&fragment != 0 && be16(b[6:])>>3 != 0:
		return OK
	case len(b) < n:
		return TruncatedTunnel
	}
	w.enterTunnel(flow.TunnelCAPWAP, 0)
	b, size = b[n:], size-n
	switch {
	case flags&native == 0:
		return w.ethernet(b, size)
	case binding == 1: // IEEE 802.11 (RFC 5416)
		return w.wlanSwapped(b, size)
	}
	return BadTunnel
}

// l2tp reads an L2TP data message (RFC 2661, section 3.1): flags T L S O P and
// version 2 (2 octets), length (2, if L), tunnel and session (2 each), sequence
// numbers (2 each, if S), offset (2, if O) and that many octets; then PPP.
//
// Tunnel and session ids belong to the receiver and differ by direction, so they
// can't be the tunnel id: both directions of an inner flow must share a key.
func (w *walk) l2tp(b []byte, size int) Reason {
	const control, length, sequence, offset, priority, version = 0x8000, 0x4000, 0x0800, 0x0200, 0x0100, 2
	if size < 8 || len(b) < 8 {
		return shortPayload(8, size)
	}
	flags := be16(b)
	if flags&control != 0 || flags&^(length|sequence|offset|priority) != version {
		return OK
	}
	n := 6
	if flags&length != 0 {
		n += 2
		if int(be16(b[2:])) != size {
			return OK
		}
	}
	if flags&sequence != 0 {
		n += 4
	}
	if flags&offset != 0 {
		if n += 2; len(b) < n {
			return shortPayload(n, size)
		}
		n += int(be16(b[n-2:]))
	}
	if n >= size || len(b) <= n {
		return shortPayload(n+1, size)
	}
	w.enterTunnel(flow.TunnelL2TP, 0)
	return w.ppp(b[n:], size-n)
}

// ayiya reads an AYIYA header (draft-massar-v6ops-ayiya-02, section 3): identity
// length as a power of 2 (4 bits), identity type (4), signature length in 4-octet
// units (4), hash method (4), authentication method (4), operation (4), next header
// (1 octet), time (4), identity, signature.
func (w *walk) ayiya(b []byte, size int) Reason {
	const forward = 1
	if size <= 8 || len(b) < 8 {
		return shortPayload(9, size)
	}
	n := 8 + 1<<(b[0]>>4) + int(b[1]>>4)*4
	if next := b[3]; b[2]&0x0f != forward || next != uint8(flow.IPv6) && next != uint8(flow.IPIP) || size < n+20 {
		return OK
	}
	if len(b) < n+20 {
		return TruncatedTunnel
	}
	b, size = b[n:], size-n
	if !isIPOfLength(b, size) {
		return OK
	}
	w.enterTunnel(flow.TunnelAYIYA, 0)
	return w.rawIP(b, size)
}

// tzsp reads a mirrored frame (TaZmen Sniffer Protocol): version 1 (1 octet),
// type, 0 received or 1 for transmission (1), encapsulated protocol (2), then tagged
// fields: tag (1), length (1), value. Tags 0 (padding) and 1 (end) have no length.
func (w *walk) tzsp(b []byte, size int) Reason {
	const ethernet, wlan = 1, 18
	if size < 5 || len(b) < 4 {
		return shortPayload(5, size)
	}
	mirrored, n := be16(b[2:]), 4
	if b[0] != 1 || b[1] > 1 || mirrored != ethernet && mirrored != wlan {
		return OK
	}
	for last := false; !last; {
		if len(b) <= n {
			return shortPayload(n+1, size)
		}
		last = b[n] == 1
		if b[n] <= 1 {
			n++
			continue
		}
		if len(b) <= n+1 {
			return shortPayload(n+2, size)
		}
		n += 2 + int(b[n+1])
	}
	if n >= size {
		return OK
	}
	w.enterTunnel(flow.TunnelTZSP, 0)
	if mirrored == wlan {
		return w.wlan(b[n:], size-n, false)
	}
	return w.ethernet(b[n:], size-n)
}
