package capture

import (
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
)

// errShort reports that the input ended inside a record. window.err has the cause.
var errShort = errors.New("input ends inside a record")

// window is a buffer that slides over a stream. A slice from peek is valid until the
// next fill, so frames need not be copied. No length field in a file makes the window
// larger than maxBlock.
//
// It is small enough to stay in the CPU cache together with the flow table. A compressed
// stream that exceeds it is decompressed ahead of it, see [readAhead].
type window struct {
	src          io.Reader
	readAheadMin int // minimum octets per chunk when reading ahead; 0: no read-ahead
	buf          []byte
	r, w         int   // buf[r:w] was read from src and not yet consumed
	base         int64 // offset of buf[0] in the stream
	mark         int64 // offset of the current record
	err          error // error that ended src
	ahead        *readAhead
	stop         chan struct{} // closed by close
}

// newWindow returns a window at the start of src. If minimum is not 0, src is read ahead
// in chunks of at least that many octets.
func newWindow(src io.Reader, minimum int) *window {
	return &window{src: src, readAheadMin: minimum, buf: make([]byte, windowBytes), stop: make(chan struct{})}
}

// close stops reading ahead once the current read of src returns. It may be called by
// any goroutine, once.
func (w *window) close() { close(w.stop) }

// markRecord records that a record starts here.
func (w *window) markRecord() { w.mark = w.base + int64(w.r) }

// peek returns the next n octets without consuming them, nil if there are
// fewer. n must not exceed maxBlock.
func (w *window) peek(n int) []byte {
	if w.w-w.r < n && !w.fill(n) {
		return nil
	}
	return w.buf[w.r : w.r+n]
}

// rest returns the unconsumed octets in the window.
func (w *window) rest() []byte { return w.buf[w.r:w.w] }

// fill reads until n octets are available, and reports whether it got that far.
func (w *window) fill(n int) bool {
	for w.w-w.r < n && w.err == nil {
		switch full := w.r+n > len(w.buf); {
		case w.ahead != nil:
			w.nextChunk()
		case full && w.readAheadMin > 0:
			w.ahead = startReadAhead(w.src, w.readAheadMin, w.stop)
		case full || w.r == w.w:
			w.slide(n)
			w.read()
		default:
			w.read()
		}
	}
	return w.w-w.r >= n
}

// read reads from src once into the free space.
func (w *window) read() {
	var got int
	got, w.err = readAtLeast(w.src, w.buf[w.w:], 1)
	w.w += got
}

// slide moves the unconsumed octets to the start of the buffer, which then has room
// for n octets.
func (w *window) slide(n int) {
	left := w.rest()
	if n > len(w.buf) {
		w.buf = make([]byte, maxBlock)
	}
	copy(w.buf, left)
	w.base += int64(w.r)
	w.r, w.w = 0, len(left)
}

// nextChunk moves the window to the next chunk. The unconsumed octets, less than a
// block, are copied in front of it.
func (w *window) nextChunk() {
	c := w.ahead.next()
	if w.err = c.err; c.buf == nil {
		return
	}
	left := w.rest()
	r := readAheadReserve - len(left)
	copy(c.buf[r:], left)
	w.ahead.recycle(w.buf)
	w.base += int64(w.r - r)
	w.buf, w.r, w.w = c.buf, r, c.end
}

// skip consumes n octets, of any number, and reports whether the stream had as many.
func (w *window) skip(n int64) bool {
	for n > int64(w.w-w.r) {
		n -= int64(w.w - w.r)
		w.r = w.w
		if !w.fill(1) {
			return false
		}
	}
	w.r += int(n)
	return true
}

// endErr returns the error for a record whose first octets are missing: io.EOF if the
// stream ended regularly before it, else errShort.
func (w *window) endErr() error {
	if w.r == w.w && errors.Is(w.err, io.EOF) {
		return io.EOF
	}
	return errShort
}

// order is a byte order. Unlike those of a binary.ByteOrder variable, its methods are
// inlined.
type order struct{ big bool }

func (o order) u16(b []byte) uint16 {
	v := binary.LittleEndian.Uint16(b)
	if o.big {
		return bits.ReverseBytes16(v)
	}
	return v
}

func (o order) u32(b []byte) uint32 {
	v := binary.LittleEndian.Uint32(b)
	if o.big {
		return bits.ReverseBytes32(v)
	}
	return v
}

// u32x4 reads four consecutive values with a single branch on the order.
func (o order) u32x4(b *[16]byte) (v0, v1, v2, v3 uint32) {
	le := binary.LittleEndian
	v0, v1, v2, v3 = le.Uint32(b[0:]), le.Uint32(b[4:]), le.Uint32(b[8:]), le.Uint32(b[12:])
	if o.big {
		v0, v1, v2, v3 = bits.ReverseBytes32(v0), bits.ReverseBytes32(v1), bits.ReverseBytes32(v2), bits.ReverseBytes32(v3)
	}
	return v0, v1, v2, v3
}

func (o order) u64(b []byte) uint64 {
	v := binary.LittleEndian.Uint64(b)
	if o.big {
		return bits.ReverseBytes64(v)
	}
	return v
}
