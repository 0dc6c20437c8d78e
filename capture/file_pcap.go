package capture

import "fmt"

// Magic numbers of classic pcap files, in the byte order of the writer
// (draft-ietf-opsawg-pcap, libpcap's sf-pcap.c).
const (
	magicMicro    = 0xa1b2c3d4 // timestamps in µs
	magicNano     = 0xa1b23c4d // timestamps in ns
	magicModified = 0xa1b2cd34 // Kuznetzov's variant: µs, and 8 more octets before each frame
)

const (
	pcapHeaderLen         = 24
	pcapRecordLen         = 16
	pcapModifiedRecordLen = 24 // + interface index, protocol, packet type, padding
)

// pcapReader reads classic pcap. A file has one interface without a name.
type pcapReader struct {
	win       *window
	order     order
	recordLen int   // length of a record header, in octets
	unit      int64 // ns in one fraction of a second
	link      LinkType
	swaps     pcapSwaps
}

// pcapSwaps is whether the wire length precedes the captured length in a record
// header, as in old versions of the format (libpcap: sf-pcap.c, lengths_swapped).
type pcapSwaps uint8

const (
	swapsNever pcapSwaps = iota
	swapsMaybe           // 2.3 and 543.0: if the captured length would be the larger
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
	p := &pcapReader{win: win, order: o, recordLen: pcapRecordLen, unit: 1000}
	switch magic {
	case magicNano:
		p.unit = 1
	case magicModified:
		p.recordLen = pcapModifiedRecordLen
	}

	switch major, minor := o.u16(h[4:]), o.u16(h[6:]); {
	case major == 2 && minor < 3:
		p.swaps = swapsAlways
	case major == 2 && minor == 3, major == 543 && minor == 0: // 543: Digital's tcpdump
		p.swaps = swapsMaybe
	case major == 2 && minor == 4:
	default:
		return nil, fmt.Errorf("unsupported pcap version %d.%d: expected 2.0 to 2.4", major, minor)
	}

	// h[8:20] is time zone, accuracy and snap length, none of which is reliable.
	// The upper half of the last field gives presence and length of a frame check
	// sequence after each frame.
	p.link = LinkType(o.u32(h[20:]))
	win.skip(pcapHeaderLen)
	return p, nil
}

func (p *pcapReader) next(f *Frame) error {
	w := p.win
	w.markRecord()
	b := w.rest()
	if len(b) < p.recordLen {
		if b = w.peek(p.recordLen); b == nil {
			return w.endErr()
		}
	}
	seconds, fraction, captured, wire := p.order.u32x4((*[16]byte)(b))
	if p.swaps != swapsNever && (p.swaps == swapsAlways || captured > wire) {
		captured, wire = wire, captured
	}
	if mayBeMagic(seconds) {
		if isHeader, err := p.nextHeader(); isHeader {
			if err == nil {
				err = p.next(f)
			}
			return err
		}
	}
	if captured > maxFrame {
		return fmt.Errorf("a frame of %d captured bytes: expected at most %d", captured, maxFrame)
	}

	n := p.recordLen + int(captured)
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
	f.Data = b[p.recordLen:n:n]
	f.WireLen = int(wire)
	f.Link = p.link
	f.Interface = 0
	return nil
}

func (p *pcapReader) more(fs []Frame) (n int) {
	if p.swaps != swapsNever {
		return 0
	}
	w, order, record, unit := p.win, p.order, p.recordLen, p.unit // in registers
	b := w.rest()
	for n < len(fs) && len(b) >= pcapRecordLen {
		seconds, fraction, captured, wire := order.u32x4((*[16]byte)(b))
		size := record + int(captured)
		ns := int64(fraction) * unit
		if captured > maxFrame || size > len(b) || ns >= 2e9 || mayBeMagic(seconds) {
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

func (p *pcapReader) drops() uint64 { return 0 } // the format has no such count

// mayBeMagic reports whether the seconds of a record may be the magic number of another file, which
// was appended to this one.
func mayBeMagic(seconds uint32) bool {
	return seconds>>16 == magicMicro>>16 || seconds&0xffff == 0xb2a1
}

// nextHeader reports whether the header of another file of version 2.4 is at the current position, as
// in the output of cat, and then skips it and continues with its format.
func (p *pcapReader) nextHeader() (bool, error) {
	h := p.win.peek(pcapHeaderLen)
	if h == nil {
		return false, nil
	}
	o, magic, ok := isPcap(h)
	if !ok || o.u16(h[4:]) != 2 || o.u16(h[6:]) != 4 {
		return false, nil
	}
	next, err := newPcapReader(p.win, o, magic)
	if err == nil {
		*p = *next
	}
	return true, err
}

// damagedFraction returns the ns to add to the seconds of a timestamp whose fraction
// is two seconds or more. (Between one and two seconds it is a carry that the writer
// omitted.) It is damaged, or in ns in a file with the magic number for µs. The
// seconds are still valid, and a damaged fraction must not change them.
func damagedFraction(fraction uint32) int64 {
	if fraction < 1e9 {
		return int64(fraction)
	}
	return 0
}
