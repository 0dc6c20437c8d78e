package capture

import (
	"fmt"
)

// Magic numbers of classic pcap files, as they read in the byte order of the
// writer (draft-ietf-opsawg-pcap, libpcap's sf-pcap.c).
const (
	magicMicro    = 0xa1b2c3d4 // fractions of seconds are µs
	magicNano     = 0xa1b23c4d // fractions of seconds are ns
	magicModified = 0xa1b2cd34 // Kuznetzov's: µs, and 8 more octets before each frame
)

const (
	pcapHeaderLen         = 24
	pcapRecordLen         = 16
	pcapModifiedRecordLen = 24 // + interface index, protocol, packet type, padding
)

// pcapReader reads classic pcap. A file has one interface, without a name.
type pcapReader struct {
	win    *window
	order  order
	record int   // octets before each frame
	unit   int64 // ns in one fraction of a second
	link   LinkType
	swaps  pcapSwaps
}

// pcapSwaps says whether a record has its wire length before its captured
// length, as old versions of the format do (libpcap: sf-pcap.c, lengths_swapped).
type pcapSwaps uint8

const (
	swapsNever pcapSwaps = iota
	swapsMaybe           // 2.3 and 543.0: where the captured length would be the larger
	swapsAlways
)

// isPcap reports whether head, four octets or more, starts a classic pcap file.
func isPcap(head []byte) (o order, magic uint32, ok bool) {
	for _, o := range []order{{big: false}, {big: true}} {
		switch m := o.u32(head); m {
		case magicMicro, magicNano, magicModified:
			return o, m, true
		}
	}
	return order{}, 0, false
}

func newPcapReader(win *window, o order, magic uint32) (*pcapReader, error) {
	h := win.peek(pcapHeaderLen)
	if h == nil {
		return nil, errShort
	}
	p := &pcapReader{win: win, order: o, record: pcapRecordLen, unit: 1000}
	switch magic {
	case magicNano:
		p.unit = 1
	case magicModified:
		p.record = pcapModifiedRecordLen
	}

	switch major, minor := o.u16(h[4:]), o.u16(h[6:]); {
	case major == 2 && minor < 3:
		p.swaps = swapsAlways
	case major == 2 && minor == 3, major == 543 && minor == 0: // 543: Digital's tcpdump
		p.swaps = swapsMaybe
	case major == 2 && minor == 4:
	default:
		return nil, fmt.Errorf("pcap version %d.%d is unknown, expected 2.0 to 2.4", major, minor)
	}

	// h[8:20] are time zone, accuracy and snap length, none of which is
	// reliable. The high half of the last field says whether and how long a
	// frame check sequence follows each frame.
	p.link = LinkType(o.u32(h[20:]))
	win.skip(pcapHeaderLen)
	return p, nil
}

func (p *pcapReader) next(f *Frame) error {
	w := p.win
	w.begin()
	b := w.rest()
	if len(b) < p.record {
		if b = w.peek(p.record); b == nil {
			return w.end()
		}
	}
	seconds, fraction, captured, wire := p.order.u32x4((*[16]byte)(b))
	if p.swaps != swapsNever && (p.swaps == swapsAlways || captured > wire) {
		captured, wire = wire, captured
	}
	if captured > maxFrame {
		return fmt.Errorf("a frame of %d captured octets, more than %d", captured, maxFrame)
	}

	n := p.record + int(captured)
	if len(b) < n {
		if b = w.peek(n); b == nil {
			return errShort
		}
	}
	w.r += n
	ns := int64(fraction) * p.unit
	if ns >= 2e9 {
		ns = damagedFraction(fraction)
	}
	f.TimeNS = int64(seconds)*1e9 + ns
	f.Data = b[p.record:n:n]
	f.WireLen = int(wire)
	f.Link = p.link
	f.Interface = 0
	return nil
}

func (p *pcapReader) more(fs []Frame) (n int) {
	if p.swaps != swapsNever {
		return 0
	}
	w, order, record, unit := p.win, p.order, p.record, p.unit // in registers
	b := w.rest()
	for n < len(fs) && len(b) >= pcapRecordLen {
		seconds, fraction, captured, wire := order.u32x4((*[16]byte)(b))
		size := record + int(captured)
		ns := int64(fraction) * unit
		if captured > maxFrame || size > len(b) || ns >= 2e9 {
			break
		}
		f := &fs[n]
		f.TimeNS = int64(seconds)*1e9 + ns
		f.Data = b[record:size:size]
		f.WireLen = int(wire)
		f.Link = p.link
		f.Interface = 0
		b = b[size:]
		n++
	}
	w.r = w.w - len(b)
	return n
}

// damagedFraction is the fraction of a second, in ns, of a time whose fraction
// is two seconds or more. From one second on it is a carry that the writer
// forgot; beyond that it is damaged, or counts ns in a file that says µs. Then
// the whole seconds still hold, and it must not lead away from them.
func damagedFraction(fraction uint32) int64 {
	if fraction < 1e9 {
		return int64(fraction)
	}
	return 0
}
