package capture

import (
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
)

// errShort says that the input ended inside a record. What ended it is in
// window.err.
var errShort = errors.New("input ends inside a record")

// window is a buffer that slides over a stream. What peek returns stays in
// place until the following fill, so that frames need not be copied out. No
// length field of a file makes it larger than the longest block.
//
// It is small, so that it stays in the processor's cache together with the flow
// table. A gzip that doesn't fit into it is unpacked ahead of it, see [readAhead].
type window struct {
	src   io.Reader
	least int // octets to wait for when reading ahead; 0: src is not read ahead
	buf   []byte
	r, w  int   // buf[r:w] is read from src and not yet consumed
	base  int64 // offset of buf[0] in the stream
	mark  int64 // offset of the record that is being read
	err   error // what src ended with
	ahead *readAhead
	stop  chan struct{} // closed when nobody wants any more of it
}

// newWindow returns a window at the start of src. If least is not 0 it is read
// ahead, that many octets at a time or more.
func newWindow(src io.Reader, least int) *window {
	return &window{src: src, least: least, buf: make([]byte, windowBytes), stop: make(chan struct{})}
}

// close ends what reads ahead, as soon as src returns. It may be called by any
// goroutine, once.
func (w *window) close() { close(w.stop) }

// begin notes that a record starts here.
func (w *window) begin() { w.mark = w.base + int64(w.r) }

// peek returns the next n octets without consuming them, nil if there are
// fewer. n must not exceed maxBlock.
func (w *window) peek(n int) []byte {
	if w.w-w.r < n && !w.fill(n) {
		return nil
	}
	return w.buf[w.r : w.r+n]
}

// rest is what is in the window and not consumed.
func (w *window) rest() []byte { return w.buf[w.r:w.w] }

// fill makes at least n octets available if the stream has them.
func (w *window) fill(n int) bool {
	for w.w-w.r < n && w.err == nil {
		switch full := w.r+n > len(w.buf); {
		case w.ahead != nil:
			w.exchange()
		case full && w.least > 0:
			w.ahead = startReadAhead(w.src, w.least, w.stop)
		case full || w.r == w.w:
			w.slide(n)
			w.read()
		default:
			w.read()
		}
	}
	return w.w-w.r >= n
}

// read takes what src has, as far as there is room.
func (w *window) read() {
	var got int
	got, w.err = readAtLeast(w.src, w.buf[w.w:], 1)
	w.w += got
}

// slide moves what is left in the window to its start, where n octets have
// room then.
func (w *window) slide(n int) {
	left := w.rest()
	if n > len(w.buf) {
		w.buf = make([]byte, maxBlock)
	}
	copy(w.buf, left)
	w.base += int64(w.r)
	w.r, w.w = 0, len(left)
}

// exchange moves the window on to the next chunk. What is left in it, less
// than a block, goes before that.
func (w *window) exchange() {
	c := w.ahead.next()
	if w.err = c.err; c.buf == nil {
		return
	}
	left := w.rest()
	r := aheadReserve - len(left)
	copy(c.buf[r:], left)
	w.ahead.free(w.buf)
	w.base += int64(w.r - r)
	w.buf, w.r, w.w = c.buf, r, c.end
}

// skip consumes n octets, however many, and reports whether they were there.
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

// end is the error for a record whose first octets are missing: io.EOF where
// the stream properly ended before it.
func (w *window) end() error {
	if w.r == w.w && w.err == io.EOF {
		return io.EOF
	}
	return errShort
}

// order is a byte order. The methods are small enough to be inlined, which
// those of a binary.ByteOrder in a variable are not.
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

// u32x4 is four times u32, with one look at the order.
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
