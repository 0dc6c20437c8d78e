package pkttest

import (
	"encoding/binary"
	"hash/crc32"

	"weir/flow"
)

// checksummed is a header with a checksum field.
type checksummed interface {
	withChecksum(v uint16) layer
}

// Checksum makes the innermost header with a checksum of 16 bits carry v: 0 in
// UDP means that there is none, any other wrong value is a broken packet.
func (p Packet) Checksum(v uint16) Packet {
	return set(p, "Checksum", func(l checksummed) layer { return l.withChecksum(v) })
}

// checksum is the Internet checksum (RFC 1071) of b; sum is what was added up
// before, of a pseudo header.
func checksum(sum uint32, b []byte) uint16 {
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

// pseudo adds up the pseudo header (RFC 9293 section 3.1, RFC 8200 section
// 8.1) for length octets of protocol proto inside the nearest IP header of
// outer. 0 if there is none: such a packet has no right checksum.
func pseudo(outer []layer, proto flow.Proto, length int) uint32 {
	for i := len(outer) - 1; i >= 0; i-- {
		ip, ok := outer[i].(ipHeader)
		if !ok {
			continue
		}
		sum := uint32(proto) + uint32(length)
		src, dst := ip.addrs()
		for _, a := range [][]byte{src.AsSlice(), dst.AsSlice()} {
			for ; len(a) >= 2; a = a[2:] {
				sum += uint32(binary.BigEndian.Uint16(a))
			}
		}
		return sum
	}
	return 0
}

// crc32c is SCTP's checksum (RFC 9260 appendix A), as it stands in the header.
func crc32c(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }
