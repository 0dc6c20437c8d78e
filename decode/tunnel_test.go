package decode

import (
	"testing"

	"weir/flow"
)

// Tunnel headers before the inner packet.
const (
	headerVXLAN = `08 00 00 00  00 13 89 00          // VXLAN, network 5001
		`
	headerGeneve = `02 00 65 58  00 13 89 00          // Geneve, 2 words of options, Ethernet, network 5001
		01 02 03 01  00 00 00 00          // one option with 4 octets
		`
	headerGTPU = `30 ff 00 28  01 02 03 04          // GTP-U, user data, 40 octets, endpoint 01020304
		`
)

// tunnelFrames returns frames with tcpSYN in a tunnel between the test addresses.
func tunnelFrames(tb testing.TB) map[string]struct {
	frame []byte
	kind  flow.TunnelKind
	id    uint32
} {
	gre := func(header string) []byte { return inIPv4(47, octets(tb, header, tcpSYN)) }
	udp := func(port uint16, header string) []byte {
		return inIPv4(17, inUDP(50000, port, octets(tb, header, tcpSYN)))
	}
	return map[string]struct {
		frame []byte
		kind  flow.TunnelKind
		id    uint32
	}{
		"GRE":                   {gre("00 00 08 00\n"), flow.TunnelGRE, 0},
		"GRE, all fields":       {gre("b0 00 08 00  00 00 00 00  00 00 04 d2  00 00 00 01\n"), flow.TunnelGRE, 1234},
		"GRE, key":              {gre("20 00 08 00  00 00 04 d2\n"), flow.TunnelGRE, 1234},
		"GRE with Ethernet":     {gre("20 00 65 58  00 00 04 d2\n" + ethIPv4), flow.TunnelGRE, 1234},
		"GRE with MPLS":         {gre("00 00 88 47  00 01 01 40\n"), flow.TunnelGRE, 0},
		"GRE over IPv6":         {inIPv6(47, octets(tb, "00 00 08 00\n", tcpSYN)), flow.TunnelGRE, 0},
		"PPTP":                  {gre("30 81 88 0b  00 2c 00 07  00 00 00 01  00 00 00 01  ff 03 00 21\n"), flow.TunnelGRE, 0},
		"WCCP":                  {gre("00 00 88 3e\n"), flow.TunnelGRE, 0},
		"WCCP 2":                {gre("00 00 88 3e  00 00 00 50\n"), flow.TunnelGRE, 0},
		"GRE with 802.11":       {gre("00 00 82 10  08 01 00 00  00 00 5e 00 53 03 00 00 5e 00 53 01 00 00 5e 00 53 02 00 00  aa aa 03 00 00 00 08 00"), flow.TunnelGRE, 0},
		"ERSPAN I":              {gre("00 00 88 be\n" + ethIPv4), flow.TunnelERSPAN, 0},
		"ERSPAN II":             {gre("10 00 88 be  00 00 00 01  10 00 00 2a  00 00 00 00\n" + ethIPv4), flow.TunnelERSPAN, 42},
		"ERSPAN III":            {gre("10 00 22 eb  00 00 00 01  20 00 00 2a  00 00 00 00  00 00 00 00\n" + ethIPv4), flow.TunnelERSPAN, 42},
		"ERSPAN III, subheader": {gre("10 00 22 eb  00 00 00 01  20 00 00 2a  00 00 00 00  00 00 00 01  00 00 00 00 00 00 00 00\n" + ethIPv4), flow.TunnelERSPAN, 42},
		"ERSPAN III with IP":    {gre("10 00 22 eb  00 00 00 01  20 00 00 2a  00 00 00 00  00 00 08 00\n"), flow.TunnelERSPAN, 42},
		"IP in IP":              {inIPv4(4, octets(tb, tcpSYN)), flow.TunnelIPIP, 0},
		"IPv4 in IPv6":          {inIPv6(4, octets(tb, tcpSYN)), flow.TunnelIPIP, 0},
		"EtherIP":               {inIPv4(97, octets(tb, "30 00\n", ethIPv4, tcpSYN)), flow.TunnelEtherIP, 0},
		"VXLAN":                 {udp(4789, headerVXLAN+ethIPv4), flow.TunnelVXLAN, 5001},
		"VXLAN on Linux port":   {udp(8472, headerVXLAN+ethIPv4), flow.TunnelVXLAN, 5001},
		"VXLAN, group policy":   {udp(4789, "88 08 01 00  00 13 89 00\n"+ethIPv4), flow.TunnelVXLAN, 5001},
		"VXLAN, junk reserved":  {udp(4789, "ff 01 d1 f2  00 13 89 01\n"+ethIPv4), flow.TunnelVXLAN, 5001},
		"VXLAN, next protocol":  {udp(4790, "0c 00 00 01  00 13 89 00\n"), flow.TunnelVXLAN, 5001},
		"VXLAN-GPE, Ethernet":   {udp(4790, "0c 00 00 03  00 13 89 00\n"+ethIPv4), flow.TunnelVXLAN, 5001},
		"VXLAN-GPE, no P flag":  {udp(4790, "08 00 00 00  00 13 89 00\n"+ethIPv4), flow.TunnelVXLAN, 5001},
		"VXLAN-GPE, MPLS":       {udp(4790, "0c 00 00 05  00 13 89 00  00 01 01 40\n"), flow.TunnelVXLAN, 5001},
		"VXLAN-GPE, NSH":        {udp(4790, "0c 00 00 04  00 13 89 00  00 06 01 03  00 00 01 ff  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n"+ethIPv4), flow.TunnelVXLAN, 5001},
		"VXLAN-GPE, old port":   {udp(4789, "0c 00 00 03  00 13 89 00\n"+ethIPv4), flow.TunnelVXLAN, 5001},
		"Geneve":                {udp(6081, headerGeneve+ethIPv4), flow.TunnelGeneve, 5001},
		"Geneve with IP":        {udp(6081, "00 00 08 00  00 13 89 00\n"), flow.TunnelGeneve, 5001},
		"GTP-U":                 {udp(2152, headerGTPU), flow.TunnelGTPU, 0},
		"GTP-U, sequence":       {udp(2152, "32 ff 00 2c  01 02 03 04  00 01 00 00\n"), flow.TunnelGTPU, 0},
		"GTP-U, extensions":     {udp(2152, "34 ff 00 34  01 02 03 04  00 00 00 85  01 10 09 85  01 00 00 00\n"), flow.TunnelGTPU, 0},
		"TZSP":                  {udp(37008, "01 00 00 01  0a 01 c4 00 01\n"+ethIPv4), flow.TunnelTZSP, 0},
		"TZSP with 802.11":      {udp(37008, "01 00 00 12  01  08 01 00 00  00 00 5e 00 53 03 00 00 5e 00 53 01 00 00 5e 00 53 02 00 00  aa aa 03 00 00 00 08 00\n"), flow.TunnelTZSP, 0},
		"GRE in UDP":            {udp(4754, "20 00 08 00  00 00 04 d2\n"), flow.TunnelGRE, 1234},
	}
}

func TestTunnelsYieldOuterAndInnerPacket(t *testing.T) {
	for name, c := range tunnelFrames(t) {
		t.Run(name, func(t *testing.T) {
			r := decode(linkRaw, c.frame)
			if r.N != 2 || r.Skip != OK {
				t.Fatalf("got %d packets and %q, want two", r.N, r.Skip)
			}
			outer, inner := &r.Packets[0], &r.Packets[1]
			if outer.Key.Tunnel != (flow.Tunnel{}) || int(outer.Octets) != len(c.frame) {
				t.Errorf("outer packet: tunnel %v, octets %d of %d", outer.Key.Tunnel, outer.Octets, len(c.frame))
			}
			wantKey(t, inner, flow.TCP, srcSYN, dstSYN, tunnel(c.kind, c.id))
			if inner.Octets != 40 || inner.Flags != flow.SYN {
				t.Errorf("inner packet: octets %d, flags %v", inner.Octets, inner.Flags)
			}
		})
	}
}

func TestTunnelOptions(t *testing.T) {
	for name, c := range tunnelFrames(t) {
		t.Run(name, func(t *testing.T) {
			var r Result
			New(Options{OuterOnly: true}).Decode(linkRaw, c.frame, len(c.frame), 7, &r)
			if r.N != 1 || r.Skip != OK {
				t.Errorf("outer only: %d packets and %q", r.N, r.Skip)
			}
			New(Options{IgnoreTunnel: true}).Decode(linkRaw, c.frame, len(c.frame), 7, &r)
			if r.N != 2 {
				t.Fatalf("tunnel ignored: %d packets and %q", r.N, r.Skip)
			}
			wantKey(t, &r.Packets[1], flow.TCP, srcSYN, dstSYN)
		})
	}
}

// An ERSPAN header has the VLAN of a frame whose tag was removed. If the frame still
// has its tag, that one counts.
func TestMirroredFrameHasTheVLANOfTheERSPANHeader(t *testing.T) {
	const erspan2, erspan3 = "10 00 88 be  00 00 00 01  10 64 00 2a  00 00 00 00\n", "10 00 22 eb  00 00 00 01  20 64 00 2a  00 00 00 00"
	for _, c := range []struct {
		name   string
		header string
		want   func(*flow.Key)
	}{
		{"ERSPAN II", erspan2 + ethIPv4, vlan(100)},
		{"ERSPAN II, tag kept", erspan2 + macs + "81 00 00 c8 08 00\n", vlan(200)},
		{"ERSPAN III", erspan3 + "00 00 00 00\n" + ethIPv4, vlan(100)},
		{"ERSPAN III with IP", erspan3 + "00 00 08 00\n", vlan(100)},
		{"no VLAN", "10 00 88 be  00 00 00 01  10 00 00 2a  00 00 00 00\n" + ethIPv4, vlan(0)},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := decode(linkRaw, inIPv4(47, octets(t, c.header, tcpSYN)))
			if r.N != 2 {
				t.Fatalf("got %d packets and %q, want two", r.N, r.Skip)
			}
			wantKey(t, &r.Packets[1], flow.TCP, srcSYN, dstSYN, c.want, tunnel(flow.TunnelERSPAN, 42))
		})
	}
}

// The outer packet is reported as soon as its IP header was captured, and truncation
// never yields packets that the complete frame does not have.
func TestTunnelsTruncatedAtEveryOctet(t *testing.T) {
	for name, c := range tunnelFrames(t) {
		t.Run(name, func(t *testing.T) {
			whole := decode(linkRaw, c.frame)
			for captured := range len(c.frame) {
				r := decodeCut(linkRaw, c.frame, captured)
				if r.N > whole.N || r.N > 0 && r.Packets[0].Octets != whole.Packets[0].Octets {
					t.Errorf("%d octets captured: %d packets, %+v", captured, r.N, r.Packets[0])
				}
				if r.N == 2 && (r.Packets[1].Key.Tunnel != whole.Packets[1].Key.Tunnel || r.Packets[1].Octets != 40) {
					t.Errorf("%d octets captured: inner packet %+v", captured, r.Packets[1])
				}
				if r.N < 2 && r.Skip == OK && captured > 40+8 && len(c.frame)-captured > 40 {
					t.Errorf("%d octets captured: %d packets and no reason", captured, r.N)
				}
			}
		})
	}
}

func TestIPv6InATunnel(t *testing.T) {
	for name, frame := range map[string][]byte{
		"in IPv4": inIPv4(41, octets(t, udp6)),
		"in IPv6": inIPv6(41, octets(t, udp6)),
	} {
		r := decode(linkRaw, frame)
		if r.N != 2 || r.Skip != OK {
			t.Fatalf("%s: %d packets and %q", name, r.N, r.Skip)
		}
		wantKey(t, &r.Packets[1], flow.UDP, srcUDP6, dstUDP6, tunnel(flow.Tunnel6in4, 0))
	}
}

func TestTeredo(t *testing.T) {
	bubble := octets(t, `
		60 00 00 00  00 08 11 15                          // UDP, 8 octets
		20 01 00 00 53 aa 06 4c 00 00 f2 27 34 e0 ff fe   // a Teredo client
		20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02
		14 e9 00 35 00 08 00 00
		`)
	const origin = "00 00  e3 1f 3f ff fd fe\n"
	const authentication = "00 01 04 02  aa bb cc dd  ee ff  00 00 00 00 00 00 00 01  00\n"
	for name, prefix := range map[string]string{
		"bare":           "",
		"origin":         origin,
		"authentication": authentication,
		"both":           authentication + origin,
	} {
		for _, ports := range [][2]uint16{{3544, 50000}, {50000, 3544}} {
			frame := inIPv4(17, inUDP(ports[0], ports[1], append(octets(t, prefix), bubble...)))
			r := decode(linkRaw, frame)
			if r.N != 2 || r.Skip != OK {
				t.Errorf("%s, ports %v: %d packets and %q", name, ports, r.N, r.Skip)
				continue
			}
			wantKey(t, &r.Packets[1], flow.UDP, "[2001:0:53aa:64c:0:f227:34e0:fffe]:5353", "[2001:db8::2]:53", tunnel(flow.TunnelTeredo, 0))
		}
	}
}

