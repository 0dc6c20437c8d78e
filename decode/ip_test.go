package decode

import (
	"strings"
	"testing"

	"weir/flow"
)

const (
	src4, dst4 = "203.0.113.1:0", "203.0.113.2:0"
	src6, dst6 = "[2001:db8:1::1]:0", "[2001:db8:1::2]:0"
)

func TestTCPSegment(t *testing.T) {
	p := one(t, decode(linkEthernet, octets(t, ethIPv4, tcpSYN)))
	wantKey(t, p, flow.TCP, srcSYN, dstSYN)
	want := Packet{
		Key: p.Key, FromB: p.FromB, Octets: 40, TTL: 64, Seq: 0x01020304, Ack: 0x05060708, Flags: flow.SYN,
		FragID: 0x1234, HasIPID: true, HasPorts: true, HasTCP: true,
	}
	if *p != want {
		t.Errorf("got  %+v\nwant %+v", *p, want)
	}
}

func TestUDPOverIPv6(t *testing.T) {
	p := one(t, decode(linkEthernet, octets(t, ethIPv6, udp6)))
	wantKey(t, p, flow.UDP, srcUDP6, dstUDP6)
	want := Packet{Key: p.Key, FromB: p.FromB, Octets: 48, TTL: 63, HasPorts: true}
	if *p != want {
		t.Errorf("got  %+v\nwant %+v", *p, want)
	}
}

func TestBothDirectionsShareAKey(t *testing.T) {
	forward := one(t, decode(linkRaw, octets(t, tcpSYN)))
	frame := octets(t, tcpSYN)
	copy(frame[12:], octets(t, "c6 33 64 02  c0 00 02 01  01 bb c0 00")) // addresses and ports swapped
	reverse := one(t, decode(linkRaw, frame))
	if forward.Key != reverse.Key || forward.FromB == reverse.FromB {
		t.Errorf("forward %+v from B %v\nreverse %+v from B %v", forward.Key, forward.FromB, reverse.Key, reverse.FromB)
	}
}

func TestEqualAddressesAreOrderedByPort(t *testing.T) {
	frame := octets(t, tcpSYN)
	copy(frame[12:], octets(t, "7f 00 00 01  7f 00 00 01")) // both 127.0.0.1
	p := one(t, decode(linkRaw, frame))
	wantKey(t, p, flow.TCP, "127.0.0.1:49152", "127.0.0.1:443")
	if !p.FromB {
		t.Error("the sender has the higher port, but is A")
	}
}

// The IPv4 header determines the length; the wire length counts only if the header
// field is 0, the captured length never.
func TestIPv4Octets(t *testing.T) {
	frame := octets(t, ethIPv4, tcpSYN)
	padded := append(octets(t, ethIPv4, tcpSYN), 0, 0, 0, 0, 0, 0) // to the Ethernet minimum of 60
	offload := append(octets(t, ethIPv4, tcpSYN), make([]byte, 3000)...)
	offload[14+2], offload[14+3] = 0, 0 // total length
	for _, c := range []struct {
		name     string
		frame    []byte
		captured int
		want     uint32
	}{
		{"total length", frame, len(frame), 40},
		{"padding doesn't count", padded, len(padded), 40},
		{"truncated by the snap length", frame, 14 + 34, 40},
		{"segmentation offload", offload, len(offload), 3040},
		{"segmentation offload, truncated", offload, 14 + 40, 3040},
	} {
		t.Run(c.name, func(t *testing.T) {
			if p := one(t, decodeCut(linkEthernet, c.frame, c.captured)); p.Octets != c.want {
				t.Errorf("octets %d, want %d", p.Octets, c.want)
			}
		})
	}
}

// The length of an IPv6 packet is payload length + 40. If that field is 0, the jumbo
// payload option or the wire length counts.
func TestIPv6Octets(t *testing.T) {
	jumbo := octets(t, `
		60 00 00 00  00 00 00 40            // payload length 0, hop-by-hop options
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02
		11 00  c2 04 00 01 00 08            // UDP; jumbo payload, 65544 octets
		14 e9 00 35 00 00 00 00             // UDP, length 0
		`)
	jumbo = append(jumbo, make([]byte, 65544-16)...)
	offload := append(octets(t, udp6), make([]byte, 3000)...)
	offload[5] = 0                                // payload length
	offload[44], offload[45] = 3008>>8, 3008&0xff // UDP length
	bare := octets(t, udp6)
	bare[5], bare[6] = 0, protoNoNext
	bare = append(bare[:40], make([]byte, 6)...) // padding
	empty := append([]byte(nil), bare...)
	empty[6] = byte(flow.ESP) // a next header, but only padding on the wire
	for _, c := range []struct {
		name     string
		frame    []byte
		captured int
		want     uint32
	}{
		{"padding is not offload", empty, len(empty), 40},
		{"payload length", octets(t, udp6), 48, 48},
		{"padding doesn't count", append(octets(t, udp6), 0, 0, 0), 51, 48},
		{"jumbogram", jumbo, len(jumbo), 65584},
		{"jumbogram, truncated", jumbo, 56, 65584},
		{"segmentation offload", offload, len(offload), 3048},
		{"no next header and padding", bare, len(bare), 40},
	} {
		t.Run(c.name, func(t *testing.T) {
			if p := one(t, decodeCut(linkRaw, c.frame, c.captured)); p.Octets != c.want {
				t.Errorf("octets %d, want %d", p.Octets, c.want)
			}
		})
	}
}

func TestInvalidIPHeadersYieldAReasonAndNoPacket(t *testing.T) {
	for _, c := range []struct {
		name   string
		link   uint16
		change func(b []byte) []byte
		want   Reason
	}{
		{"IPv4 truncated", linkIPv4, func(b []byte) []byte { return b[:19] }, TruncatedIP},
		{"IPv4 header length 4 words", linkIPv4, func(b []byte) []byte { b[0] = 0x44; return b }, BadIPHeader},
		{"IPv4 version 5", linkIPv4, func(b []byte) []byte { b[0] = 0x55; return b }, BadIPVersion},
		{"IPv6 in place of IPv4", linkIPv4, func(b []byte) []byte { b[0] = 0x65; return b }, BadIPVersion},
		{"IPv4 in place of IPv6", linkIPv6, func(b []byte) []byte { return b }, BadIPVersion},
		{"IPv4 total length 19", linkIPv4, func(b []byte) []byte { b[3] = 19; return b }, BadIPLength},
		{"neither version", linkRaw, func(b []byte) []byte { b[0] = 0x75; return b }, BadIPVersion},
		{"IPv6 truncated", linkIPv6, func(b []byte) []byte { b[0] = 0x60; return b[:39] }, TruncatedIP},
		{"jumbogram longer than its frame", linkIPv6, func([]byte) []byte {
			return append(inIPv6(0, nil), octets(t, "11 00 c2 04 00 01 00 00")...)
		}, BadIPLength},
		{"jumbogram shorter than 65536 octets", linkIPv6, func([]byte) []byte {
			return append(inIPv6(0, nil), octets(t, "11 00 c2 04 00 00 00 08")...)
		}, BadIPLength},
	} {
		t.Run(c.name, func(t *testing.T) {
			if r := decode(c.link, c.change(octets(t, tcpSYN))); r.N != 0 || r.Skip != c.want {
				t.Errorf("got %d packets and %q, want none and %q", r.N, r.Skip, c.want)
			}
		})
	}
}

// A tool that truncates frames without keeping the original length leaves the header
// checksum valid.
func TestIPv4PacketLongerThanItsFrameIsJudgedByItsChecksum(t *testing.T) {
	for _, c := range []struct {
		name     string
		checksum [2]byte
		size     [2]byte
		want     Reason
	}{
		{"the frame was truncated", [2]byte{0x36, 0xb1}, [2]byte{0x05, 0xdc}, OK},
		{"checksum offload", [2]byte{0, 0}, [2]byte{0x05, 0xdc}, OK},
		{"the length is damaged", [2]byte{0x36, 0xb1}, [2]byte{0x85, 0xdc}, BadIPLength},
		{"a wrong checksum, but the packet fits in the frame", [2]byte{0x12, 0x34}, [2]byte{0, 40}, OK},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := octets(t, tcpSYN)
			copy(b[2:], c.size[:])
			copy(b[10:], c.checksum[:])
			if r := decode(linkRaw, b); r.Skip != c.want || (r.N == 1) != (c.want == OK) {
				t.Errorf("got %d packets and %q, want %q", r.N, r.Skip, c.want)
			}
		})
	}
}

func TestIPv4OptionsAreSkipped(t *testing.T) {
	p := one(t, decode(linkRaw, octets(t, `
		46 00 00 20  00 01 00 00  40 11 00 00   // 6 words, total length 32, UDP
		c0 00 02 01  c6 33 64 02
		94 04 00 00                             // router alert
		14 e9 00 35  00 08 00 00
		`)))
	wantKey(t, p, flow.UDP, "192.0.2.1:5353", "198.51.100.2:53")
}

func TestTruncatedIPv4OptionsYieldAPacketWithoutPorts(t *testing.T) {
	frame := octets(t, `
		46 00 00 20  00 01 00 00  40 11 00 00   // 6 words, total length 32, UDP
		c0 00 02 01  c6 33 64 02
		94 04                                   // router alert
		`)
	r := decodeCut(linkRaw, append(frame, make([]byte, 10)...), len(frame))
	if r.N != 1 || r.Skip != TruncatedTransport || r.Packets[0].HasPorts || r.Packets[0].Octets != 32 {
		t.Errorf("got %d packets and %q: %+v", r.N, r.Skip, r.Packets[0])
	}
	wantKey(t, &r.Packets[0], flow.UDP, "192.0.2.1:0", "198.51.100.2:0")
}

func TestIPv6ExtensionHeadersAreSkipped(t *testing.T) {
	const udp = "14 e9 00 35  00 08 00 00\n"
	for _, c := range []struct {
		name    string
		next    byte
		headers string
	}{
		{"hop-by-hop options", 0, "11 00 05 02 00 00 01 00\n"},
		{"routing", 43, "11 02 02 01 00 00 00 00  20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 09\n"},
		{"destination options", 60, "11 00 01 04 00 00 00 00\n"},
		{"authentication", 51, "11 04 00 00  00 00 01 00  00 00 00 01  00 00 00 00 00 00 00 00 00 00 00 00\n"},
		{"mobility", 135, "11 00 05 00 00 00 00 00\n"},
		{"host identity", 139, "11 00 00 00 00 00 00 00\n"},
		{"shim6", 140, "11 00 80 00 00 00 00 00\n"},
		{"atomic fragment", 44, "11 00 00 00 00 00 00 07\n"},
		{"four of them", 0, `
			3c 00 01 04 00 00 00 00   // hop-by-hop, then destination options
			2b 00 01 04 00 00 00 00   // destination options, then routing
			2c 00 00 00 00 00 00 00   // routing, then fragment
			11 00 00 00 00 00 00 07   // atomic fragment, then UDP
			`},
	} {
		t.Run(c.name, func(t *testing.T) {
			frame := inIPv6(c.next, octets(t, c.headers, udp))
			p := one(t, decode(linkRaw, frame))
			wantKey(t, p, flow.UDP, "[2001:db8:1::1]:5353", "[2001:db8:1::2]:53")
			if p.Fragment || int(p.Octets) != len(frame) {
				t.Errorf("fragment %v, octets %d of %d", p.Fragment, p.Octets, len(frame))
			}
		})
	}
}

func TestIPv4AuthenticationHeadersBeforePortsAreSkipped(t *testing.T) {
	const (
		udp  = "14 e9 00 35  00 08 00 00\n"
		auth = " 04 00 00  00 00 01 00  00 00 00 01  00 00 00 00 00 00 00 00 00 00 00 00\n" // after the next header
	)
	for name, c := range map[string]struct {
		payload string
		proto   flow.Proto
	}{
		"UDP":             {"11" + auth + udp, flow.UDP},
		"twice":           {"33" + auth + "11" + auth + udp, flow.UDP},
		"ESP":             {"32" + auth + udp, flow.AH},
		"shorter than it": {"11 00 00 00 00 00 00 00", flow.AH},
		"truncated":       {"11 04 00 00", flow.AH},
	} {
		frame := inIPv4(51, octets(t, c.payload))
		r := decode(linkRaw, frame)
		if r.N != 1 || r.Skip != OK || r.Packets[0].Key.Proto != c.proto || int(r.Packets[0].Octets) != len(frame) {
			t.Errorf("%s: %d packets, %v, %+v", name, r.N, r.Skip, r.Packets[0])
		}
		if c.proto == flow.UDP {
			wantKey(t, &r.Packets[0], flow.UDP, "203.0.113.1:5353", "203.0.113.2:53")
		}
	}
}

