package pkttest

import (
	"encoding/binary"
	"math/rand/v2"
)

// Mutator generates malformed frames from valid ones: flipped bits, wrong
// lengths, truncation, splicing. Output is deterministic for a seed.
type Mutator struct {
	rng *rand.Rand
	buf []byte
}

// NewMutator returns a Mutator with the given seed.
func NewMutator(seed uint64) *Mutator {
	return &Mutator{rng: rand.New(rand.NewPCG(seed, 0x77656972))}
}

// IntN returns a random number from 0 to n-1.
func (m *Mutator) IntN(n int) int { return m.rng.IntN(n) }

// Mutate returns a mutated copy of frame, sometimes spliced with other. The result
// is valid until the next call.
func (m *Mutator) Mutate(frame, other []byte) []byte {
	m.buf = append(m.buf[:0], frame...)
	for range 1 + m.rng.IntN(4) {
		if len(m.buf) == 0 {
			m.buf = append(m.buf, byte(m.rng.Uint32()))
		}
		m.buf = m.change(m.buf, other)
	}
	return m.buf
}

// edges holds boundary values of lengths, offsets and counters.
var edges = [...]uint32{0, 1, 3, 4, 5, 7, 8, 15, 16, 19, 20, 39, 40, 0x7f, 0x80, 0xff, 0x5dc, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x7fffffff, 0xffffffff}

// headers is the number of leading bytes to mutate. The payload after them is
// never decoded.
const headers = 128

// change applies one mutation to b, which it may reuse, and returns the result.
func (m *Mutator) change(b, other []byte) []byte {
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
		return b[:m.rng.IntN(len(b)+1)]
	case 6: // continue with the other frame
		if len(other) > 0 {
			return append(b[:at], other[m.rng.IntN(min(len(other), headers)):]...)
		}
	case 7: // delete or insert bytes
		n := 1 + m.rng.IntN(8)
		if m.rng.IntN(2) == 0 {
			return append(b[:at], b[min(at+n, len(b)):]...)
		}
		return append(b[:at+1], b[max(0, at+1-n):]...)
	}
	return b
}
