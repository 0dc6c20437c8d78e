package capture

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/ulikunitz/xz"
)

// openXZ wraps ulikunitz/xz, which allocates any dictionary that a file asks for, and
// fills the buffer of Read even if it has to wait for the next chunk.
func openXZ(src *bufio.Reader, _ bool) (io.ReadCloser, error) {
	layout := &xzLayout{src: src}
	z, err := xz.NewReader(layout)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(&xzReader{z, layout, 0}), nil
}

// xzReader reads no further than to the end of the chunk that is being decompressed.
type xzReader struct {
	z      *xz.Reader
	layout *xzLayout
	read   int64 // octets returned
}

func (r *xzReader) Read(p []byte) (int, error) {
	known := r.layout.octets - r.read // of the chunks that the decompressor has begun
	n, err := r.z.Read(p[:min(int64(len(p)), max(known, 1))])
	r.read += int64(n)
	return n, err
}

// xzLayout passes an .xz file on, part by part, and checks what it needs before the
// decompressor acts on it (The .xz File Format 1.2.1, and xz-embedded for LZMA2).
type xzLayout struct {
	src    *bufio.Reader
	part   func(*xzLayout) (int64, error) // reads ahead how long the next part is; nil: a stream header
	left   int64                          // octets of the current part
	check  int64                          // length of the integrity check of a block
	block  int64                          // octets of the current block or index so far
	fields uint64                         // numbers left in the index
	octets int64                          // sum of the uncompressed sizes of chunks so far
	err    error
}

var errXZ = errors.New("the xz data are damaged")

func (l *xzLayout) Read(p []byte) (int, error) {
	for l.left == 0 && l.err == nil {
		next := l.part
		if next == nil {
			next = (*xzLayout).streamHeader
		}
		l.left, l.err = next(l)
	}
	if l.left == 0 {
		return 0, l.err
	}
	n, err := l.src.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}

// peek returns the next n octets.
func (l *xzLayout) peek(n int) ([]byte, error) {
	b, err := l.src.Peek(n)
	if err == io.EOF && len(b) > 0 {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}

// streamHeader is the start of a stream, or four octets of padding behind one.
func (l *xzLayout) streamHeader() (int64, error) {
	const length = 12
	if b, err := l.peek(4); err != nil || bytes.Equal(b, make([]byte, 4)) {
		return 4, err
	}
	b, err := l.peek(length)
	if err != nil {
		return 0, err
	}
	// none; CRC32; CRC64; SHA-256: 4, 8, 16 or 32 octets for groups of three
	switch id := b[7] & 0xf; id {
	case 0:
		l.check = 0
	default:
		l.check = 4 << ((id - 1) / 3)
	}
	l.part = (*xzLayout).blockHeader
	return length, nil
}

// blockHeader is the header of a block, with its dictionary size, or the start of the index.
func (l *xzLayout) blockHeader() (int64, error) {
	b, err := l.peek(1)
	if err != nil {
		return 0, err
	}
	if b[0] == 0 {
		l.block, l.fields, l.part = 1, 0, (*xzLayout).indexSize
		return 1, nil
	}
	size := (int(b[0]) + 1) * 4
	if b, err = l.peek(size); err != nil {
		return 0, err
	}
	if err := checkDictionary(b[1:]); err != nil {
		return 0, err
	}
	l.block, l.part = 0, (*xzLayout).chunk // the header is a multiple of four
	return int64(size), nil
}

// checkDictionary reads the flags, sizes and filters of a block header.
func checkDictionary(b []byte) error {
	flags := b[0]
	b = b[1:]
	number := func() (v uint64, err error) {
		v, n := xzNumber(b)
		if n == 0 {
			return 0, errXZ
		}
		b = b[n:]
		return v, nil
	}
	for _, present := range []byte{0x40, 0x80} {
		if flags&present != 0 {
			if _, err := number(); err != nil {
				return err
			}
		}
	}
	const lzma2 = 0x21
	for range flags&3 + 1 {
		id, err := number()
		if err != nil {
			return err
		}
		n, err := number()
		if err != nil || n > uint64(len(b)) {
			return errXZ
		}
		properties := b[:n]
		b = b[n:]
		if id != lzma2 || n != 1 || properties[0] > 40 {
			return errors.New("xz with filters other than LZMA2: decompress it first (xz -d)")
		}
		if bits := properties[0]; (2|uint64(bits&1))<<(bits/2+11) > maxXZDictionary {
			return fmt.Errorf("xz with a dictionary of more than %d MiB: decompress it first (xz -d)", maxXZDictionary>>20)
		}
	}
	return nil
}

// chunk is an LZMA2 chunk, or the end of them, padding and check of the block.
func (l *xzLayout) chunk() (int64, error) {
	b, err := l.peek(1)
	if err != nil {
		return 0, err
	}
	control := b[0]
	var header int
	switch {
	case control == 0:
		l.part = (*xzLayout).blockHeader
		return 1 + -(l.block+1)&3 + l.check, nil
	case control <= 2:
		header = 3
	case control >= 0xc0:
		header = 6
	case control >= 0x80:
		header = 5
	default:
		return 0, errXZ
	}
	if b, err = l.peek(header); err != nil {
		return 0, err
	}
	size := int64(b[1])<<8 | int64(b[2]) + 1
	compressed := size
	if control >= 0x80 {
		size += int64(control&0x1f) << 16
		compressed = int64(b[3])<<8 | int64(b[4]) + 1
	}
	l.octets += size
	l.block += int64(header) + compressed
	return int64(header) + compressed, nil
}

// indexSize is the number of records in the index, each of two numbers.
func (l *xzLayout) indexSize() (int64, error) {
	v, n, err := l.number()
	if err != nil {
		return 0, err
	}
	if v > math.MaxUint64/2 {
		return 0, errXZ
	}
	l.fields, l.part = 2*v, (*xzLayout).indexField
	return n, nil
}

// indexField is a number of the index, or its padding and check, and the stream footer.
func (l *xzLayout) indexField() (int64, error) {
	if l.fields > 0 {
		l.fields--
		_, n, err := l.number()
		return n, err
	}
	const check, footer = 4, 12
	l.part = nil
	return -l.block&3 + check + footer, nil
}

// number reads ahead a number of the index, and counts its octets.
func (l *xzLayout) number() (v uint64, n int64, err error) {
	for size := 1; ; size++ {
		b, err := l.peek(size)
		if err != nil {
			return 0, 0, err
		}
		if v, n := xzNumber(b); n > 0 {
			l.block += int64(n)
			return v, int64(n), nil
		} else if size == maxXZNumber {
			return 0, 0, errXZ
		}
	}
}

const maxXZNumber = 9 // octets of 7 bits

// xzNumber decodes a variable-length integer and returns its length, 0 if it doesn't end in b.
func xzNumber(b []byte) (v uint64, n int) {
	for i, c := range b[:min(len(b), maxXZNumber)] {
		v |= uint64(c&0x7f) << (7 * i)
		if c&0x80 == 0 {
			return v, i + 1
		}
	}
	return 0, 0
}
