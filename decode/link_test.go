package decode

import (
	"slices"
	"strings"
	"testing"

	"weir/flow"
)

// linkCase is a header that fits before an IPv4 packet of 40 octets.
type linkCase struct {
	name   string
	link   uint16
	header string
}

const snapIPv4 = `aa aa 03  00 00 00  08 00   // LLC, SNAP: IPv4
	`

var localLinks = []linkCase{
	{"Ethernet", linkEthernet, ethIPv4},
	{"Ethernet with 802.3 length and SNAP", linkEthernet, macs + `00 30  // length 48: 8 + 40
			` + snapIPv4},
	{"Ethernet with SNAP in a jumbo frame", linkEthernet, macs + `88 70
			` + snapIPv4},
	{"MPLS", linkEthernet, macs + `88 47   00 01 00 40  00 02 01 40  // labels 16, 32 (bottom)
			`},
	{"MPLS pseudowire", linkEthernet, macs + `88 47  00 01 01 40   // label 16 (bottom)
			00 00 00 00   // control word
			` + ethIPv4},
	{"MPLS pseudowire without a control word", linkEthernet, macs + `88 47  00 01 01 40
			` + ethIPv4},
	{"MPLS pseudowire to an address that looks like IPv6", linkEthernet, macs + `88 47  00 01 01 40
			6c 00 5e 00 53 02  00 00 5e 00 53 01  08 00
			`},
	{"MPLS pseudowire with a priority tag", linkEthernet, macs + `88 47  00 01 01 40
			4c 00 5e 00 53 02  00 00 5e 00 53 01  81 00 20 00  08 00
			`},
	{"PPPoE", linkEthernet, macs + `88 64   11 00 00 01 00 2a   // session 1, length 42
			00 21         // PPP: IPv4
			`},
	{"Linux any", linkSLL, `
			00 00 00 01   // to us, from Ethernet
			00 06 00 00 5e 00 53 01 00 00
			08 00         // IPv4
			`},
	{"Linux any, tagged", linkSLL, `
			00 00 00 01  00 06 00 00 5e 00 53 01 00 00
			81 00 00 00 08 00   // VLAN 0: priority only
			`},
	{"Linux any 2", linkSLL2, `
			08 00 00 00   // IPv4
			00 00 00 02   // interface index
			00 01 00 06   // Ethernet, to us
			00 00 5e 00 53 01 00 00
			`},
	{"raw IP", linkRaw, ``},
	{"raw IP of BSD", linkRaw12, ``},
	{"raw IP of OpenBSD", linkRaw14, ``},
	{"raw IPv4", linkIPv4, ``},
	{"BSD loopback, little-endian", linkNull, `02 00 00 00
			`},
	{"BSD loopback, big-endian", linkNull, `00 00 00 02
			`},
	{"OpenBSD loopback", linkLoop, `00 00 00 02
			`},
}

var wideAreaLinks = []linkCase{
	{"PPP", linkPPP, `ff 03 00 21
			`},
	{"PPP, compressed", linkPPP, `21
			`},
	{"PPP in HDLC framing", linkPPPHDLC, `ff 03 00 21
			`},
	{"Cisco HDLC", linkCHDLC, `0f 00 08 00
			`},
	{"Cisco HDLC with the link type of PPP", linkPPPHDLC, `8f 00 08 00
			`},
	{"PPP with MPLS", linkPPP, `ff 03 02 81  00 01 01 40
			`},
	{"PPPoE without Ethernet", linkPPPoE, `11 00 00 01 00 2a  00 21
			`},
	{"Frame Relay", linkFrame, `18 41 03 cc
			`},
	{"Frame Relay, padded", linkFrame, `18 41 03 00 cc
			`},
	{"Frame Relay with SNAP", linkFrame, `18 41 03 00 80  00 00 00  08 00
			`},
	{"Frame Relay by Cisco", linkFrame, `18 41 08 00
			`},
	{"netfilter log", linkNFLOG, `
			02 00 00 05               // IPv4, group 5
			05 00 0a 00 00 00 00 00   // an empty prefix, padded
			2c 00 09 00               // the packet, 4 + 40
			`},
}

