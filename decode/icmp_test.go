package decode

import (
	"testing"

	"weir/flow"
)

// icmpFrame returns an ICMP message between the test addresses, in either direction.
func icmpFrame(proto flow.Proto, typ byte, id uint16, reverse bool) []byte {
	message := inICMP(typ, 0, id, make([]byte, 16))
	if proto == flow.ICMP {
		b := inIPv4(1, message)
		if reverse {
			b[15], b[19] = b[19], b[15]
		}
		return b
	}
	b := inIPv6(58, message)
	if reverse {
		b[23], b[39] = b[39], b[23]
	}
	return b
}

func TestRequestAndReplyShareAKey(t *testing.T) {
	const v4, v6 = flow.ICMP, flow.ICMPv6
	for _, c := range []struct {
		name           string
		proto          flow.Proto
		request, reply byte
		hasID          bool
	}{
		{"echo", v4, 8, 0, true},
		{"timestamp", v4, 13, 14, true},
		{"information", v4, 15, 16, true},
		{"address mask", v4, 17, 18, true},
		{"extended echo", v4, 42, 43, true},
		{"router", v4, 10, 9, false},
		{"echo 6", v6, 128, 129, true},
		{"listener", v6, 130, 131, false},
		{"router 6", v6, 133, 134, false},
		{"neighbor", v6, 135, 136, false},
		{"node information", v6, 139, 140, false},
		{"home agent", v6, 144, 145, true},
		{"mobile prefix", v6, 146, 147, true},
		{"extended echo 6", v6, 160, 161, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			forward := one(t, decode(linkRaw, icmpFrame(c.proto, c.request, 0xbeef, false)))
			reverse := one(t, decode(linkRaw, icmpFrame(c.proto, c.reply, 0xbeef, true)))
			if forward.Key != reverse.Key || forward.FromB == reverse.FromB {
				t.Errorf("request %+v\nreply   %+v", forward.Key, reverse.Key)
			}
			if !forward.Request || forward.Reply || reverse.Request || !reverse.Reply {
				t.Errorf("request %v %v, reply %v %v", forward.Request, forward.Reply, reverse.Request, reverse.Reply)
			}
			var id uint16
			if c.hasID {
				id = 0xbeef
			}
			k := forward.Key
			if k.PortA != id || k.PortB != id || forward.ICMPID != id || k.ICMPClass != c.request || !forward.HasPorts {
				t.Errorf("ports %d, %d, id %d, class %d", k.PortA, k.PortB, forward.ICMPID, k.ICMPClass)
			}
		})
	}
}

func TestEchoAndTimestampWithTheSameIdentifierAreTwoFlows(t *testing.T) {
	echo := one(t, decode(linkRaw, icmpFrame(flow.ICMP, 8, 7, false)))
	stamp := one(t, decode(linkRaw, icmpFrame(flow.ICMP, 13, 7, false)))
	if echo.Key == stamp.Key {
		t.Error("same key")
	}
}

func TestOtherICMPIsKeyedByTypeAndCode(t *testing.T) {
	p := one(t, decode(linkRaw, inIPv4(1, inICMP(5, 1, 0, nil))))    // redirect for a host
	wantKey(t, p, flow.ICMP, "203.0.113.1:1281", "203.0.113.2:1281") // 5<<8 | 1
	if p.ICMP != (flow.ICMPType{Type: 5, Code: 1}) || !p.HasICMP || p.Request || p.Reply || p.ICMPID != 0 {
		t.Errorf("%+v", p)
	}
}

func TestICMPHeaderTruncatedBySnapLength(t *testing.T) {
	frame := inIPv4(1, inICMP(8, 0, 0xbeef, nil))
	for captured := 20; captured <= len(frame); captured++ {
		r := decodeCut(linkRaw, frame, captured)
		typ, id := captured >= 20+2, captured >= 20+6
		if p := r.Packets[0]; r.N != 1 || p.HasICMP != typ || p.HasPorts != id || (r.Skip == OK) != id {
			t.Errorf("%d octets captured: %d packets, %q, %+v", captured, r.N, r.Skip, p)
		}
	}
}

