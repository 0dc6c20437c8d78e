package block

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
)

// FixBit looks for the single bit of a part or header whose flip makes the checksum right, and flips it.
// It reports whether the checksum, which covers the keys as well, is right now.
//
// A flipped bit changes a CRC by a value that depends only on the bit's distance from the end. Two
// flipped bits are never mistaken for one: CRC-32C has a Hamming distance of at least 4 up to 2^31 bits
// (Koopman, DSN 2002). Other damage is mistaken for a single flipped bit once in 2^32 divided by the
// number of bits: callers compare what they got with the other copy.
func FixBit(part []byte, keys ...int64) bool {
	n := len(part) - 4
	if n < 0 {
		return false
	}
	table := crc32.MakeTable(crc32.Castagnoli)
	want := sum(part[:n], keys...) ^ binary.LittleEndian.Uint32(part[n:])
	switch bits.OnesCount32(want) {
	case 0:
		return true
	case 1: // in the checksum itself
		binary.LittleEndian.PutUint32(part[n:], sum(part[:n], keys...))
		return true
	}
	var change [8]uint32 // by a flip of each bit of the current byte
	for bit := range change {
		change[bit] = table[1<<bit]
	}
	for at := n - 1; at >= 0; at-- {
		for bit, v := range change {
			if v == want {
				part[at] ^= 1 << bit
				return true
			}
			change[bit] = table[byte(v)] ^ v>>8
		}
	}
	return false
}
