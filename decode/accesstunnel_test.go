package decode

import (
	"fmt"
	"testing"

	"weir/flow"
)

// Tunnels over UDP with the well-known port at either end.
func TestTunnelsRecognizedByEitherPort(t *testing.T) {
	const wlan = "00 00  00 00 5e 00 53 03  00 00 5e 00 53 01  00 00 5e 00 53 02  00 00\n" + snapIPv4
	for _, c := range []struct {
		name   string
		port   uint16
		header string
		kind   flow.TunnelKind
	}{
		{"CAPWAP with Ethernet", portCAPWAP, "00 10 00 00  00 00 00 00\n" + ethIPv4, flow.TunnelCAPWAP},
		{"CAPWAP with 802.11", portCAPWAP, "00 10 03 00  00 00 00 00  08 01" + wlan, flow.TunnelCAPWAP},
		{"CAPWAP with 802.11, swapped", portCAPWAP, "00 10 03 00  00 00 00 00  01 08" + wlan, flow.TunnelCAPWAP},
		{"CAPWAP with wireless information", portCAPWAP, "00 20 03 20  00 00 00 00  04 bf 23 00  00 00 00 00  01 08" + wlan, flow.TunnelCAPWAP},
		{"L2TP", portL2TP, "00 02 00 07 00 01  ff 03 00 21\n", flow.TunnelL2TP},
		{"L2TP, all fields", portL2TP, "4b 02 00 3c 00 07 00 01  00 05 00 06  00 02 00 00  ff 03 00 21\n", flow.TunnelL2TP},
		{"L2TP, compressed", portL2TP, "40 02 00 31 00 07 00 01  21\n", flow.TunnelL2TP},
		{"AYIYA", portAYIYA, "41 52 11 04 00 00 00 00" + zeros16 + zeros16 + "00 00 00 00\n", flow.TunnelAYIYA},
	} {
		for _, ports := range [][2]uint16{{50000, c.port}, {c.port, 50000}} {
			frame := inIPv4(17, inUDP(ports[0], ports[1], octets(t, c.header, tcpSYN)))
			r := decode(linkRaw, frame)
			if r.N != 2 || r.Skip != OK {
				t.Errorf("%s, ports %v: %d packets and %q", c.name, ports, r.N, r.Skip)
				continue
			}
			wantKey(t, &r.Packets[1], flow.TCP, srcSYN, dstSYN, tunnel(c.kind, 0))
			for captured := range len(frame) {
				if cut := decodeCut(linkRaw, frame, captured); cut.N > 2 || cut.N == 1 && cut.Skip == OK && captured > 28 {
					t.Errorf("%s, %d octets captured: %d packets and %q", c.name, captured, cut.N, cut.Skip)
				}
			}
			var outer Result
			New(Options{OuterOnly: true}).Decode(linkRaw, frame, len(frame), 7, &outer)
			one(t, &outer)
		}
	}
}

const zeros16 = " 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "

func TestMPLSInIPAndUDP(t *testing.T) {
	labels := octets(t, "00 01 00 40  00 02 01 40\n", tcpSYN)
	for name, frame := range map[string][]byte{"IP": inIPv4(137, labels), "UDP": inIPv4(17, inUDP(50000, portMPLS, labels))} {
		r := decode(linkRaw, frame)
		if r.N != 2 || r.Skip != OK {
			t.Errorf("in %s: %d packets and %q", name, r.N, r.Skip)
			continue
		}
		wantKey(t, &r.Packets[1], flow.TCP, srcSYN, dstSYN, tunnel(flow.TunnelMPLS, 0))
	}
}

func TestEthernetInIP(t *testing.T) {
	r := decode(linkRaw, inIPv6(143, octets(t, ethIPv4, tcpSYN))) // as in SRv6
	if r.N != 2 || r.Skip != OK {
		t.Fatalf("%d packets and %q", r.N, r.Skip)
	}
	wantKey(t, &r.Packets[1], flow.TCP, srcSYN, dstSYN, tunnel(flow.TunnelEtherIP, 0))
}

func TestTrustSecGroupTagInGRE(t *testing.T) {
	r := decode(linkRaw, inIPv4(47, octets(t, "20 00 89 09 00 00 00 28  08 00 01 01 00 01 00 05\n", tcpSYN)))
	if r.N != 2 || r.Skip != OK {
		t.Fatalf("%d packets and %q", r.N, r.Skip)
	}
	wantKey(t, &r.Packets[1], flow.TCP, srcSYN, dstSYN, tunnel(flow.TunnelGRE, 40))
}

// Only the destination port identifies a tunnel endpoint.
func TestTunnelPortAsSourceIsNotATunnel(t *testing.T) {
	for port, header := range map[uint16]string{
		portVXLAN: headerVXLAN + ethIPv4, portVXLANOld: headerVXLAN + ethIPv4, portVXLANGPE: "0c 00 00 01  00 13 89 00\n",
		portGeneve: headerGeneve + ethIPv4, portGRE: "20 00 08 00  00 00 04 d2\n", portMPLS: "00 01 01 40\n",
	} {
		t.Run(fmt.Sprint(port), func(t *testing.T) {
			payload := octets(t, header, tcpSYN)
			one(t, decode(linkRaw, inIPv4(17, inUDP(port, 50000, payload))))
			if r := decode(linkRaw, inIPv4(17, inUDP(50000, port, payload))); r.N != 2 {
				t.Errorf("as destination port: %d packets and %q, want two", r.N, r.Skip)
			}
		})
	}
}

// Some implementations answer from the port of GTP-U to another one.
func TestGTPUFromItsPortIsATunnel(t *testing.T) {
	r := decode(linkRaw, inIPv4(17, inUDP(portGTPU, 50000, octets(t, headerGTPU, tcpSYN))))
	if r.N != 2 || r.Skip != OK {
		t.Fatalf("%d packets and %q", r.N, r.Skip)
	}
	one(t, decode(linkRaw, inIPv4(17, inUDP(portGTPU, 50000, octets(t, "20 ff 00 28 01 02 03 04\n"+tcpSYN)))))
}

func TestTeredoBetweenPeersOnAnyPort(t *testing.T) {
	const client, other = "20 01 00 00 53 aa 06 4c 00 00 f2 27 34 e0 ff fe", "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02"
	const head, body = "60 00 00 00  00 08 11 15", "14 e9 00 35 00 08 00 00"
	r := decode(linkRaw, inIPv4(17, inUDP(3797, 32900, octets(t, head, client, other, body))))
	if r.N != 2 || r.Skip != OK {
		t.Fatalf("%d packets and %q", r.N, r.Skip)
	}
	wantKey(t, &r.Packets[1], flow.UDP, "[2001:0:53aa:64c:0:f227:34e0:fffe]:5353", "[2001:db8::2]:53", tunnel(flow.TunnelTeredo, 0))
	for name, payload := range map[string]string{
		"no Teredo address": head + other + other + body,
		"wrong length":      head + client + other + body + "00",
		"wrong version":     "50 00 00 00  00 08 11 15" + client + other + body,
	} {
		if r := decode(linkRaw, inIPv4(17, inUDP(3797, 32900, octets(t, payload)))); r.N != 1 || r.Skip != OK {
			t.Errorf("%s: %d packets and %q", name, r.N, r.Skip)
		}
	}
}

func TestOtherTrafficOnAccessTunnelPortsIsNotATunnel(t *testing.T) {
	for _, c := range []struct {
		name    string
		port    uint16
		payload string
	}{
		{"CAPWAP, encrypted", portCAPWAP, "01 00 00 00 17 fe fd 00 01 00 00 00 00 00 01 00 20"},
		{"CAPWAP keepalive", portCAPWAP, "00 10 00 08 00 00 00 00 00 16 00 00"},
		{"CAPWAP, later fragment", portCAPWAP, "00 10 00 80 00 01 00 10" + ethIPv4 + tcpSYN},
		{"CAPWAP with a reserved bit", portCAPWAP, "00 10 00 01 00 00 00 00" + ethIPv4 + tcpSYN},
		{"CAPWAP with a header longer than the datagram", portCAPWAP, "00 f8 00 00 00 00 00 00" + ethIPv4},
		{"L2TP control", portL2TP, "c8 02 00 0c 00 07 00 00 00 01 00 02"},
		{"L2TP version 3", portL2TP, "00 03 00 00 00 00 00 07" + tcpSYN},
		{"L2TP with a wrong length", portL2TP, "40 02 00 30 00 07 00 01 21" + tcpSYN},
		{"L2TP with an offset beyond the datagram", portL2TP, "02 02 00 07 00 01 ff ff ff 03 00 21" + tcpSYN},
		{"AYIYA heartbeat", portAYIYA, "41 52 10 3b 00 00 00 00" + zeros16 + zeros16 + "00 00 00 00"},
		{"AYIYA with a packet shorter than the payload", portAYIYA, "41 52 11 04 00 00 00 00" + zeros16 + zeros16 + "00 00 00 00" + tcpSYN + "00"},
		{"MPLS over junk", portMPLS, "00 01 01 40 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"},
		{"MPLS without a bottom label", portMPLS, "00 01 00 40 00 01 00 40 00 01 00 40"},
		{"an empty payload on the DNS port", 53, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			one(t, decode(linkRaw, inIPv4(17, inUDP(40000, c.port, octets(t, c.payload)))))
		})
	}
}
