package decode

import "encoding/binary"

// Flags of a radiotap header (radiotap.org, "Flags" and "TSFT").
const (
	radiotapHasTSFT  = 1 << 0  // of the present word
	radiotapHasFlags = 1 << 1  // of the present word
	radiotapMore     = 1 << 31 // another present word follows
	radiotapFCS      = 0x10    // the frame ends with its checksum
	radiotapPad      = 0x20    // the header is padded to 4 octets
)

// radiotap reads a radiotap header, all little-endian: version 0 (1 octet),
// padding (1), length (2), present words (4 each), fields. Only the flags field
// matters: it describes the layout of the frame that follows.
func (w *walk) radiotap(b []byte, wire int) Reason {
	if len(b) < 8 {
		return TruncatedLink
	}
	n := int(binary.LittleEndian.Uint16(b[2:]))
	switch {
	case b[0] != 0 || n < 8:
		return BadLink
	case n > len(b):
		return TruncatedLink
	}
	flags := radiotapFlags(b[:n])
	b, wire = b[n:], wire-n
	if flags&radiotapFCS != 0 {
		if wire < 4 {
			return BadLink
		}
		wire -= 4
		b = b[:min(wire, len(b))]
	}
	return w.wlan(b, wire, flags&radiotapPad != 0)
}

// radiotapFlags returns the flags field of the complete header h, 0 if it has none.
// Only the TSFT field, 8 octets aligned to 8, may precede it.
func radiotapFlags(h []byte) byte {
	present := binary.LittleEndian.Uint32(h[4:])
	if present&radiotapHasFlags == 0 {
		return 0
	}
	at := 8
	for word := present; word&radiotapMore != 0; at += 4 {
		if len(h) < at+4 {
			return 0
		}
		word = binary.LittleEndian.Uint32(h[at:])
	}
	if present&radiotapHasTSFT != 0 {
		at = (at+7)&^7 + 8
	}
	if at >= len(h) {
		return 0
	}
	return h[at]
}

// wlan reads an IEEE 802.11 header: frame control (2 octets), duration (2),
// three addresses (6 each), sequence control (2), then, depending on the frame
// control, a fourth address (6), QoS control (2), HT control (4). An IEEE 802.2
// header follows.
func (w *walk) wlan(b []byte, wire int, padded bool) Reason {
	if len(b) < 2 {
		return TruncatedLink
	}
	return w.wlanFrame(b[0], b[1], b, wire, padded)
}

// wlanSwapped is wlan for frames whose two frame control octets may be swapped, as
// Cisco access points send them in CAPWAP. The type octet of a data frame has an 8
// in its lower half; the flags octet rarely has.
func (w *walk) wlanSwapped(b []byte, wire int) Reason {
	if len(b) < 2 {
		return TruncatedLink
	}
	if b[0]&0x0f != 8 && b[1]&0x0f == 8 {
		return w.wlanFrame(b[1], b[0], b, wire, false)
	}
	return w.wlanFrame(b[0], b[1], b, wire, false)
}

// wlanFrame reads a frame, given the two octets of its frame control.
func (w *walk) wlanFrame(control, flags byte, b []byte, wire int, padded bool) Reason {
	const data, null, qos = 2, 0x40, 0x80
	kind, subtype := control>>2&3, control&0xf0
	switch {
	case control&3 != 0: // protocol version
		return BadLink
	case kind != data || subtype&null != 0:
		return WLANControl
	case flags&0x40 != 0:
		return WLANProtected
	}
	n := 24
	if flags&0x03 == 0x03 { // between access points
		n += 6
	}
	qosAt := n
	if subtype&qos != 0 {
		n += 2
		if flags&0x80 != 0 {
			n += 4
		}
	}
	if padded {
		n = (n + 3) &^ 3
	}
	if len(b) < n {
		return TruncatedLink
	}
	if subtype&qos != 0 && b[qosAt]&0x80 != 0 { // several frames in one (A-MSDU)
		return w.amsdu(b[n:], wire-n)
	}
	to := 4 // the destination is the first address, or the third if the frame goes to an access point
	if flags&0x01 != 0 {
		to = 16
	}
	w.broadcast = isBroadcast(b[to:])
	return w.llc(b[n:], wire-n)
}

// amsdu reads the subframes of an aggregate: destination (6 octets), source (6),
// length (2), IEEE 802.2, and padding to 4 octets after each but the last. It reads
// as many as the Result has room for, and returns the reason of the last subframe
// that was not decoded completely.
func (w *walk) amsdu(b []byte, wire int) (why Reason) {
	vlan, tunnel := w.vlan, w.tunnel
	for {
		if len(b) < 14 {
			return TruncatedLink
		}
		w.vlan, w.tunnel, w.broadcast = vlan, tunnel, isBroadcast(b)
		n := int(be16(b[12:]))
		if stop := w.llcOfLength(n, b[14:], wire-14); stop != OK {
			why = stop
		}
		n = (14 + n + 3) &^ 3
		if n >= wire || why == TooDeep {
			return why
		}
		w.r.HasQuoted = false // it belongs to the last packet of a Result
		b, wire = b[min(n, len(b)):], wire-n
	}
}
