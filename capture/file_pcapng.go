package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"strings"
)

// Block types of pcapng (draft-ietf-opsawg-pcapng, section 4). Others are skipped.
const (
	blockSection   = 0x0a0d0d0a // the same in both byte orders
	blockInterface = 1
	blockPacket    = 2 // obsolete
	blockSimple    = 3
	blockStats     = 5
	blockEnhanced  = 6
)

const byteOrderMagic = 0x1a2b3c4d

// Options of an interface description block (section 4.2).
const (
	optEnd         = 0
	optName        = 2
	optDescription = 3
	optResolution  = 9
	optOffset      = 14
)

const (
	blockOverhead = 12 // type and length before the body, length after it
	sectionLen    = 28 // minimum length of a section header block
	interfaceLen  = 20 // minimum length of an interface description block
)

// ngReader reads pcapng.
type ngReader struct {
	win     *window
	order   order
	ifs     []ngInterface // of the section, by the interface id in packet blocks
	unnamed int           // interfaces of the section without a name
	table   *interfaces
	lastNS  int64  // time of the previous frame
	earlier uint64 // frames lost on the interfaces of earlier sections
	lost    uint64 // on all interfaces; see drops
	changed bool   // a count of lost frames has changed since
}

// ngInterface is the content of an interface description block.
type ngInterface struct {
	link       LinkType
	snaplen    uint32 // octets; 0 means no limit
	index      uint16 // in the table of the source
	resolution resolution
	offsetNS   int64
	drops      ngDrops
}

func newNgReader(win *window, table *interfaces) (*ngReader, error) {
	p := &ngReader{win: win, table: table}
	win.markRecord()
	return p, p.readSection()
}

func (p *ngReader) next(f *Frame) error {
	for {
		w := p.win
		w.markRecord()
		h := w.peek(8)
		if h == nil {
			return w.endErr()
		}
		kind := p.order.u32(h)
		if kind == blockSection {
			if err := p.readSection(); err != nil {
				return err
			}
			continue
		}
		size := p.order.u32(h[4:])
		var err error
		switch kind {
		case blockEnhanced, blockPacket, blockSimple:
			return p.readPacket(f, kind, size)
		case blockInterface:
			err = p.readInterface(size)
		case blockStats:
			err = p.readStats(size)
		default:
			err = p.skipBlock(size)
		}
		if err != nil {
			return err
		}
	}
}

func (p *ngReader) more(fs []Frame) (n int) {
	for ; n < len(fs); n++ {
		b := p.win.rest()
		if len(b) < 8 {
			break
		}
		kind, size := p.order.u32(b), p.order.u32(b[4:])
		if kind != blockEnhanced || uint64(size)+3 > uint64(len(b)) || p.readPacket(&fs[n], kind, size) != nil {
			break
		}
	}
	return n
}

// peekBlock returns the block at the current position, of size octets and at least
// minimum, without its last length field. It consumes nothing.
func (p *ngReader) peekBlock(size uint32, minimum int) ([]byte, error) {
	n := (int(size) + 3) &^ 3 // some writers omit the padding from the length
	if int(size) < minimum || size > maxBlock {
		return nil, fmt.Errorf("a block of %d bytes: expected %d to %d", size, minimum, maxBlock)
	}
	b := p.win.peek(n)
	if b == nil {
		return nil, errShort
	}
	if again := p.order.u32(b[n-4:]); again != size {
		return nil, fmt.Errorf("a block of %d bytes that ends with %d as its length", size, again)
	}
	return b[:n-4], nil
}

// skipBlock skips a block of a type that does not concern frames.
func (p *ngReader) skipBlock(size uint32) error {
	if size < blockOverhead {
		return fmt.Errorf("a block of %d bytes: expected at least %d", size, blockOverhead)
	}
	if !p.win.skip((int64(size)+3)&^3 - 4) {
		return errShort
	}
	tail := p.win.peek(4)
	if tail == nil {
		return errShort
	}
	if again := p.order.u32(tail); again != size {
		return fmt.Errorf("a block of %d bytes that ends with %d as its length", size, again)
	}
	p.win.skip(4)
	return nil
}

