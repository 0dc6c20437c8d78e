package decode

import (
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"

	"weir/flow"
)

// octets parses the notation for frames in these tests: hexadecimal octets with
// arbitrary white space, and // comments to the end of the line.
func octets(tb testing.TB, parts ...string) []byte {
	tb.Helper()
	var digits strings.Builder
	for _, part := range parts {
		for line := range strings.Lines(part) {
			line, _, _ = strings.Cut(line, "//")
			for _, word := range strings.Fields(line) {
				digits.WriteString(word)
			}
		}
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		tb.Fatalf("octets of a test frame: %v", err)
	}
	return b
}

// decode decodes a complete frame with the default options and interface 7.
func decode(link uint16, frame []byte) *Result {
	return decodeCut(link, frame, len(frame))
}

// decodeCut decodes a frame of which only the first n octets were captured.
func decodeCut(link uint16, frame []byte, n int) *Result {
	r := dirtyResult()
	New(Options{}).Decode(link, frame[:n], len(frame), 7, r)
	return r
}

// dirtyResult returns a Result full of values from an earlier frame.
func dirtyResult() *Result {
	r := &Result{N: 3, Skip: TooDeep, HasQuoted: true, QuotedFromB: true}
	for i := range r.Packets {
		r.Packets[i] = Packet{
			Key:    flow.Key{PortA: 0xdead, PortB: 0xbeef, VLAN: flow.VLANs{0xfff, 0xfff}, Tunnel: flow.Tunnel{ID: 1, Kind: 1}, Proto: 255, ICMPClass: 9},
			Octets: 99, Seq: 99, Ack: 99, FragID: 99, ICMPID: 99, Flags: 0xff, TTL: 99, ICMP: flow.ICMPType{Type: 99, Code: 99},
			FromB: true, HasPorts: true, HasTCP: true, HasICMP: true, HasIPID: true, Fragment: true, FirstFrag: true, LastFrag: true,
			Multicast: true, Request: true, Reply: true,
		}
	}
	r.Quoted = r.Packets[0].Key
	return r
}

// one returns the packet of a result that has exactly one and was decoded completely.
func one(tb testing.TB, r *Result) *Packet {
	tb.Helper()
	if r.N != 1 || r.Skip != OK {
		tb.Fatalf("got %d packets and %q, want one packet and %q", r.N, r.Skip, OK)
	}
	return &r.Packets[0]
}

// key returns the key of a packet on interface 7, and whether src is B.
func key(proto flow.Proto, src, dst string) (k flow.Key, fromB bool) {
	s, err := netip.ParseAddrPort(src)
	if err != nil {
		panic(err)
	}
	d, err := netip.ParseAddrPort(dst)
	if err != nil {
		panic(err)
	}
	k = flow.Key{
		A: flow.AddrFrom(s.Addr()), B: flow.AddrFrom(d.Addr()), PortA: s.Port(), PortB: d.Port(),
		Proto: proto, Interface: 7,
	}
	return k, k.Canonical()
}

// wantKey fails unless p is a packet of proto from src to dst, with the functions in
// with applied to the expected key.
func wantKey(tb testing.TB, p *Packet, proto flow.Proto, src, dst string, with ...func(*flow.Key)) {
	tb.Helper()
	want, fromB := key(proto, src, dst)
	for _, add := range with {
		add(&want)
	}
	if p.Key != want || p.FromB != fromB {
		tb.Errorf("got key  %+v from B %v\nwant key %+v from B %v", p.Key, p.FromB, want, fromB)
	}
}

func vlan(ids ...uint16) func(*flow.Key) {
	return func(k *flow.Key) { copy(k.VLAN[:], ids) }
}

func tunnel(kind flow.TunnelKind, id uint32) func(*flow.Key) {
	return func(k *flow.Key) { k.Tunnel = flow.Tunnel{Kind: kind, ID: id} }
}

func class(typ uint8) func(*flow.Key) {
	return func(k *flow.Key) { k.ICMPClass = typ }
}

// Parts of many test frames. All addresses are from documentation ranges.
const (
	macs = `
		00 00 5e 00 53 02   // destination
		00 00 5e 00 53 01   // source
		`
	macsBroadcast = `
		ff ff ff ff ff ff   // destination: broadcast
		00 00 5e 00 53 01   // source
		`
	ethIPv4 = macs + `
		08 00               // IPv4
		`
	ethIPv6 = macs + `
		86 dd               // IPv6
		`
	// A complete IPv4 packet of 40 octets: 192.0.2.1:49152 > 198.51.100.2:443 SYN.
	tcpSYN = `
		45 00 00 28         // version 4, 5 words, total length 40
		12 34 40 00         // identification 1234, don't fragment
		40 06 00 00         // TTL 64, TCP
		c0 00 02 01         // 192.0.2.1
		c6 33 64 02         // 198.51.100.2
		c0 00 01 bb         // ports 49152, 443
		01 02 03 04         // sequence number
		05 06 07 08         // acknowledgment number
		50 02 ff ff         // 5 words, SYN, window
		00 00 00 00         // checksum, urgent pointer
		`
	// A complete IPv6 packet of 48 octets: [2001:db8::1]:5353 > [2001:db8::2]:53.
	udp6 = `
		60 00 00 00         // version 6
		00 08 11 3f         // payload length 8, UDP, hop limit 63
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02
		14 e9 00 35         // ports 5353, 53
		00 08 00 00         // length 8
		`
)

const (
	srcSYN, dstSYN   = "192.0.2.1:49152", "198.51.100.2:443"
	srcUDP6, dstUDP6 = "[2001:db8::1]:5353", "[2001:db8::2]:53"
)

// inIPv4 returns an IPv4 packet 203.0.113.1 > 203.0.113.2 with payload.
func inIPv4(proto byte, payload []byte) []byte {
	n := 20 + len(payload)
	return append([]byte{
		0x45, 0, byte(n >> 8), byte(n), // total length
		0, 1, 0, 0, // identification 1, no fragment
		63, proto, 0, 0,
		203, 0, 113, 1,
		203, 0, 113, 2,
	}, payload...)
}

// inIPv6 returns an IPv6 packet 2001:db8:1::1 > 2001:db8:1::2 with payload.
func inIPv6(next byte, payload []byte) []byte {
	h := []byte{0: 0x60, 4: byte(len(payload) >> 8), 5: byte(len(payload)), 6: next, 7: 62, 39: 2}
	copy(h[8:], []byte{0x20, 0x01, 0x0d, 0xb8, 0, 1, 15: 1})
	copy(h[24:], []byte{0x20, 0x01, 0x0d, 0xb8, 0, 1})
	return append(h, payload...)
}

// inUDP returns a UDP datagram with payload.
func inUDP(src, dst uint16, payload []byte) []byte {
	n := 8 + len(payload)
	return append([]byte{byte(src >> 8), byte(src), byte(dst >> 8), byte(dst), byte(n >> 8), byte(n), 0, 0}, payload...)
}

// inICMP returns an ICMP message with payload after the 8-octet header.
func inICMP(typ, code byte, id uint16, payload []byte) []byte {
	return append([]byte{typ, code, 0, 0, byte(id >> 8), byte(id), 0, 1}, payload...)
}
