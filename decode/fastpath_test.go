package decode

import (
	"fmt"
	"strings"
	"testing"
)

// decodeSlow decodes an untagged Ethernet frame, or a bare IP packet, on the slow
// path. Inner packets still take the fast path.
func decodeSlow(d *Decoder, link uint16, b []byte, wire int, r *Result) {
	var w walk
	w.r, w.opts, w.iface = r, d.opts, 7
	wire = max(wire, len(b))
	isIPv4 := b[0]>>4 == 4
	if link == linkEthernet {
		w.broadcast = isBroadcast(b)
		isIPv4 = be16(b[12:]) == etherIPv4
		b, wire = b[etherLen:], wire-etherLen
	}
	if isIPv4 {
		r.Skip = w.slowIPv4(b, wire)
	} else {
		r.Skip = w.slowIPv6(b, wire)
	}
}

// checkFastPath reports whether an Ethernet frame takes the fast path. It returns an
// error if the two paths disagree on the frame, or on its IP packet alone.
func checkFastPath(d *Decoder, frame []byte, wire int) (taken bool, err error) {
	if len(frame) <= etherLen || be16(frame[12:]) != etherIPv4 && be16(frame[12:]) != etherIPv6 {
		return false, nil
	}
	taken = maybeFastFrame(frame) && new(Packet).decodeFast(frame[etherLen:], max(wire, len(frame))-etherLen)
	if err := compareWithSlowPath(d, linkEthernet, frame, wire); err != nil {
		return taken, err
	}
	if version := frame[etherLen] >> 4; version != 4 && version != 6 {
		return taken, nil
	}
	return taken, compareWithSlowPath(d, linkRaw, frame[etherLen:], wire-etherLen)
}

// compareWithSlowPath returns an error if Decode and decodeSlow disagree on b.
func compareWithSlowPath(d *Decoder, link uint16, b []byte, wire int) error {
	got, want := dirtyResult(), new(Result)
	d.Decode(link, b, wire, 7, got)
	decodeSlow(d, link, b, wire, want)
	isQuoteSame := got.HasQuoted == want.HasQuoted && (!want.HasQuoted || got.Quoted == want.Quoted && got.QuotedFromB == want.QuotedFromB)
	if got.N != want.N || got.Skip != want.Skip || !isQuoteSame {
		return fmt.Errorf("fast path: %d packets, %q, quoted %v; slow path: %d, %q, %v",
			got.N, got.Skip, got.HasQuoted, want.N, want.Skip, want.HasQuoted)
	}
	for i := range want.N {
		if got.Packets[i] != want.Packets[i] {
			return fmt.Errorf("packet %d is %+v on the fast path and %+v on the slow path", i, got.Packets[i], want.Packets[i])
		}
	}
	return nil
}

// The first frames of every capture, complete and truncated at every octet up to
// 160. TestDamagedFramesKeepTheInvariants and the fuzzer check damaged frames.
func TestFastPathAgreesWithSlowPath(t *testing.T) {
	frames := firstFrames(t)
	taken, cuts := 0, 0
	for _, f := range frames {
		for n := range min(len(f.data), 160) + 1 {
			if n == 160 {
				n = len(f.data)
			}
			for _, d := range []*Decoder{New(Options{}), New(Options{IgnoreTunnel: true}), New(Options{OuterOnly: true})} {
				cuts++
				is, err := checkFastPath(d, f.data[:n:n], f.wire)
				if err != nil {
					t.Fatalf("%v\n%d octets of %x, wire length %d, %+v", err, n, f.data, f.wire, d.opts)
				}
				if is {
					taken++
				}
			}
		}
	}
	if t.Logf("%d of %d truncations of %d frames took the fast path", taken, cuts, len(frames)); taken < cuts/100 {
		t.Error("hardly any frame took the fast path")
	}
}

