package pkttest

import (
	"encoding/binary"

	"weir/flow"
)

// tcp is a TCP header (RFC 9293).
type tcp struct {
	src, dst uint16
	seq, ack uint32
	flags    flow.Flags
	window   uint16
	options  []byte
	offset   optional[uint8]
	sum      optional[uint16]
}

// defaultWindow is the initial window of Linux on Ethernet: 44 segments of 1460
// bytes.
const defaultWindow = 64240

// TCP adds a TCP header without flags, with window 64240.
func (p Packet) TCP(src, dst uint16) Packet {
	return p.add(tcp{src: src, dst: dst, window: defaultWindow})
}

// Flags adds the control bits f.
func (p Packet) Flags(f flow.Flags) Packet {
	return set(p, "Flags", func(l tcp) layer { l.flags |= f; return l })
}

// SYN sets the SYN flag.
func (p Packet) SYN() Packet { return p.Flags(flow.SYN) }

// FIN sets the FIN flag.
func (p Packet) FIN() Packet { return p.Flags(flow.FIN) }

// RST sets the RST flag.
func (p Packet) RST() Packet { return p.Flags(flow.RST) }

// PSH sets the PSH flag.
func (p Packet) PSH() Packet { return p.Flags(flow.PSH) }

// ACK sets the ACK flag and the acknowledgment number n.
func (p Packet) ACK(n uint32) Packet {
	return set(p, "ACK", func(l tcp) layer { l.flags |= flow.ACK; l.ack = n; return l })
}

// Seq sets the sequence number.
func (p Packet) Seq(n uint32) Packet {
	return set(p, "Seq", func(l tcp) layer { l.seq = n; return l })
}

// Window sets the receive window.
func (p Packet) Window(n uint16) Packet {
	return set(p, "Window", func(l tcp) layer { l.window = n; return l })
}

func (l tcp) encode(at position, body []byte) []byte {
	size := 20 + len(l.options)
	b := make([]byte, size, size+len(body))
	binary.BigEndian.PutUint16(b[0:], l.src)
	binary.BigEndian.PutUint16(b[2:], l.dst)
	binary.BigEndian.PutUint32(b[4:], l.seq)
	binary.BigEndian.PutUint32(b[8:], l.ack)
	b[12], b[13] = l.offset.or(uint8(size/4))<<4, uint8(l.flags)
	binary.BigEndian.PutUint16(b[14:], l.window)
	copy(b[20:], l.options)
	b = append(b, body...)
	binary.BigEndian.PutUint16(b[16:], l.sum.or(checksum(pseudo(at.outer, flow.TCP, len(b)), b)))
	return b
}

func (l tcp) ids() ids                    { return ids{proto: some(flow.TCP)} }
func (l tcp) withHeaderLen(v uint8) layer { l.offset = some(v); return l }
func (l tcp) withOptions(b []byte) layer  { l.options = b; return l }
func (l tcp) withChecksum(v uint16) layer { l.sum = some(v); return l }

// udp is a UDP (RFC 768) or UDP-Lite (RFC 3828) header.
type udp struct {
	proto    flow.Proto
	src, dst uint16
	length   optional[uint16]
	sum      optional[uint16]
}

// UDP adds a UDP header.
func (p Packet) UDP(src, dst uint16) Packet { return p.add(udp{proto: flow.UDP, src: src, dst: dst}) }

// UDPLite adds a UDP-Lite header whose checksum covers the whole packet.
func (p Packet) UDPLite(src, dst uint16) Packet {
	return p.add(udp{proto: flow.UDPLite, src: src, dst: dst})
}

// UDPLen overrides the length field of the UDP header, which includes the 8 bytes
// of the header.
func (p Packet) UDPLen(n uint16) Packet {
	return set(p, "UDPLen", func(l udp) layer { l.length = some(n); return l })
}

func (l udp) encode(at position, body []byte) []byte {
	b := make([]byte, 8, 8+len(body))
	binary.BigEndian.PutUint16(b[0:], l.src)
	binary.BigEndian.PutUint16(b[2:], l.dst)
	binary.BigEndian.PutUint16(b[4:], l.length.or(uint16(8+len(body))))
	b = append(b, body...)
	sum := checksum(pseudo(at.outer, l.proto, len(b)), b)
	if sum == 0 {
		sum = 0xffff // zero means no checksum (RFC 768)
	}
	binary.BigEndian.PutUint16(b[6:], l.sum.or(sum))
	return b
}

func (l udp) ids() ids                    { return ids{proto: some(l.proto)} }
func (l udp) withChecksum(v uint16) layer { l.sum = some(v); return l }

// sctp is an SCTP common header with one chunk (RFC 9260).
type sctp struct {
	src, dst uint16
	tag      uint32
	chunk    uint8
}

// SCTP adds an SCTP header with one DATA chunk that contains the inner layers.
func (p Packet) SCTP(src, dst uint16) Packet { return p.add(sctp{src: src, dst: dst, tag: 1}) }

// Chunk makes the chunk one of another type, such as 1 for INIT.
func (p Packet) Chunk(typ uint8) Packet {
	return set(p, "Chunk", func(l sctp) layer { l.chunk = typ; return l })
}

func (l sctp) encode(_ position, body []byte) []byte {
	const chunkHeader = 4
	fields := l.fields()
	b := make([]byte, 12+chunkHeader, 12+chunkHeader+len(fields)+len(body)+3)
	binary.BigEndian.PutUint16(b[0:], l.src)
	binary.BigEndian.PutUint16(b[2:], l.dst)
	binary.BigEndian.PutUint32(b[4:], l.tag)
	b[12] = l.chunk
	if l.chunk == chunkData {
		b[13] = 0x03 // the first and last fragment of a message
	}
	if l.chunk == chunkInit {
		binary.BigEndian.PutUint32(b[4:], 0) // RFC 9260 section 8.5.1
	}
	binary.BigEndian.PutUint16(b[14:], uint16(chunkHeader+len(fields)+len(body)))
	b = padTo(append(append(b, fields...), body...), 4)
	binary.LittleEndian.PutUint32(b[8:], crc32c(b)) // transmitted least significant byte first
	return b
}

// The chunks with fields.
const (
	chunkData    = 0
	chunkInit    = 1
	chunkInitAck = 2
)

// fields returns the fixed part of the chunk's value.
func (l sctp) fields() []byte {
	switch l.chunk {
	case chunkData:
		return make([]byte, 12) // TSN, stream, its sequence number, payload protocol
	case chunkInit, chunkInitAck:
		b := []byte{0, 0, 0, 1, 0, 1, 0, 0, 0, 10, 0, 10, 0, 0, 0, 1} // tag, window, streams out and in, TSN
		if l.chunk == chunkInitAck {
			b = append(b, 0, 7, 0, 8, 1, 2, 3, 4) // state cookie
		}
		return b
	}
	return nil
}

func (l sctp) ids() ids { return ids{proto: some(flow.SCTP)} }
