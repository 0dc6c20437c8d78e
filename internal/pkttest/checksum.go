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

// Checksum overrides the innermost 16-bit checksum. In UDP, 0 means no checksum.
func (p Packet) Checksum(v uint16) Packet {
	return set(p, "Checksum", func(l checksummed) layer { return l.withChecksum(v) })
}

// checksum returns the Internet checksum (RFC 1071) of b. sum is the sum of the
// pseudo header, or 0.
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

// pseudo returns the sum of the pseudo header (RFC 9293 section 3.1, RFC 8200
// section 8.1) for length bytes of protocol proto inside the innermost IP header
// of outer; 0 if there is none, as the checksum is then undefined.
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

// crc32c returns the checksum of SCTP (RFC 9260 appendix A).
func crc32c(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }
