package decode

import (
	"testing"

	"weir/flow"
)

// fabricLinks are headers of switches and capture tools that do not affect the
// flow.
var fabricLinks = []linkCase{
	{"FabricPath", linkEthernet, macs + `89 03  00 41          // tag 1, TTL 1
			` + ethIPv4},
	{"802.1ah", linkEthernet, macs + `88 e7  00 00 13 89   // service 5001
			` + ethIPv4},
	{"TRILL", linkEthernet, macs + `22 f3  00 0f  00 01  00 02   // 15 hops, nicknames
			` + ethIPv4},
	{"TRILL with options", linkEthernet, macs + `22 f3  00 4f  00 01  00 02  00 00 00 00
			` + ethIPv4},
	{"VN-Tag", linkEthernet, macs + `89 26  00 01 00 02  08 00
			`},
	{"E-Tag", linkEthernet, macs + `89 3f  00 00 00 01 00 00  08 00
			`},
	{"Cisco MetaData", linkEthernet, macs + `89 09  01 01 00 01 00 05  08 00   // security group 5
			`},
	{"NSH with IP", linkEthernet, macs + `89 4f  0f c2 02 01  00 00 01 ff   // 2 words, IPv4; path 1
			`},
	{"NSH with Ethernet and metadata", linkEthernet, macs + `89 4f  0f c6 01 03  00 00 01 ff
			00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
			` + ethIPv4},
	{"MACsec without encryption", linkEthernet, macs + `88 e5  00 00 00 00 00 01  08 00
			`},
	{"MACsec with an SCI, without encryption", linkEthernet, macs + `88 e5  20 00 00 00 00 01  00 00 5e 00 53 01 00 01  08 00
			`},
	{"Arista timestamp", linkEthernet, macs + `d2 8b  00 01 01 10  00 00 00 00 00 00 00 00  08 00
			`},
	{"Arista short timestamp", linkEthernet, macs + `d2 8b  00 01 00 20  00 00 00 00 00 00  08 00
			`},
	{"macOS packet tap", linkPKTAP, `10 00 00 00  01 00 00 00  01 00 00 00  00 00 00 00
			` + ethIPv4},
	{"macOS packet tap of a tunnel", linkPKTAPOld, `0c 00 00 00  01 00 00 00  65 00 00 00
			`},
	{"Broadcom switch tag", linkBroadcom, macs + `00 00 00 02  08 00
			`},
	{"Broadcom switch tag before the addresses", linkBrcmPre, `00 00 00 02
			` + ethIPv4},
	{"Marvell switch tag", linkDSA, macs + `c0 00 00 00  08 00
			`},
	{"Marvell switch tag with an EtherType", linkEDSA, macs + `da da 00 00 c0 00 00 00  08 00
			`},
	{"per-packet information", linkPPI, `00 00 0c 00  69 00 00 00  00 00 00 00   // 12 octets, then 802.11
			08 01 00 00  00 00 5e 00 53 03  00 00 5e 00 53 01  00 00 5e 00 53 02  00 00
			` + snapIPv4},
	{"per-packet information and Ethernet", linkPPI, `00 00 08 00  01 00 00 00
			` + ethIPv4},
	{"Solaris ipnet", linkIPNET, `01 02 00 00  00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
			`},
}

func TestFabricHeadersYieldTheSamePacket(t *testing.T) {
	for _, l := range fabricLinks {
		t.Run(l.name, func(t *testing.T) {
			frame := octets(t, l.header, tcpSYN)
			p := one(t, decode(l.link, frame))
			wantKey(t, p, flow.TCP, srcSYN, dstSYN)
			if p.Octets != 40 || p.Flags != flow.SYN {
				t.Errorf("octets %d, flags %v", p.Octets, p.Flags)
			}
			for captured := range len(frame) - 40 { // truncated at every octet of the header
				if r := decodeCut(l.link, frame, captured); r.N != 0 || !r.Skip.Damaged() {
					t.Errorf("%d octets captured: %d packets, %q", captured, r.N, r.Skip)
				}
			}
		})
	}
}

func TestVLANTagsAroundFabricHeadersAreKept(t *testing.T) {
	frame := octets(t, macs, "88 a8 00 c8  88 e7 00 00 13 89", macs, "81 00 00 64 08 00", tcpSYN) // backbone VLAN 200
	wantKey(t, one(t, decode(linkEthernet, frame)), flow.TCP, srcSYN, dstSYN, vlan(200, 100))
}

func TestERSPANWithoutGRE(t *testing.T) {
	p := one(t, decode(linkEthernet, octets(t, macs, "88 be  10 64 00 2a  00 00 00 00", ethIPv4, tcpSYN)))
	wantKey(t, p, flow.TCP, srcSYN, dstSYN, vlan(100), tunnel(flow.TunnelERSPAN, 42))
}

func TestInvalidFabricHeaders(t *testing.T) {
	for _, c := range []struct {
		name  string
		link  uint16
		frame string
		want  Reason
	}{
		{"TRILL with a wrong version", linkEthernet, macs + "22 f3 40 0f 00 01 00 02" + ethIPv4, BadLink},
		{"NSH with a wrong version", linkEthernet, macs + "89 4f 4f c2 02 01 00 00 01 ff", BadLink},
		{"MACsec, encrypted", linkEthernet, macs + "88 e5 2c 00 00 00 00 01", MACsec},
		{"MACsec with a wrong version", linkEthernet, macs + "88 e5 80 00 00 00 00 01", BadLink},
		{"other Arista tags", linkEthernet, macs + "d2 8b 00 02 01 10 00 00", OtherEtherType},
		{"packet tap in itself", linkPKTAP, "0c 00 00 00  01 00 00 00  02 01 00 00", BadLink},
		{"packet tap shorter than its header", linkPKTAP, "0b 00 00 00  01 00 00 00  01 00 00 00", BadLink},
		{"NSH shorter than its header", linkEthernet, macs + "89 4f 0f c1 02 01 00 00 01 ff", BadLink},
		{"NSH in NSH", linkEthernet, macs + "89 4f 0f c2 02 04 00 00 01 ff 00 00 00 00", OtherEtherType},
		{"per-packet information in itself", linkPPI, "00 00 08 00 c0 00 00 00", BadLink},
		{"per-packet information shorter than its header", linkPPI, "00 00 04 00 01 00 00 00", BadLink},
		{"per-packet information with a wrong version", linkPPI, "01 00 08 00 01 00 00 00", BadLink},
		{"ipnet with a wrong version", linkIPNET, "02 02 00 00  00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00 45", BadLink},
	} {
		t.Run(c.name, func(t *testing.T) {
			if r := decode(c.link, octets(t, c.frame)); r.N != 0 || r.Skip != c.want {
				t.Errorf("got %d packets and %q, want none and %q", r.N, r.Skip, c.want)
			}
		})
	}
}

func TestFabricNestingIsBounded(t *testing.T) {
	for _, header := range []string{"89 03 00 41", "88 e7 00 00 13 89", "22 f3 00 0f 00 01 00 02"} {
		var frame []byte
		for range 1000 {
			frame = append(frame, octets(t, macs, header)...)
		}
		if r := decode(linkEthernet, frame); r.N != 0 || r.Skip != TooDeep {
			t.Errorf("%s: got %d packets and %q", header, r.N, r.Skip)
		}
	}
}

// An IEEE 802.11 aggregate has several subframes, each padded to 4 octets.
func TestEveryFrameOfAnAMSDUIsDecoded(t *testing.T) {
	header := octets(t, `
		88 02 00 00
		00 00 5e 00 53 02  00 00 5e 00 53 03  00 00 5e 00 53 01  00 00
		80 00                     // QoS control: A-MSDU
		`)
	sub := func(packet string, n byte, padding string) []byte {
		return octets(t, macs, "00", string("0123456789abcdef"[n>>4])+string("0123456789abcdef"[n&15]), "aa aa 03 00 00 00", packet, padding)
	}
	syn, dns := sub("08 00\n"+tcpSYN, 48, "00 00"), sub("86 dd\n"+udp6, 56, "00 00")
	frame := append(append(append(header, syn...), dns...), syn...)
	r := decode(linkWLAN, frame)
	if r.N != 3 || r.Skip != OK {
		t.Fatalf("got %d packets and %q, want three", r.N, r.Skip)
	}
	wantKey(t, &r.Packets[0], flow.TCP, srcSYN, dstSYN)
	wantKey(t, &r.Packets[1], flow.UDP, srcUDP6, dstUDP6)
	wantKey(t, &r.Packets[2], flow.TCP, srcSYN, dstSYN)

	odd := append(octets(t, string(`88 02 00 00  00 00 5e 00 53 02  00 00 5e 00 53 03  00 00 5e 00 53 01  00 00  80 00
		`), macs, "00 09 aa aa 03 00 00 00 88 cc 02  00"), syn...) // 14 + 9 + 1 octet of padding
	if r := decode(linkWLAN, odd); r.N != 1 || r.Skip != LLDP {
		t.Errorf("LLDP, then TCP: %d packets and %q", r.N, r.Skip)
	}
	for range 3 {
		frame = append(frame, syn...)
	}
	if r := decode(linkWLAN, frame); r.N != MaxLayers || r.Skip != TooDeep {
		t.Errorf("six frames: %d packets and %q", r.N, r.Skip)
	}
}