func TestFastPathSelection(t *testing.T) {
	payload := octets(t, "00 00 00 00 00 00 00 00 00 00 00 00")
	over4 := func(packet []byte) []byte { return append(octets(t, ethIPv4), packet...) }
	over6 := func(packet []byte) []byte { return append(octets(t, ethIPv6), packet...) }
	vxlan := func(inner []byte) []byte {
		return inUDP(50000, portVXLAN, append(octets(t, headerVXLAN, ethIPv4), inner...))
	}
	changed := func(frame []byte, at int, to byte) []byte {
		frame[at] = to
		return frame
	}
	dns := inUDP(50000, 53, payload)
	unreachable := inIPv4(1, inICMP(3, 1, 0, octets(t, tcpSYN)))
	for _, c := range []struct {
		name  string
		frame []byte
		want  bool
	}{
		{"TCP", octets(t, ethIPv4, tcpSYN), true},
		{"UDP", over4(inIPv4(17, dns)), true},
		{"UDP over IPv6", over6(inIPv6(17, dns)), true},
		{"UDP without a payload", over4(inIPv4(17, inUDP(50000, 53, nil))), true},
		{"UDP over IPv6 without a payload", over6(inIPv6(17, inUDP(50000, 53, nil))), true},
		{"UDP without its last octet", over4(inIPv4(17, inUDP(50000, 53, nil)))[:41], false},
		{"UDP over IPv6 without its last octet", over6(inIPv6(17, inUDP(50000, 53, nil)))[:61], false},
		{"to the broadcast address", changed(over4(inIPv4(17, dns)), 33, 255), true},
		{"to a multicast group", changed(over4(inIPv4(17, dns)), 30, 224), true},
		{"to a multicast group over IPv6", changed(over6(inIPv6(17, dns)), 38, 0xff), true},
		{"to the broadcast MAC address", append(octets(t, "ff ff ff ff ff ff  00 00 5e 00 53 02  08 00"), inIPv4(17, dns)...), true},
		{"VXLAN", over4(inIPv4(17, vxlan(octets(t, tcpSYN)))), true},
		{"VXLAN over IPv6", over6(inIPv6(17, vxlan(octets(t, tcpSYN)))), true},
		{"an ICMP error in VXLAN", over4(inIPv4(17, vxlan(unreachable))), true},
		{"the maximum nesting in VXLAN over IPv6", over6(inIPv6(17, inUDP(50000, portVXLAN, octets(t, headerVXLAN, strings.Repeat(macs+" 65 58 ", 15), ethIPv6, udp6)))), true},
		{"ICMP", over4(inIPv4(1, inICMP(8, 0, 7, payload))), false},
		{"a VLAN tag", octets(t, macs, "81 00 00 64 08 00", tcpSYN), false},
		{"a TCP header without its last octet", octets(t, ethIPv4, tcpSYN)[:53], false},
		{"a packet longer than its frame", changed(octets(t, ethIPv4, tcpSYN), 17, 41), false},
		{"a fragment", changed(octets(t, ethIPv4, tcpSYN), 20, 0x20), false},
		{"an IPv6 packet with the EtherType of IPv4", over4(inIPv6(17, dns)), false},
		{"an IPv4 packet with the EtherType of IPv6", over6(inIPv4(17, dns)), false},
		{"IPv6 with a traffic class", changed(over6(inIPv6(17, dns)), 14, 0x6c), true},
		{"a wrong version", changed(over6(inIPv6(17, dns)), 14, 0x40), false},
		{"an IPv6 packet of length 0", changed(over6(inIPv6(17, dns)), 19, 0), false},
		{"a datagram of length 0", changed(over4(inIPv4(17, dns)), 39, 0), false},
		{"a datagram shorter than its header", changed(over4(inIPv4(17, dns)), 39, 7), false},
		{"a datagram longer than its packet", changed(over4(inIPv4(17, dns)), 39, 21), false},
		{"a TCP header shorter than 20 octets", changed(octets(t, ethIPv4, tcpSYN), 46, 0x40), false},
		{"a TCP header longer than its packet", changed(octets(t, ethIPv4, tcpSYN), 46, 0x60), false},
	} {
		if is, err := checkFastPath(New(Options{}), c.frame, len(c.frame)); is != c.want || err != nil {
			t.Errorf("%s: fast path %v, want %v; %v", c.name, is, c.want, err)
		}
	}
}
