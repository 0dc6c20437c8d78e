package decode

import (
	"testing"

	"weir/flow"
)

func TestEveryProtocolWithPorts(t *testing.T) {
	for _, proto := range []flow.Proto{flow.TCP, flow.UDP, flow.UDPLite, flow.SCTP, protoDCCP} {
		t.Run(proto.String(), func(t *testing.T) {
			frame := inIPv4(byte(proto), octets(t, `
				30 39 00 50   00 14 00 00   // ports 12345, 80; a UDP length of 20
				00 00 00 00   50 10 00 00   00 00 00 00
				`))
			wantKey(t, one(t, decode(linkRaw, frame)), proto, "203.0.113.1:12345", "203.0.113.2:80")
		})
	}
}

func TestTypeOfTheFirstSCTPChunk(t *testing.T) {
	header := func(proto flow.Proto) []byte {
		return inIPv4(byte(proto), octets(t, `
			13 88 8e 3c   00 00 00 01   00 00 00 00   // ports 5000, 36412; verification tag, checksum
			02 00 00 14   0a 00 00 10                 // INIT ACK, then ERROR
			`))
	}
	frame := header(flow.SCTP)
	for captured := 20 + 4; captured <= len(frame); captured++ {
		want := ChunkData
		if captured > 20+sctpLen {
			want = ChunkInitAck
		}
		r := decodeCut(linkRaw, frame, captured)
		if p := one(t, r); p.Chunk != want || r.Skip != OK {
			t.Errorf("%d octets captured: chunk %d, want %d; %v", captured, p.Chunk, want, r.Skip)
		}
	}
	for _, other := range []flow.Proto{flow.UDPLite, protoDCCP} {
		if p := one(t, decode(linkRaw, header(other))); p.Chunk != 0 {
			t.Errorf("%v: chunk %d", other, p.Chunk)
		}
	}
}

func TestOtherProtocolsAreKeyedByNumber(t *testing.T) {
	for _, proto := range []flow.Proto{flow.IGMP, flow.ESP, flow.AH, 89, 112, 253} {
		t.Run(proto.String(), func(t *testing.T) {
			p := one(t, decode(linkRaw, inIPv4(byte(proto), octets(t, "30 39 00 50 00 00 00 00"))))
			wantKey(t, p, proto, src4, dst4)
			if p.HasPorts {
				t.Error("has ports")
			}
		})
	}
}

// The captured part of a TCP header determines which of its fields are known.
func TestTCPHeaderTruncatedBySnapLength(t *testing.T) {
	frame := octets(t, tcpSYN)
	for captured := 20; captured <= len(frame); captured++ {
		r := decodeCut(linkRaw, frame, captured)
		if r.N != 1 || r.Packets[0].Octets != 40 {
			t.Fatalf("%d octets captured: %d packets, %d octets", captured, r.N, r.Packets[0].Octets)
		}
		p := r.Packets[0]
		ports, control := captured >= 20+4, captured >= 20+14
		if p.HasPorts != ports || p.HasTCP != control || (r.Skip == OK) != control {
			t.Errorf("%d octets captured: ports %v, control bits %v, %q", captured, p.HasPorts, p.HasTCP, r.Skip)
		}
		if control && (p.Flags != flow.SYN || p.Seq != 0x01020304 || p.Ack != 0x05060708) {
			t.Errorf("%d octets captured: %+v", captured, p)
		}
	}
}

func TestInvalidTCPHeaderLengthKeepsThePorts(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(b []byte)
	}{
		{"total length leaves 19 octets", func(b []byte) { b[3] = 39 }},
		{"header of 4 words", func(b []byte) { b[32] = 0x40 }},
		{"header of 6 words in a packet with room for 5", func(b []byte) { b[32] = 0x60 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			frame := append(octets(t, tcpSYN), 0, 0, 0, 0)
			c.change(frame)
			r := decode(linkRaw, frame)
			if r.N != 1 || r.Skip != BadTCP || !r.Packets[0].HasPorts || r.Packets[0].HasTCP {
				t.Fatalf("got %d packets, %q: %+v", r.N, r.Skip, r.Packets[0])
			}
			wantKey(t, &r.Packets[0], flow.TCP, srcSYN, dstSYN)
		})
	}
}

