package capture

import "math"

// Options that count lost frames, each 8 octets: of an enhanced packet block (section 4.3) those lost since the
// previous frame, of an interface statistics block (section 4.6) all so far.
const (
	optFrameDrops     = 4 // epb_dropcount
	optInterfaceDrops = 5 // isb_ifdrop
	optSystemDrops    = 7 // isb_osdrop
)

// ngDrops are the frames that were lost on an interface when the file was captured.
type ngDrops struct {
	before      uint64 // before a frame each; valid if counted
	counted     bool   // a frame has the option
	inInterface uint64 // by the statistics
	inSystem    uint64 // by the statistics
}

// unknownDrops is the count of an obsolete packet block that doesn't know it (appendix A).
const unknownDrops = math.MaxUint16

// addBefore adds n frames that were lost before a frame on interface i, unless n is unknown.
func (p *ngReader) addBefore(i *ngInterface, n, unknown uint64) {
	d := &i.drops
	if n == unknown || n == 0 && d.counted {
		return
	}
	d.counted, p.changed = true, true
	d.before = addCounts(d.before, n)
}

// total returns the number of lost frames. Those before a frame were lost by the interface or by the system,
// and don't include those after the last frame.
func (d *ngDrops) total() uint64 {
	if d.counted {
		return max(d.before, d.inSystem)
	}
	return addCounts(d.inInterface, d.inSystem)
}

// readDrops reads the number of frames lost before a frame on interface i from the options of the frame.
func (p *ngReader) readDrops(options []byte, i *ngInterface) {
	p.eachOption(options, func(code int, value []byte) {
		if code == optFrameDrops && len(value) >= 8 {
			p.addBefore(i, p.order.u64(value), math.MaxUint64)
		}
	})
}

// readStats reads the statistics of an interface. The latest ones hold.
func (p *ngReader) readStats(size uint32) error {
	b, err := p.peekBlock(size, interfaceLen+4)
	if err != nil {
		return err
	}
	if id := p.order.u32(b[8:]); int(id) < len(p.ifs) {
		d := &p.ifs[id].drops
		p.changed = true
		p.eachOption(b[20:], func(code int, value []byte) {
			switch {
			case len(value) < 8:
			case code == optInterfaceDrops:
				d.inInterface = p.order.u64(value)
			case code == optSystemDrops:
				d.inSystem = p.order.u64(value)
			}
		})
	}
	p.win.r += len(b) + 4
	return nil
}

func (p *ngReader) drops() uint64 {
	if !p.changed {
		return p.lost
	}
	p.lost, p.changed = p.earlier, false
	for i := range p.ifs {
		p.lost = addCounts(p.lost, p.ifs[i].drops.total())
	}
	return p.lost
}

// eachOption calls fn with the options in b.
func (p *ngReader) eachOption(b []byte, fn func(code int, value []byte)) {
	for len(b) >= 4 {
		code, n := int(p.order.u16(b)), int(p.order.u16(b[2:]))
		b = b[4:]
		if code == optEnd || n > len(b) {
			return
		}
		fn(code, b[:n])
		b = b[min((n+3)&^3, len(b)):]
	}
}

// addCounts returns a + b, at most the largest count: a damaged file may tell any number.
func addCounts(a, b uint64) uint64 {
	if a+b < a {
		return math.MaxUint64
	}
	return a + b
}