// A port alone does not make a tunnel.
func TestOtherTrafficOnTunnelPortsIsNotATunnel(t *testing.T) {
	const answer = `be ef 81 80  00 01 00 00  00 00 00 00   // a DNS response that happens to go to that port
		03 77 77 77 07 65 78 61 6d 70 6c 65 03 63 6f 6d 00 00 01 00 01 00 00 00 00 00 00 00
		`
	for _, c := range []struct {
		name    string
		port    uint16
		payload string
	}{
		{"DNS to VXLAN", 4789, answer},
		{"DNS to VXLAN on the Linux port", 8472, answer},
		{"DNS to VXLAN-GPE", 4790, answer},
		{"DNS to Geneve", 6081, answer},
		{"DNS to GTP-U", 2152, answer},
		{"DNS to GRE", 4754, answer},
		{"DNS to Teredo", 3544, answer},
		{"an empty payload to VXLAN", 4789, ""},
		{"an empty payload to Teredo", 3544, ""},
		{"VXLAN without a valid network identifier", 4789, "00 00 00 00 00 13 89 00\n" + ethIPv4 + tcpSYN},
		{"VXLAN with a reserved octet around ARP", 4789, "08 00 00 00 00 13 89 01\n" + macs + "08 06 00 01 08 00 06 04 00 01 00 00 00 00 00 00 00 00 00 00 00 00"},
		{"VXLAN with junk around junk", 4789, "ff 01 d1 f2 00 13 89 01\n" + macs + "08 00 46 00 00 28" + tcpSYN},
		{"Geneve with a wrong version", 6081, "40 00 65 58 00 13 89 00\n" + ethIPv4 + tcpSYN},
		{"Geneve with a reserved bit", 6081, "00 01 65 58 00 13 89 00\n" + ethIPv4 + tcpSYN},
		{"Geneve with an option longer than the header", 6081, "01 00 65 58 00 13 89 00  01 02 03 01\n" + ethIPv4 + tcpSYN},
		{"Geneve control", 6081, "00 80 65 58 00 13 89 00\n" + ethIPv4 + tcpSYN},
		{"GTP-U with a wrong length", 2152, "30 ff 00 27 01 02 03 04\n" + tcpSYN},
		{"GTP-U signalling", 2152, "30 01 00 28 01 02 03 04\n" + tcpSYN},
		{"GTP prime", 2152, "20 ff 00 28 01 02 03 04\n" + tcpSYN},
		{"GRE with a routing field", 4754, "40 00 08 00\n" + tcpSYN},
		{"IPv6 without a Teredo address", 3544, udp6},
	} {
		t.Run(c.name, func(t *testing.T) {
			one(t, decode(linkRaw, inIPv4(17, inUDP(53, c.port, octets(t, c.payload)))))
		})
	}
}

func TestInvalidTunnelHeaders(t *testing.T) {
	gre := func(header string) []byte { return inIPv4(47, octets(t, header)) }
	udp := func(port uint16, header string) []byte { return inIPv4(17, inUDP(50000, port, octets(t, header))) }
	for _, c := range []struct {
		name  string
		frame []byte
		want  Reason
	}{
		{"GRE without room", gre("00 00 08"), BadTunnel},
		{"GRE with routing", gre("40 00 08 00 00 00 00 00"), BadTunnel},
		{"GRE version 2", gre("00 02 08 00"), BadTunnel},
		{"GRE without room for its key", gre("20 00 08 00 00 00"), BadTunnel},
		{"GRE keepalive", gre("00 00 00 00"), OtherEtherType},
		{"GRE with ARP", gre("00 00 08 06"), ARP},
		{"PPTP longer than its packet", gre("30 01 88 0b 00 05 00 07 00 00 00 01 ff 03 00 21"), BadTunnel},
		{"PPTP acknowledgment", gre("20 81 88 0b 00 00 00 07 00 00 00 01"), OK},
		{"PPTP with LCP", gre("30 01 88 0b 00 04 00 07 00 00 00 01 ff 03 c0 21"), PPPControl},
		{"ERSPAN II with version 3", gre("10 00 88 be 00 00 00 01 30 64 00 2a 00 00 00 00"), BadTunnel},
		{"ERSPAN III with version 1", gre("10 00 22 eb 00 00 00 01 10 64 00 2a 00 00 00 00 00 00 00 00"), BadTunnel},
		{"ERSPAN III with an unknown frame type", gre("10 00 22 eb 00 00 00 01 20 00 00 2a 00 00 00 00 00 00 04 00"), BadTunnel},
		{"EtherIP version 4", inIPv4(97, octets(t, "40 00")), BadTunnel},
		{"IPv6 in place of IPv4", inIPv4(4, octets(t, udp6)), BadIPVersion},
		{"IPv4 in place of IPv6", inIPv4(41, octets(t, tcpSYN)), BadIPVersion},
		{"VXLAN with ARP", udp(4789, headerVXLAN+macsBroadcast+"08 06 00 01"), ARP},
		{"VXLAN-GPE with an unknown protocol", udp(4790, "0c 00 00 06 00 13 89 00 00"), BadTunnel},
		{"GTP-U with Ethernet", udp(2152, "30 ff 00 0e 01 02 03 04"+ethIPv4), OtherFamily},
		{"GTP-U with an extension of length 0", udp(2152, "34 ff 00 08 01 02 03 04  00 00 00 85  00 00 00 00"), BadTunnel},
		{"GTP-U with an extension longer than the datagram", udp(2152, "34 ff 00 08 01 02 03 04  00 00 00 85  02 00 00 00"), BadTunnel},
	} {
		t.Run(c.name, func(t *testing.T) {
			if r := decode(linkRaw, c.frame); r.N != 1 || r.Skip != c.want {
				t.Errorf("got %d packets and %q, want one and %q", r.N, r.Skip, c.want)
			}
		})
	}
}

