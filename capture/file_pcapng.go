package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strings"
)

// Block types of pcapng (draft-ietf-opsawg-pcapng, section 4). Others are skipped.
const (
	blockSection   = 0x0a0d0d0a // the same in both byte orders
	blockInterface = 1
	blockPacket    = 2 // obsolete
	blockSimple    = 3
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
	win    *window
	order  order
	ifs    []ngInterface  // of the section, by the interface id in packet blocks
	named  map[string]int // number of interfaces of the section by name
	table  *interfaces
	lastNS int64 // time of the previous frame
}

// ngInterface is the content of an interface description block.
type ngInterface struct {
	link       LinkType
	snaplen    uint32 // octets; 0 means no limit
	index      uint16 // in the table of the source
	resolution resolution
	offsetNS   int64
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
	p.ifs = p.ifs[:0]
	p.named = make(map[string]int)
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
	nth := p.named[name]
	p.named[name]++
	if i.index, err = p.table.indexOf(interfaceID{name, nth}); err != nil {
		return err
	}
	p.ifs = append(p.ifs, i)
	p.win.r += len(b) + 4
	return nil
}

// readOptions reads the options of an interface into i and returns its name.
func (p *ngReader) readOptions(b []byte, i *ngInterface) (string, error) {
	var name, description string
	i.resolution = resolution{num: 1000, den: 1} // µs by default
	for len(b) >= 4 {
		code, n := p.order.u16(b), int(p.order.u16(b[2:]))
		b = b[4:]
		if code == optEnd || n > len(b) {
			break
		}
		value := b[:n]
		b = b[min((n+3)&^3, len(b)):]
		switch {
		case code == optName:
			name = interfaceName(value)
		case code == optDescription:
			description = interfaceName(value)
		case code == optResolution && n >= 1:
			var err error
			if i.resolution, err = newResolution(value[0]); err != nil {
				return "", err
			}
		case code == optOffset && n >= 8:
			i.offsetNS = int64(p.order.u64(value)) * 1e9
		}
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
		id = uint32(p.order.u16(b[8:])) // the other half counts dropped frames
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
		f.TimeNS = i.resolution.ns(uint64(p.order.u32(b[12:]))<<32|uint64(p.order.u32(b[16:]))) + i.offsetNS
		p.lastNS = f.TimeNS
	}
	if captured > room || captured > maxFrame {
		return fmt.Errorf("a frame of %d captured bytes, but only %d fit", captured, min(room, maxFrame))
	}

	p.win.r += len(b) + 4
	f.Data = b[head : head+int(captured)]
	f.WireLen = int(wire)
	f.Link = i.link
	f.Interface = i.index
	return nil
}

// resolution is the unit of an interface's timestamps: num/den ns.
type resolution struct{ num, den uint64 }

// newResolution parses the option if_tsresol: a negative power of 10, or of 2 if the
// highest bit is set.
func newResolution(v byte) (resolution, error) {
	n := int(v & 0x7f)
	switch {
	case v&0x80 != 0 && n <= 63:
		return resolution{1e9, 1 << n}, nil
	case v&0x80 != 0:
		return resolution{}, fmt.Errorf("timestamp resolution 2^-%d s: expected 2^-63 s or coarser", n)
	case n <= 9:
		return resolution{power10(9 - n), 1}, nil
	case n <= 28: // 10^19 is the largest power that fits
		return resolution{1, power10(n - 9)}, nil
	}
	return resolution{}, fmt.Errorf("timestamp resolution 10^-%d s: expected 10^-28 s or coarser", n)
}

func power10(n int) uint64 {
	v := uint64(1)
	for range n {
		v *= 10
	}
	return v
}

// ns converts a timestamp to ns since 1970 UTC, at most math.MaxInt64 (the year
// 2262).
func (t resolution) ns(ticks uint64) int64 {
	hi, lo := bits.Mul64(ticks, t.num)
	if t.den != 1 {
		if hi >= t.den {
			return math.MaxInt64
		}
		hi, lo = 0, div(hi, lo, t.den)
	}
	if hi != 0 || lo > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(lo)
}

func div(hi, lo, den uint64) uint64 {
	q, _ := bits.Div64(hi, lo, den)
	return q
}