func TestIncompleteIPv6HeaderChainsYieldAPacket(t *testing.T) {
	for _, c := range []struct {
		name  string
		next  byte
		body  string
		cut   int // number of octets of the body that were not captured
		proto flow.Proto
		want  Reason
	}{
		{"ESP is opaque", 50, "00 00 00 01 00 00 00 01", 0, flow.ESP, OK},
		{"no next header", 59, "", 0, protoNoNext, OK},
		{"a binding update is itself the protocol", 135, "3b 00 05 00 00 00 00 00", 0, protoMobility, OK},
		{"options truncated by the snap length", 60, "11 00 01 04 00 00 00 00", 4, flow.UDP, TruncatedExtension},
		{"options not captured", 60, "11 00 01 04 00 00 00 00", 8, protoDestOpts, TruncatedExtension},
		{"second header truncated", 60, "2b 00 01 04 00 00 00 00  11 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00", 4, flow.UDP, TruncatedExtension},
		{"an extension header after a truncated one", 60, "2b 00 01 04 00 00 00 00  11 00 00 00 00 00 00 00", 12, protoDestOpts, TruncatedExtension},
		{"options longer than the packet", 60, "11 01 01 04 00 00 00 00", 0, protoDestOpts, BadExtension},
		{"half an extension header", 60, "11 00 01 00", 0, protoDestOpts, BadExtension},
		{"authentication header shorter than its fixed part", 51, "11 00 00 00 00 00 00 00", 0, flow.AH, BadExtension},
		{"more headers than maxExtensions", 60, strings.Repeat("3c 00 01 04 00 00 00 00\n", 13), 0, protoDestOpts, BadExtension},
	} {
		t.Run(c.name, func(t *testing.T) {
			frame := inIPv6(c.next, octets(t, c.body))
			r := decodeCut(linkRaw, frame, len(frame)-c.cut)
			if r.N != 1 || r.Skip != c.want {
				t.Fatalf("got %d packets and %q, want one and %q", r.N, r.Skip, c.want)
			}
			wantKey(t, &r.Packets[0], c.proto, src6, dst6)
			if r.Packets[0].HasPorts || int(r.Packets[0].Octets) != len(frame) {
				t.Errorf("ports %v, octets %d of %d", r.Packets[0].HasPorts, r.Packets[0].Octets, len(frame))
			}
		})
	}
}

func TestFragments(t *testing.T) {
	udp := octets(t, "14 e9 00 35 0f a0 00 00  00 00 00 00 00 00 00 00") // length 4000, more than this fragment
	v4 := func(frag ...byte) []byte {
		b := inIPv4(17, udp)
		copy(b[4:], []byte{0xab, 0xcd})
		copy(b[6:], frag)
		return b
	}
	v6 := func(frag ...byte) []byte {
		return inIPv6(44, append(append([]byte{17, 0}, frag...), append([]byte{0, 1, 0xab, 0xcd}, udp...)...))
	}
	for _, c := range []struct {
		name        string
		frame       []byte
		first, last bool
		id          uint32
	}{
		{"IPv4, first", v4(0x20, 0x00), true, false, 0xabcd},
		{"IPv4, middle", v4(0x20, 0x02), false, false, 0xabcd},
		{"IPv4, last", v4(0x00, 0x04), false, true, 0xabcd},
		{"IPv6, first", v6(0x00, 0x01), true, false, 0x1abcd},
		{"IPv6, middle", v6(0x00, 0x11), false, false, 0x1abcd},
		{"IPv6, last", v6(0x00, 0x20), false, true, 0x1abcd},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := one(t, decode(linkRaw, c.frame))
			if !p.Fragment || p.FirstFrag != c.first || p.LastFrag != c.last || p.FragID != c.id {
				t.Errorf("fragment %v, first %v, last %v, id %x", p.Fragment, p.FirstFrag, p.LastFrag, p.FragID)
			}
			if p.Key.Proto != flow.UDP || int(p.Octets) != len(c.frame) {
				t.Errorf("protocol %v, octets %d of %d", p.Key.Proto, p.Octets, len(c.frame))
			}
			if got := p.Key.PortA == 5353 && p.Key.PortB == 53; p.HasPorts != c.first || got != c.first {
				t.Errorf("has ports %v: %d, %d; want ports in the first fragment only", p.HasPorts, p.Key.PortA, p.Key.PortB)
			}
		})
	}
}

func TestMulticastAndBroadcast(t *testing.T) {
	to := func(dst string) []byte {
		b := octets(t, tcpSYN)
		copy(b[16:], octets(t, dst))
		return b
	}
	group6 := octets(t, udp6)
	copy(group6[24:], []byte{0xff, 0x02})
	for _, c := range []struct {
		name  string
		link  uint16
		frame []byte
		want  bool
	}{
		{"224.0.0.251", linkRaw, to("e0 00 00 fb"), true},
		{"239.255.255.250", linkRaw, to("ef ff ff fa"), true},
		{"240.0.0.1", linkRaw, to("f0 00 00 01"), false},
		{"223.255.255.255", linkRaw, to("df ff ff ff"), false},
		{"255.255.255.255", linkRaw, to("ff ff ff ff"), true},
		{"ff02::2", linkRaw, group6, true},
		{"192.0.2.255 to the Ethernet broadcast address", linkEthernet, append(octets(t, macsBroadcast, "08 00"), to("c0 00 02 ff")...), true},
		{"192.0.2.255 as a Linux any broadcast", linkSLL, append(octets(t, "00 01 00 01 00 06 00 00 5e 00 53 01 00 00 08 00"), to("c0 00 02 ff")...), true},
		{"unicast", linkEthernet, octets(t, ethIPv4, tcpSYN), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if p := one(t, decode(c.link, c.frame)); p.Multicast != c.want {
				t.Errorf("multicast %v", p.Multicast)
			}
		})
	}
}
