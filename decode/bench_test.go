package decode

import (
	"path/filepath"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

func TestDecodeDoesNotAllocate(t *testing.T) {
	all := seeds(t)
	for _, cut := range seeds(t) {
		cut.data = cut.data[:len(cut.data)/2]
		all = append(all, cut)
	}
	d := New(Options{})
	var r Result
	if n := testing.AllocsPerRun(100, func() {
		for _, f := range all {
			d.Decode(f.link, f.data, f.wire, 7, &r)
		}
	}); n != 0 {
		t.Errorf("%v allocations for %d frames", n, len(all))
	}
}

// benchmark decodes frames in turn, once with Decode and once with gopacket's
// DecodingLayerParser, its fastest interface. gopacket gets the layers needed for
// these frames and builds no key from them.
func benchmark(b *testing.B, frames []capturedFrame, first gopacket.LayerType) {
	b.Run("weir", func(b *testing.B) {
		d := New(Options{})
		var r Result
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			f := &frames[i]
			d.Decode(f.link, f.data, f.wire, 0, &r)
			if i++; i == len(frames) {
				i = 0
			}
		}
	})
	if first == gopacket.LayerTypeZero { // DecodingLayerParser does not support a layer of the frames
		return
	}
	b.Run("gopacket", func(b *testing.B) {
		parser, decoded := newParser(first)
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			_ = parser.DecodeLayers(frames[i].data, decoded)
			if i++; i == len(frames) {
				i = 0
			}
		}
	})
}

func newParser(first gopacket.LayerType) (*gopacket.DecodingLayerParser, *[]gopacket.LayerType) {
	parser := gopacket.NewDecodingLayerParser(first,
		new(layers.Ethernet), new(layers.Dot1Q), new(layers.LinuxSLL), new(layers.LinuxSLL2), new(layers.Loopback),
		new(layers.IPv4), new(layers.IPv6), new(layers.TCP), new(layers.UDP), new(layers.ICMPv4), new(layers.ICMPv6),
		new(layers.GRE), new(layers.VXLAN))
	parser.IgnoreUnsupported = true
	return parser, new([]gopacket.LayerType)
}

func BenchmarkDecode(b *testing.B) {
	one := func(link uint16, parts ...string) []capturedFrame {
		data := octets(b, parts...)
		return []capturedFrame{{link, data, len(data)}}
	}
	vxlan := append(octets(b, ethIPv4), inIPv4(17, inUDP(50000, 4789, octets(b, headerVXLAN, ethIPv4, tcpSYN)))...)
	for _, c := range []struct {
		name   string
		frames []capturedFrame
		first  gopacket.LayerType
	}{
		{"Ethernet-IPv4-TCP", one(linkEthernet, ethIPv4, tcpSYN), layers.LayerTypeEthernet},
		{"Ethernet-IPv6-UDP", one(linkEthernet, ethIPv6, udp6), layers.LayerTypeEthernet},
		{"802.1Q-IPv4-TCP", one(linkEthernet, macs, "81 00 00 64 08 00", tcpSYN), layers.LayerTypeEthernet},
		{"SLL-IPv4-TCP", one(linkSLL, "00 00 00 01 00 06 00 00 5e 00 53 01 00 00 08 00", tcpSYN), layers.LayerTypeLinuxSLL},
		{"SLL2-IPv4-TCP", one(linkSLL2, "08 00 00 00 00 00 00 02 00 01 00 06 00 00 5e 00 53 01 00 00", tcpSYN), layers.LayerTypeLinuxSLL2},
		{"Raw-IPv4-TCP", one(linkRaw, tcpSYN), layers.LayerTypeIPv4},
		{"Loopback-IPv4-TCP", one(linkNull, "02 00 00 00", tcpSYN), layers.LayerTypeLoopback},
		{"PPPoE-IPv4-TCP", one(linkEthernet, macs, "88 64 11 00 00 01 00 2a 00 21", tcpSYN), gopacket.LayerTypeZero},
		{"MPLS-IPv4-TCP", one(linkEthernet, macs, "88 47 00 01 01 40", tcpSYN), gopacket.LayerTypeZero},
		{"VXLAN-IPv4-TCP", []capturedFrame{{linkEthernet, vxlan, len(vxlan)}}, layers.LayerTypeEthernet},
	} {
		b.Run(c.name, func(b *testing.B) { benchmark(b, c.frames, c.first) })
	}
}

// BenchmarkMix decodes real traffic in capture order. The frames are contiguous in
// memory, as in a reader's buffer, and exceed the CPU cache, so the result includes
// cache misses.
func BenchmarkMix(b *testing.B) {
	var frames []capturedFrame
	var buffer []byte
	err := eachFrame(filepath.Join(corpus(b), "bigmix.pcap"), func(f capturedFrame) {
		buffer = append(buffer, f.data...)
		frames = append(frames, f)
	})
	if err != nil {
		b.Fatal(err)
	}
	for i := range frames {
		n := len(frames[i].data)
		frames[i].data, buffer = buffer[:n:n], buffer[n:]
	}
	benchmark(b, frames, layers.LayerTypeEthernet)
}
