package capture

import "fmt"

// snoopMagic are the first octets of a snoop file (RFC 1761), as Solaris writes them; big-endian throughout.
const snoopMagic = "snoop\x00\x00\x00"

const (
	snoopHeaderLen = 16 // magic, version, datalink type
	snoopRecordLen = 24 // original, included and record length, cumulative drops, seconds, µs
)

// snoopLinks are the link types of the datalink types of RFC 1761 section 4, and of IP over InfiniBand, which
// Solaris added.
var snoopLinks = map[uint32]LinkType{
	0:   1,   // IEEE 802.3
	2:   6,   // IEEE 802.5 Token Ring
	4:   1,   // Ethernet
	8:   10,  // FDDI
	162: 242, // IP over InfiniBand
}

// snoopReader reads a snoop file. It has one interface without a name.
type snoopReader struct {
	win     *window
	link    LinkType
	dropped uint64
}

func newSnoopReader(win *window) (*snoopReader, error) {
	h := win.peek(snoopHeaderLen)
	if h == nil {
		return nil, errShort
	}
	be := order{big: true}
	if string(h[:len(snoopMagic)]) != snoopMagic {
		return nil, fmt.Errorf("it begins like a snoop file, but not with its 8 octets")
	}
	if version := be.u32(h[8:]); version != 2 {
		return nil, fmt.Errorf("unsupported snoop version %d: expected 2", version)
	}
	link, ok := snoopLinks[be.u32(h[12:])]
	if !ok {
		return nil, fmt.Errorf("unsupported snoop datalink type %d: expected Ethernet (4), IEEE 802.3 (0), Token Ring (2), FDDI (8) or IP over InfiniBand (162)", be.u32(h[12:]))
	}
	win.skip(snoopHeaderLen)
	return &snoopReader{win: win, link: link}, nil
}

func (p *snoopReader) next(f *Frame) error {
	w, be := p.win, order{big: true}
	w.markRecord()
	h := w.peek(snoopRecordLen)
	if h == nil {
		return w.endErr()
	}
	wire, captured, size := be.u32(h), be.u32(h[4:]), be.u32(h[8:])
	dropped, seconds, micros := be.u32(h[12:]), be.u32(h[16:]), be.u32(h[20:])
	switch {
	case captured > maxFrame:
		return fmt.Errorf("a frame of %d captured bytes: expected at most %d", captured, maxFrame)
	case size < snoopRecordLen+captured || size > snoopRecordLen+captured+maxSnoopPad:
		return fmt.Errorf("a record of %d bytes for a frame of %d", size, captured)
	}
	b := w.peek(int(size))
	if b == nil {
		return errShort
	}
	w.r += int(size)
	p.dropped = uint64(dropped)
	f.TimeNS = int64(seconds) * 1e9
	if micros < 2e6 {
		f.TimeNS += int64(micros) * 1000
	}
	f.Data = b[snoopRecordLen : snoopRecordLen+captured : snoopRecordLen+captured]
	f.WireLen = int(wire)
	f.Link = p.link
	f.Interface = 0
	return nil
}

// maxSnoopPad is the most octets after a frame. RFC 1761 asks for at most 3.
const maxSnoopPad = 64

func (p *snoopReader) more([]Frame) int { return 0 }

func (p *snoopReader) drops() uint64 { return p.dropped }
