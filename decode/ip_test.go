package decode

import (
	"testing"

	"weir/flow"
)

func TestTCPSegmentTellsItsFlow(t *testing.T) {
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

func TestUDPOverIPv6TellsItsFlow(t *testing.T) {
	p := one(t, decode(linkEthernet, octets(t, ethIPv6, udp6)))
	wantKey(t, p, flow.UDP, srcUDP6, dstUDP6)
	want := Packet{Key: p.Key, FromB: p.FromB, Octets: 48, TTL: 63, HasPorts: true}
	if *p != want {
		t.Errorf("got  %+v\nwant %+v", *p, want)
	}
}
