package capture

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"strings"
)

// Block types of pcapng (draft-ietf-opsawg-pcapng, section 4). Others are skipped.
const (
	blockSection   = 0x0a0d0d0a // reads the same in both byte orders
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
	blockOverhead = 12 // type and length before, length after
	sectionLen    = 28 // the shortest section header block
	interfaceLen  = 20 // the shortest interface description block
)

// ngReader reads pcapng.
type ngReader struct {
	win    *window
	order  order
	ifs    []ngInterface  // of the section, by the id that packet blocks use
	named  map[string]int // how often the section used a name
	table  *interfaces
	lastNS int64 // time of the previous frame
}

// ngInterface is what an interface description block says.
type ngInterface struct {
	link     LinkType
	snap     uint32 // octets, 0 is no limit
	index    uint16 // in the source's table
	ticks    tick
	offsetNS int64
}

func newNgReader(win *window, table *interfaces) (*ngReader, error) {
	p := &ngReader{win: win, table: table}
	win.begin()
	return p, p.section()
}

func (p *ngReader) next(f *Frame) error {
	for {
		w := p.win
		w.begin()
		h := w.peek(8)
		if h == nil {
			return w.end()
		}
		kind := p.order.u32(h)
		if kind == blockSection {
			if err := p.section(); err != nil {
				return err
			}
			continue
		}
		size := p.order.u32(h[4:])
		var err error
		switch kind {
		case blockEnhanced, blockPacket, blockSimple:
			return p.packet(f, kind, size)
		case blockInterface:
			err = p.describe(size)
		default:
			err = p.pass(size)
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
		if kind != blockEnhanced || uint64(size)+3 > uint64(len(b)) || p.packet(&fs[n], kind, size) != nil {
			break
		}
	}
	return n
}

// block returns the whole block that starts here and is size octets long, at
// least the given number, without its last length field. It consumes nothing.
func (p *ngReader) block(size uint32, least int) ([]byte, error) {
	n := (int(size) + 3) &^ 3 // some writers forget the padding in the length
	if int(size) < least || size > maxBlock {
		return nil, fmt.Errorf("a block of %d octets, expected %d to %d", size, least, maxBlock)
	}
	b := p.win.peek(n)
	if b == nil {
		return nil, errShort
	}
	if again := p.order.u32(b[n-4:]); again != size {
		return nil, fmt.Errorf("a block of %d octets that ends with %d as its length", size, again)
	}
	return b[:n-4], nil
}

// pass skips a block of a kind that says nothing about frames.
func (p *ngReader) pass(size uint32) error {
	if size < blockOverhead {
		return fmt.Errorf("a block of %d octets, expected at least %d", size, blockOverhead)
	}
	if !p.win.skip((int64(size)+3)&^3 - 4) {
		return errShort
	}
	tail := p.win.peek(4)
	if tail == nil {
		return errShort
	}
	if again := p.order.u32(tail); again != size {
		return fmt.Errorf("a block of %d octets that ends with %d as its length", size, again)
	}
	p.win.skip(4)
	return nil
}

// section starts a new section: the byte order may change, and interface ids
// count from 0 again.
func (p *ngReader) section() error {
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
		return fmt.Errorf("a section without a byte order (% x)", h[8:12])
	}
	b, err := p.block(p.order.u32(h[4:]), sectionLen)
	if err != nil {
		return err
	}
	if major, minor := p.order.u16(b[12:]), p.order.u16(b[14:]); major != 1 {
		return fmt.Errorf("pcapng version %d.%d is unknown, expected 1.0", major, minor)
	}
	p.win.r += len(b) + 4
	p.ifs = p.ifs[:0]
	p.named = make(map[string]int)
	return nil
}

// describe adds an interface to the section.
func (p *ngReader) describe(size uint32) error {
	b, err := p.block(size, interfaceLen)
	if err != nil {
		return err
	}
	if len(p.ifs) == maxInterfaces {
		return fmt.Errorf("more than %d interfaces", maxInterfaces)
	}
	i := ngInterface{link: LinkType(p.order.u16(b[8:])), snap: p.order.u32(b[12:])}
	name, err := p.options(b[16:], &i)
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

// options reads the options of an interface, and returns its name.
func (p *ngReader) options(b []byte, i *ngInterface) (string, error) {
	var name, description string
	i.ticks = tick{num: 1000, den: 1} // µs unless told otherwise
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
			if i.ticks, err = newTick(value[0]); err != nil {
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

// interfaceName makes a string of an option. Some writers count a final zero.
func interfaceName(b []byte) string {
	b = b[:min(len(b), maxInterfaceName)]
	return strings.TrimRight(string(b), "\x00")
}

// packet reads a block that holds a frame.
func (p *ngReader) packet(f *Frame, kind, size uint32) error {
	head := 28
	if kind == blockSimple {
		head = 12
	}
	b, err := p.block(size, head+4)
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
		id = uint32(p.order.u16(b[8:])) // its other half counts lost frames
		captured, wire = p.order.u32(b[20:]), p.order.u32(b[24:])
	case blockEnhanced:
		id = p.order.u32(b[8:])
		captured, wire = p.order.u32(b[20:]), p.order.u32(b[24:])
	}
	if int(id) >= len(p.ifs) {
		return fmt.Errorf("a frame of interface %d, of %d that are described", id, len(p.ifs))
	}
	i := &p.ifs[id]
	if kind == blockSimple {
		if i.snap != 0 {
			captured = min(captured, i.snap)
		}
		// Such a block has no time. The one before it is the nearest.
		f.TimeNS = p.lastNS
	} else {
		f.TimeNS = i.ticks.ns(uint64(p.order.u32(b[12:]))<<32|uint64(p.order.u32(b[16:]))) + i.offsetNS
		p.lastNS = f.TimeNS
	}
	if captured > room || captured > maxFrame {
		return fmt.Errorf("a frame of %d captured octets where %d fit", captured, min(room, maxFrame))
	}

	p.win.r += len(b) + 4
	f.Data = b[head : head+int(captured)]
	f.WireLen = int(wire)
	f.Link = i.link
	f.Interface = i.index
	return nil
}

// tick is the unit of an interface's clock: num/den ns.
type tick struct{ num, den uint64 }

// newTick reads the option if_tsresol: a negative power of 10, or of 2 where
// the highest bit is set.
func newTick(v byte) (tick, error) {
	n := int(v & 0x7f)
	switch {
	case v&0x80 != 0 && n <= 63:
		return tick{1e9, 1 << n}, nil
	case v&0x80 != 0:
		return tick{}, fmt.Errorf("a clock that counts in 2^-%d s, expected 2^-63 or coarser", n)
	case n <= 9:
		return tick{power10(9 - n), 1}, nil
	case n <= 28: // 10^19 is the largest that fits
		return tick{1, power10(n - 9)}, nil
	}
	return tick{}, fmt.Errorf("a clock that counts in 10^-%d s, expected 10^-28 or coarser", n)
}

func power10(n int) uint64 {
	v := uint64(1)
	for range n {
		v *= 10
	}
	return v
}

// ns converts a count of ticks. What lies beyond the year 2262 becomes the
// last moment before it.
func (t tick) ns(ticks uint64) int64 {
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