var wirelessLinks = []linkCase{
	{"802.11 data to an access point", linkWLAN, `
			08 01 00 00               // data, to the network
			00 00 5e 00 53 03  00 00 5e 00 53 01  00 00 5e 00 53 02  00 00
			` + snapIPv4},
	{"802.11 QoS data between access points", linkWLAN, `
			88 03 00 00               // QoS data, to and from the network
			00 00 5e 00 53 03  00 00 5e 00 53 04  00 00 5e 00 53 02  00 00
			00 00 5e 00 53 01         // fourth address
			00 00                     // QoS control
			` + snapIPv4},
	{"802.11 QoS data with HT control", linkWLAN, `
			88 82 00 00               // QoS data, from the network, +HTC
			00 00 5e 00 53 02  00 00 5e 00 53 03  00 00 5e 00 53 01  00 00
			00 00  00 00 00 00        // QoS control, HT control
			` + snapIPv4},
	{"802.11 aggregate", linkWLAN, `
			88 02 00 00
			00 00 5e 00 53 02  00 00 5e 00 53 03  00 00 5e 00 53 01  00 00
			80 00                     // QoS control: A-MSDU
			` + macs + `00 30
			` + snapIPv4},
	{"802.11 after radiotap", linkRadiotap, `
			00 00 11 00               // version 0, 17 octets
			03 00 00 00               // present: TSFT, flags
			00 00 00 00 00 00 00 00   // TSFT
			20                        // flags: the header below is padded
			88 02 00 00
			00 00 5e 00 53 02  00 00 5e 00 53 03  00 00 5e 00 53 01  00 00
			00 00  00 00              // QoS control, padding
			` + snapIPv4},
}

var rareLinks = []linkCase{
	{"packet filter log", linkPFLOG, `
			3d 02 00 00               // 61 octets, IPv4, passed, matched
			65 6d 30 00 00 00 00 00 00 00 00 00 00 00 00 00   // em0
			00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00   // rule set
			00 00 00 01  ff ff ff ff  // rule
			00 00 00 00  00 00 00 00  // uid, pid
			00 00 00 00  00 00 00 00
			01 00 00 00               // in
			`},
	{"IPsec encapsulation interface", linkENC, `02 00 00 00  00 00 10 00  00 00 00 00
			`},
	{"PPP by pppd", linkPPPD, `01 03 00 21
			`},
	{"PPP with a direction", linkPPPDir, `01 ff 03 00 21
			`},
	{"Cisco HDLC with a direction", linkCHDLCDir, `00 0f 00 08 00
			`},
	{"Frame Relay with a direction", linkFrameDir, `01 18 41 03 cc
			`},
	{"ATM", linkRFC1483, snapIPv4},
	{"Fibre Channel", linkIPoverFC, `10 00 00 00 5e 00 53 02  10 00 00 00 5e 00 53 01
			` + snapIPv4},
	{"InfiniBand", linkIPoIB, `
			60 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00
			08 00 00 00
			`},
	{"Juniper", linkJuniper, `4d 47 43 01
			` + macs + `08 00
			`},
	{"Juniper with extensions", linkJuniper, `4d 47 43 80 00 06 01 01 0e 02 01 30
			` + macs + `08 00
			`},
	{"FDDI", linkFDDI, `50 ` + macs + snapIPv4},
	{"FDDI, a source with its first bit set", linkFDDI, `50  00 00 5e 00 53 02  80 00 5e 00 53 01
			` + snapIPv4},
	{"Token Ring", linkTokenRing, `10 40 ` + macs + snapIPv4},
	{"Token Ring with a route", linkTokenRing, `10 40  00 00 5e 00 53 02  80 00 5e 00 53 01
			06 30 00 11 00 20         // 6 octets
			` + snapIPv4},
	{"802.11 after an AVS header", linkAVS, `
			80 21 10 01  00 00 00 0c  00 00 00 00
			08 01 00 00
			00 00 5e 00 53 03  00 00 5e 00 53 01  00 00 5e 00 53 02  00 00
			` + snapIPv4},
	{"802.11 after a Prism header", linkPrism, `44 00 00 00  90 00 00 00` + strings.Repeat(" 00", 136) + `
			08 01 00 00
			00 00 5e 00 53 03  00 00 5e 00 53 01  00 00 5e 00 53 02  00 00
			` + snapIPv4},
}

func TestEveryLinkTypeYieldsTheSamePacket(t *testing.T) {
	for _, l := range slices.Concat(localLinks, wideAreaLinks, wirelessLinks, rareLinks) {
		t.Run(l.name, func(t *testing.T) {
			p := one(t, decode(l.link, octets(t, l.header, tcpSYN)))
			wantKey(t, p, flow.TCP, srcSYN, dstSYN)
			if p.Octets != 40 || p.Flags != flow.SYN || p.Multicast {
				t.Errorf("octets %d, flags %v, multicast %v", p.Octets, p.Flags, p.Multicast)
			}
		})
	}
}

func TestIPv6OverEveryLinkType(t *testing.T) {
	for name, l := range map[string]struct {
		link   uint16
		header string
	}{
		"Ethernet":            {linkEthernet, ethIPv6},
		"raw IP":              {linkRaw, ``},
		"raw IPv6":            {linkIPv6, ``},
		"NetBSD loopback":     {linkNull, "18 00 00 00\n"},
		"FreeBSD loopback":    {linkNull, "1c 00 00 00\n"},
		"Darwin loopback":     {linkNull, "00 00 00 1e\n"},
		"OpenBSD loopback":    {linkLoop, "00 00 00 18\n"},
		"PPP":                 {linkPPP, "ff 03 00 57\n"},
		"MPLS":                {linkEthernet, macs + "88 48  00 01 01 40\n"},
		"Frame Relay":         {linkFrame, "18 41 03 8e\n"},
		"Linux any 2":         {linkSLL2, "86 dd 00 00 00 00 00 02 00 01 00 06 00 00 5e 00 53 01 00 00\n"},
		"802.1Q and PPPoE":    {linkEthernet, macs + "81 00 00 00 88 64  11 00 00 01 00 32  00 57\n"},
		"PPP in an EtherType": {linkEthernet, macs + "88 0b  00 57\n"},
	} {
		t.Run(name, func(t *testing.T) {
			wantKey(t, one(t, decode(l.link, octets(t, l.header, udp6))), flow.UDP, srcUDP6, dstUDP6)
		})
	}
}

func TestVLANTagsAreKeptOuterFirst(t *testing.T) {
	const ipv4 = "08 00\n"
	for _, c := range []struct {
		name, tags string
		want       flow.VLANs
	}{
		{"802.1Q", "81 00 20 64\n", flow.VLANs{100}}, // priority 1, id 100
		{"802.1ad", "88 a8 00 c8  81 00 00 64\n", flow.VLANs{200, 100}},
		{"QinQ before 802.1ad", "91 00 00 c8  81 00 00 64\n", flow.VLANs{200, 100}},
		{"a priority tag is not a VLAN", "81 00 e0 00\n", flow.VLANs{}},
		{"priority tag outside", "81 00 e0 00  81 00 00 64\n", flow.VLANs{100}},
		{"three: two are kept", "88 a8 00 01  81 00 00 02  81 00 00 03\n", flow.VLANs{1, 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			frame := octets(t, macs+"\n", c.tags, ipv4, tcpSYN)
			wantKey(t, one(t, decode(linkEthernet, frame)), flow.TCP, srcSYN, dstSYN, vlan(c.want[0], c.want[1]))

			var r Result
			New(Options{IgnoreVLAN: true}).Decode(linkEthernet, frame, len(frame), 7, &r)
			wantKey(t, one(t, &r), flow.TCP, srcSYN, dstSYN)
		})
	}
}

func TestNonIPFramesHaveAReason(t *testing.T) {
	for _, c := range []struct {
		name  string
		link  uint16
		frame string
		want  Reason
	}{
		{"ARP", linkEthernet, macsBroadcast + "08 06  00 01 08 00 06 04 00 01", ARP},
		{"ARP in a VLAN", linkEthernet, macsBroadcast + "81 00 00 64 08 06  00 01", ARP},
		{"reverse ARP", linkEthernet, macsBroadcast + "80 35  00 01", ARP},
		{"spanning tree", linkEthernet, "01 80 c2 00 00 00  00 00 5e 00 53 01  00 26  42 42 03 00", LLC},
		{"CDP", linkEthernet, "01 00 0c cc cc cc  00 00 5e 00 53 01  00 0c  aa aa 03 00 00 0c 20 00 02 b4 00 00", LLC},
		{"NetWare", linkEthernet, macs + "00 04  ff ff 00 22", LLC},
		{"length 0", linkEthernet, macs + "00 00  aa aa 03 00 00 00 08 00", LLC},
		{"LLDP", linkEthernet, macs + "88 cc 02 07", LLDP},
		{"802.1X", linkEthernet, macs + "88 8e 01 00", EAPOL},
		{"LACP", linkEthernet, macs + "88 09 01 01", SlowProtocol},
		{"MACsec", linkEthernet, macs + "88 e5 2c 00", MACsec},
		{"PPPoE discovery", linkEthernet, macs + "88 63 11 09 00 00 00 00", PPPoEDiscovery},
		{"LCP", linkPPP, "ff 03 c0 21 01 01 00 04", PPPControl},
		{"compressed PPP", linkPPP, "ff 03 00 fd 01", OtherPPP},
		{"beacon", linkWLAN, "80 00 00 00 ff ff ff ff ff ff", WLANControl},
		{"null data", linkWLAN, "48 01 00 00", WLANControl},
		{"WPA", linkWLAN, "08 41 00 00", WLANProtected},
		{"EtherCAT", linkEthernet, macs + "88 a4 00 00", OtherEtherType},
		{"between length and EtherType", linkEthernet, macs + "05 ff 00 00", OtherEtherType},
		{"MPLS with another payload", linkEthernet, macs + "88 47 00 01 01 40 f0 00", OtherMPLS},
		{"netlink", linkSLL, "00 04 03 38 00 00 00 00 00 00 00 00 00 00 08 00", OtherFamily},
		{"AppleTalk on a loopback", linkNull, "10 00 00 00 45", OtherFamily},
		{"USB", 189, "00", UnknownLink},
	} {
		t.Run(c.name, func(t *testing.T) {
			if r := decode(c.link, octets(t, c.frame)); r.N != 0 || r.Skip != c.want {
				t.Errorf("got %d packets and %q, want none and %q", r.N, r.Skip, c.want)
			}
		})
	}
}

func TestTruncatedOrInvalidLinkHeadersHaveAReason(t *testing.T) {
	for _, c := range []struct {
		name  string
		link  uint16
		frame string
		want  Reason
	}{
		{"empty frame", linkEthernet, "", TruncatedLink},
		{"Ethernet", linkEthernet, macs + "08", TruncatedLink},
		{"VLAN tag", linkEthernet, macs + "81 00 00 64 08", TruncatedLink},
		{"SLL", linkSLL, "00 00 00 01 00 06 00 00 5e 00 53 01 00 00 08", TruncatedLink},
		{"SLL2", linkSLL2, "08 00 00 00 00 00 00 02 00 01 00 06 00 00 5e 00 53 01 00", TruncatedLink},
		{"loopback", linkNull, "02 00 00", TruncatedLink},
		{"label stack without a bottom", linkEthernet, macs + "88 47  00 01 00 40", TruncatedLink},
		{"PPPoE", linkEthernet, macs + "88 64  11 00 00 01", TruncatedLink},
		{"PPPoE with a wrong version", linkEthernet, macs + "88 64  21 00 00 01 00 02 00 21", BadLink},
		{"PPPoE longer than the frame", linkEthernet, macs + "88 64  11 00 00 01 00 03 00 21", BadLink},
		{"802.11", linkWLAN, "08 01 00 00 00 00", TruncatedLink},
		{"802.11 with a wrong version", linkWLAN, "09 01 00 00", BadLink},
		{"radiotap shorter than its header", linkRadiotap, "00 00 04 00 00 00 00 00", BadLink},
		{"radiotap", linkRadiotap, "00 00 10 00 00 00 00 00", TruncatedLink},
		{"netfilter log", linkNFLOG, "02 00 00 05 08 00 0a 00 00 00 00 00", TruncatedLink},
		{"netfilter attribute shorter than its header", linkNFLOG, "02 00 00 05 03 00 0a 00", BadLink},
		{"Frame Relay address", linkFrame, "19 41 03 cc", BadLink},
		{"raw IP", linkRaw, "", TruncatedIP},
		{"packet filter log", linkPFLOG, "3d 02", TruncatedLink},
		{"packet filter log of 44 octets", linkPFLOG, "2c 02", BadLink},
		{"Token Ring", linkTokenRing, "10 40 00 00 5e 00 53 02  80 00 5e 00 53 01  1f", TruncatedLink},
		{"AVS of 7 octets", linkAVS, "80 21 10 01  00 00 00 07", BadLink},
		{"AVS of 4 GB", linkAVS, "80 21 10 01  ff ff ff ff", TruncatedLink},
		{"Prism with a wrong length", linkPrism, "44 00 00 00  91 00 00 00", BadLink},
	} {
		t.Run(c.name, func(t *testing.T) {
			if r := decode(c.link, octets(t, c.frame)); r.N != 0 || r.Skip != c.want {
				t.Errorf("got %d packets and %q, want none and %q", r.N, r.Skip, c.want)
			}
		})
	}
}

func TestFrameCheckSequenceIsNotCounted(t *testing.T) {
	// A TSO packet after radiotap, so that the length can only come from the wire: 40
	// octets of IP, then 4 of frame check sequence.
	frame := octets(t, `
		00 00 09 00  02 00 00 00  10      // radiotap: flags, a checksum follows
		08 01 00 00  00 00 5e 00 53 03  00 00 5e 00 53 01  00 00 5e 00 53 02  00 00
		aa aa 03 00 00 00 08 00`, tcpSYN, `de ad be ef`)
	frame[9+24+8+2], frame[9+24+8+3] = 0, 0 // total length
	if p := one(t, decode(linkRadiotap, frame)); p.Octets != 40 {
		t.Errorf("octets %d, want 40", p.Octets)
	}
}

func TestEncapsulationDepthIsBounded(t *testing.T) {
	var frame []byte
	for range 1000 { // Ethernet in Ethernet in …
		frame = append(frame, octets(t, macs+"65 58")...)
	}
	if r := decode(linkEthernet, frame); r.N != 0 || r.Skip != TooDeep {
		t.Errorf("got %d packets and %q", r.N, r.Skip)
	}
}