// readSection starts a new section: the byte order may change, and interface ids
// start from 0 again.
func (p *ngReader) readSection() error {
	h := p.win.peek(12)
	if h == nil {
		return errShort
	}
	switch binary.BigEndian.Uint32(h[8:]) {
	case byteOrderMagic:
		p.order.big = true
	case bits.ReverseBytes32(byteOrderMagic):
		p.order.big = false
	default:
		return errors.New("a section without a byte order")
	}
	b, err := p.peekBlock(p.order.u32(h[4:]), sectionLen)
	if err != nil {
		return err
	}
	if major, minor := p.order.u16(b[12:]), p.order.u16(b[14:]); major != 1 {
		return fmt.Errorf("unsupported pcapng version %d.%d: expected 1.0", major, minor)
	}
	p.win.r += len(b) + 4
	p.earlier, p.ifs = p.drops(), p.ifs[:0]
	p.unnamed = 0
	return nil
}

// readInterface adds an interface to the section.
func (p *ngReader) readInterface(size uint32) error {
	b, err := p.peekBlock(size, interfaceLen)
	if err != nil {
		return err
	}
	if len(p.ifs) == maxInterfaces {
		return fmt.Errorf("more than %d interfaces", maxInterfaces)
	}
	i := ngInterface{link: LinkType(p.order.u16(b[8:])), snaplen: p.order.u32(b[12:])}
	name, err := p.readOptions(b[16:], &i)
	if err != nil {
		return err
	}
	nth := 0
	if name == "" { // a name described twice is one interface
		nth = p.unnamed
		p.unnamed++
	}
	if i.index, err = p.table.indexOf(interfaceID{name: name, nth: nth}); err != nil {
		return err
	}
	p.ifs = append(p.ifs, i)
	p.win.r += len(b) + 4
	return nil
}

// readOptions reads the options of an interface into i and returns its name.
func (p *ngReader) readOptions(b []byte, i *ngInterface) (string, error) {
	var name, description string
	var err error
	i.resolution = resolution{num: 1000, den: 1} // µs by default
	p.eachOption(b, func(code int, value []byte) {
		switch {
		case code == optName:
			name = interfaceName(value)
		case code == optDescription:
			description = interfaceName(value)
		case code == optResolution && len(value) >= 1 && err == nil:
			i.resolution, err = newResolution(value[0])
		case code == optOffset && len(value) >= 8:
			i.offsetNS = nsOf(int64(p.order.u64(value)))
		}
	})
	if err != nil {
		return "", err
	}
	if name == "" {
		name = description
	}
	return name, nil
}

// interfaceName converts an option to a name. Some writers include a trailing NUL.
func interfaceName(b []byte) string {
	b = b[:min(len(b), maxInterfaceName)]
	return strings.TrimRight(string(b), "\x00")
}

// readPacket reads a block that holds a frame.
func (p *ngReader) readPacket(f *Frame, kind, size uint32) error {
	head := 28
	if kind == blockSimple {
		head = 12
	}
	b, err := p.peekBlock(size, head+4)
	if err != nil {
		return err
	}

	id, room := uint32(0), uint32(len(b)-head)
	var captured, wire uint32
	switch kind {
	case blockSimple:
		wire = p.order.u32(b[8:])
		captured = min(wire, room)
	case blockPacket:
		id = uint32(p.order.u16(b[8:]))
		captured, wire = p.order.u32(b[20:]), p.order.u32(b[24:])
	case blockEnhanced:
		id = p.order.u32(b[8:])
		captured, wire = p.order.u32(b[20:]), p.order.u32(b[24:])
	}
	if int(id) >= len(p.ifs) {
		return fmt.Errorf("a frame on interface %d, but the section describes only %d", id, len(p.ifs))
	}
	i := &p.ifs[id]
	if kind == blockSimple {
		if i.snaplen != 0 {
			captured = min(captured, i.snaplen)
		}
		// A simple packet block has no timestamp: use the previous one.
		f.TimeNS = p.lastNS
	} else {
		f.TimeNS = addTimes(i.resolution.ns(uint64(p.order.u32(b[12:]))<<32|uint64(p.order.u32(b[16:]))), i.offsetNS)
		p.lastNS = f.TimeNS
	}
	if captured > room || captured > maxFrame {
		return fmt.Errorf("a frame of %d captured bytes, but only %d fit", captured, min(room, maxFrame))
	}

	if kind == blockPacket {
		p.addBefore(i, uint64(p.order.u16(b[10:])), unknownDrops)
	}
	if end := head + (int(captured)+3)&^3; kind == blockEnhanced && end < len(b) {
		p.readDrops(b[end:], i)
	}
	p.win.r += len(b) + 4
	f.Data = b[head : head+int(captured)]
	f.WireLen = int(wire)
	f.Link = i.link
	f.Interface = i.index
	return nil
}
