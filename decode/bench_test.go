package decode

import "testing"

func BenchmarkEthernetIPv4TCP(b *testing.B) {
	frame := octets(b, ethIPv4, tcpSYN)
	d := New(Options{})
	var r Result
	for b.Loop() {
		d.Decode(linkEthernet, frame, len(frame), 0, &r)
	}
}