func TestInnerVLANTagsReplaceOuterOnes(t *testing.T) {
	inner := octets(t, headerVXLAN, macs, "81 00 00 c8  08 00\n", tcpSYN) // VLAN 200 inside
	frame := append(octets(t, macs, "81 00 00 64 08 00"), inIPv4(17, inUDP(50000, 4789, inner))...)
	r := decode(linkEthernet, frame)
	if r.N != 2 {
		t.Fatalf("got %d packets and %q", r.N, r.Skip)
	}
	wantKey(t, &r.Packets[0], flow.UDP, "203.0.113.1:50000", "203.0.113.2:4789", vlan(100))
	wantKey(t, &r.Packets[1], flow.TCP, srcSYN, dstSYN, vlan(200), tunnel(flow.TunnelVXLAN, 5001))
}

func TestICMPErrorInATunnelQuotesAFlowInThatTunnel(t *testing.T) {
	r := decode(linkRaw, inIPv4(4, inIPv4(1, inICMP(3, 1, 0, octets(t, tcpSYN)))))
	if r.N != 2 || !r.HasQuoted {
		t.Fatalf("got %d packets, quoted %v, %q", r.N, r.HasQuoted, r.Skip)
	}
	wantKey(t, &Packet{Key: r.Quoted, FromB: r.QuotedFromB}, flow.TCP, srcSYN, dstSYN, tunnel(flow.TunnelIPIP, 0))
}

func TestTunnelsInTunnelsEndAtMaxLayers(t *testing.T) {
	check := func(n int, frame []byte) {
		t.Helper()
		r := decode(linkRaw, frame)
		want := OK
		if n > MaxLayers {
			want = TooDeep
		}
		if r.N != min(n, MaxLayers) || r.Skip != want {
			t.Errorf("%d headers: %d packets and %q", n, r.N, r.Skip)
		}
	}
	four, six := octets(t, tcpSYN), octets(t, udp6)
	for n := 2; n <= 6; n++ {
		four, six = inIPv4(4, four), inIPv6(41, six)
		check(n, four)
		check(n, six)
	}
}

func TestFirstFragmentOfATunnelPacketHasTheInnerHeader(t *testing.T) {
	inner := append(octets(t, tcpSYN), make([]byte, 1000)...)
	inner[2], inner[3] = 1040>>8, 1040&0xff // total length
	whole := inIPv4(17, inUDP(50000, 4789, append(octets(t, headerVXLAN, ethIPv4), inner...)))
	first := whole[:20+512]
	first[2], first[3], first[6] = 532>>8, 532&0xff, 0x20 // total length; more fragments
	r := decode(linkRaw, first)
	if r.N != 2 || r.Skip != OK || r.Packets[0].Octets != 532 || r.Packets[1].Octets != 1040 {
		t.Errorf("got %d packets, %q, octets %d and %d", r.N, r.Skip, r.Packets[0].Octets, r.Packets[1].Octets)
	}
}