func TestPaddingIsNotATCPHeader(t *testing.T) {
	frame := append(inIPv4(6, octets(t, "c0 00 01 bb")), make([]byte, 40)...) // 4 octets by the IP header
	r := decode(linkRaw, frame)
	if r.N != 1 || r.Skip != BadTCP || r.Packets[0].HasTCP {
		t.Errorf("got %d packets, %q: %+v", r.N, r.Skip, r.Packets[0])
	}
}

func TestPaddingHasNoPorts(t *testing.T) {
	const ports = "30 39 00 50  00 00 00 00\n"
	for name, frame := range map[string][]byte{
		"IPv4": inIPv4(132, octets(t, ports)),
		"IPv6": inIPv6(132, octets(t, ports)),
	} {
		if frame[0]>>4 == 4 { // 2 octets of payload, the rest is padding
			frame[3] = 22
		} else {
			frame[5] = 2
		}
		if r := decode(linkRaw, frame); r.N != 1 || r.Packets[0].HasPorts || r.Skip != TruncatedTransport {
			t.Errorf("%s: %d packets, %q: %+v", name, r.N, r.Skip, r.Packets[0])
		}
	}
}

func TestInvalidLengthIsNotReportedAsTruncation(t *testing.T) {
	frame := octets(t, tcpSYN)
	frame[3] = 39 // no room for a TCP header
	if r := decodeCut(linkRaw, frame, 30); r.N != 1 || r.Skip != BadTCP || !r.Packets[0].HasPorts {
		t.Errorf("got %d packets, %q: %+v", r.N, r.Skip, r.Packets[0])
	}
}

func TestTinyFirstFragmentIsNotInvalid(t *testing.T) {
	// The first 8 octets of a TCP header; the rest is in another fragment.
	frame := inIPv4(6, octets(t, "c0 00 01 bb  01 02 03 04"))
	frame[6] = 0x20 // more fragments
	r := decode(linkRaw, frame)
	if p := r.Packets[0]; r.N != 1 || r.Skip != TruncatedTransport || !p.HasPorts || p.HasTCP || !p.FirstFrag {
		t.Errorf("got %d packets, %q: %+v", r.N, r.Skip, p)
	}
}

func TestInvalidUDPLengthKeepsThePorts(t *testing.T) {
	for name, header := range map[string]string{
		"below the header":       "14 e9 00 35  00 07 00 00",
		"beyond the packet":      "14 e9 00 35  00 09 00 00",
		"0 without a jumbogram":  "14 e9 00 35  00 00 00 00",
		"a packet of 7 octets":   "14 e9 00 35  00 08 00",
		"ports and nothing else": "14 e9 00 35",
	} {
		t.Run(name, func(t *testing.T) {
			r := decode(linkRaw, inIPv4(17, octets(t, header)))
			if r.N != 1 || r.Skip != BadUDP {
				t.Fatalf("got %d packets and %q", r.N, r.Skip)
			}
			wantKey(t, &r.Packets[0], flow.UDP, "203.0.113.1:5353", "203.0.113.2:53")
		})
	}
}

func TestHeaderTruncatedBeforeThePortsIsStillAPacket(t *testing.T) {
	for _, proto := range []byte{6, 17, 132, 136, 33} {
		frame := inIPv4(proto, make([]byte, 40))
		r := decodeCut(linkRaw, frame, 23)
		if r.N != 1 || r.Skip != TruncatedTransport || r.Packets[0].HasPorts || r.Packets[0].Octets != 60 {
			t.Errorf("protocol %d: %d packets, %q, %+v", proto, r.N, r.Skip, r.Packets[0])
		}
	}
}
