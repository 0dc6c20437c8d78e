package pkttest

import (
	"encoding/binary"
	"math/rand/v2"
)

// Mutator makes damaged frames out of whole ones: flipped bits, lengths that
// lie, cut ends, pieces of one frame in another. The same seed makes the same
// frames.
type Mutator struct {
	rng *rand.Rand
	buf []byte
}

// NewMutator returns a Mutator for a seed.
func NewMutator(seed uint64) *Mutator {
	return &Mutator{rng: rand.New(rand.NewPCG(seed, 0x77656972))}
}

// IntN returns a number from 0 to n-1.
func (m *Mutator) IntN(n int) int { return m.rng.IntN(n) }

// Mutate returns a changed copy of frame, with a piece of other now and then.
// It is valid until the next call.
func (m *Mutator) Mutate(frame, other []byte) []byte {
	m.buf = append(m.buf[:0], frame...)
	for range 1 + m.rng.IntN(4) {
		if len(m.buf) == 0 {
			m.buf = append(m.buf, byte(m.rng.Uint32()))
		}
		m.change(other)
	}
	return m.buf
}

// edges are values at which lengths, offsets and counters go wrong.
var edges = [...]uint32{0, 1, 3, 4, 5, 7, 8, 15, 16, 19, 20, 39, 40, 0x7f, 0x80, 0xff, 0x5dc, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x7fffffff, 0xffffffff}

// headers is where most changes go: behind it lies payload, which nobody reads.
const headers = 128

func (m *Mutator) change(other []byte) {
	b := m.buf
	at := m.rng.IntN(min(len(b), headers))
	switch edge := edges[m.rng.IntN(len(edges))]; m.rng.IntN(8) {
	case 0:
		b[at] ^= 1 << m.rng.IntN(8)
	case 1:
		b[at] = byte(m.rng.Uint32())
	case 2:
		b[at] = byte(edge)
	case 3:
		if at+2 <= len(b) {
			binary.BigEndian.PutUint16(b[at:], uint16(edge))
		}
	case 4:
		if at+4 <= len(b) {
			binary.BigEndian.PutUint32(b[at:], edge)
		}
	case 5:
		m.buf = b[:m.rng.IntN(len(b)+1)]
	case 6: // from here on it goes on as the other one
		if len(other) > 0 {
			m.buf = append(b[:at], other[m.rng.IntN(min(len(other), headers)):]...)
		}
	case 7: // octets come or go
		if n := 1 + m.rng.IntN(8); m.rng.IntN(2) == 0 {
			m.buf = append(b[:at], b[min(at+n, len(b)):]...)
		} else {
			m.buf = append(b[:at+1], b[max(0, at+1-n):]...)
		}
	}
}