func TestICMPErrorYieldsTheQuotedFlow(t *testing.T) {
	syn := octets(t, tcpSYN)
	const id = 0xbeef
	for _, c := range []struct {
		name     string
		frame    []byte
		proto    flow.Proto
		src, dst string
		with     []func(*flow.Key)
	}{
		{"TCP, with 8 octets of its header", inIPv4(1, inICMP(3, 1, 0, syn[:28])), flow.TCP, srcSYN, dstSYN, nil},
		{"TCP, ports only", inIPv4(1, inICMP(11, 0, 0, syn[:24])), flow.TCP, srcSYN, dstSYN, nil},
		{"fragmentation needed", inIPv4(1, inICMP(3, 4, 0, syn)), flow.TCP, srcSYN, dstSYN, nil},
		{"source quench", inIPv4(1, inICMP(4, 0, 0, syn)), flow.TCP, srcSYN, dstSYN, nil},
		{"parameter problem", inIPv4(1, inICMP(12, 0, 0, syn)), flow.TCP, srcSYN, dstSYN, nil},
		{"UDP over IPv6", inIPv6(58, inICMP(1, 4, 0, octets(t, udp6))), flow.UDP, srcUDP6, dstUDP6, nil},
		{"packet too big", inIPv6(58, inICMP(2, 0, 0, octets(t, udp6))), flow.UDP, srcUDP6, dstUDP6, nil},
		{
			"after extension headers",
			inIPv6(58, inICMP(3, 0, 0, inIPv6(60, octets(t, "11 00 01 04 00 00 00 00  14 e9 00 35 00 08 00 00")))),
			flow.UDP, "[2001:db8:1::1]:5353", "[2001:db8:1::2]:53", nil,
		},
		{
			"an echo request, by its identifier",
			inIPv4(1, inICMP(11, 0, 0, inIPv4(1, inICMP(8, 0, id, nil)))),
			flow.ICMP, "203.0.113.1:48879", "203.0.113.2:48879", []func(*flow.Key){class(8)},
		},
		{
			"an echo reply, by its request",
			inIPv4(1, inICMP(3, 1, 0, inIPv4(1, inICMP(0, 0, id, nil)))),
			flow.ICMP, "203.0.113.1:48879", "203.0.113.2:48879", []func(*flow.Key){class(8 | flow.RequestFromB)},
		},
		{
			"an echo request over IPv6",
			inIPv6(58, inICMP(3, 0, 0, inIPv6(58, inICMP(128, 0, id, nil)))),
			flow.ICMPv6, "[2001:db8:1::1]:48879", "[2001:db8:1::2]:48879", []func(*flow.Key){class(128)},
		},
		{"a protocol without ports", inIPv4(1, inICMP(3, 2, 0, inIPv4(50, nil))), flow.ESP, src4, dst4, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := decode(linkRaw, c.frame)
			one(t, r)
			if !r.HasQuoted {
				t.Fatal("no quote")
			}
			quoted := &Packet{Key: r.Quoted, FromB: r.QuotedFromB}
			wantKey(t, quoted, c.proto, c.src, c.dst, c.with...)
		})
	}
}

func TestQuotedFlowHasTheVLANOfTheError(t *testing.T) {
	r := decode(linkEthernet, append(octets(t, macs, "81 00 00 64 08 00"), inIPv4(1, inICMP(3, 3, 0, octets(t, tcpSYN)))...))
	wantKey(t, &Packet{Key: r.Quoted, FromB: r.QuotedFromB}, flow.TCP, srcSYN, dstSYN, vlan(100))
	original := one(t, decode(linkEthernet, octets(t, macs, "81 00 00 64 08 00", tcpSYN)))
	if !r.HasQuoted || r.Quoted != original.Key {
		t.Errorf("quoted   %+v\noriginal %+v", r.Quoted, original.Key)
	}
}

func TestUnusableICMPQuotes(t *testing.T) {
	later := inIPv4(6, octets(t, "c0 00 01 bb 01 02 03 04"))
	later[7] = 2 // fragment offset 16
	for _, c := range []struct {
		name  string
		quote []byte
		want  Reason
	}{
		{"nothing", nil, TruncatedQuote},
		{"half an IP header", later[:10], TruncatedQuote},
		{"truncated IP options", octets(t, "4f 00 00 3c 00 00 00 00 40 06 00 00 c0 00 02 01 c6 33 64 02 94 04"), TruncatedQuote},
		{"no ports", inIPv4(6, nil), TruncatedQuote},
		{"half an echo header", inIPv4(1, octets(t, "08 00 00 00 be")), TruncatedQuote},
		{"a later fragment has no ports", later, TruncatedQuote},
		{"IPv6 in an ICMP error", octets(t, udp6), BadQuote},
		{"a header length of 3 words", octets(t, "43 00 00 28 00 00 00 00 40 06 00 00 c0 00 02 01 c6 33 64 02 c0 00 01 bb"), BadQuote},
		{"not an IP packet", octets(t, "00 00 00 00"), BadQuote},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := decode(linkRaw, inIPv4(1, inICMP(3, 1, 0, c.quote)))
			if r.N != 1 || r.HasQuoted || r.Skip != c.want {
				t.Errorf("got %d packets, quoted %v, %q, want %q", r.N, r.HasQuoted, r.Skip, c.want)
			}
		})
	}
}

func TestOnlyICMPErrorsHaveAQuote(t *testing.T) {
	for _, typ := range []byte{0, 5, 8} { // a redirect quotes a packet too, but is not an error
		if r := decode(linkRaw, inIPv4(1, inICMP(typ, 0, 0, octets(t, tcpSYN)))); r.HasQuoted || r.Skip != OK {
			t.Errorf("type %d: quoted %v, %q", typ, r.HasQuoted, r.Skip)
		}
	}
}
