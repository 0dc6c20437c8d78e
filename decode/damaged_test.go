package decode

import (
	"testing"

	"github.com/gopacket/gopacket/layers"

	"weir/internal/pkttest"
)

// acceptedWhenDamaged are the differences that damaged frames add to
// acceptedDifferences. If gopacket decodes a frame completely and both decoders
// find a packet, they have to agree on it.
var acceptedWhenDamaged = []acceptedDifference{
	{"gopacket stops at a truncated or inconsistent header and drops its fields", func(d *difference) bool {
		return d.failed != "" && (aboveIP(d) || d.what == "extra" || d.what == "protocol" || d.what == "fragment")
	}},
	{"nothing is decoded after an invalid header", func(d *difference) bool {
		return d.what == "missing" && (d.result.Skip != OK || d.result.N > 0)
	}},
	{"a length of 0 in a tunnel: the tunnel's own lengths count, not the octets left in the frame", func(d *difference) bool {
		return d.what == "length" && d.ref.length == 0
	}},
	{"gopacket decodes nothing after an IPv6 fragment header, and restarts at a second one", func(d *difference) bool {
		return (d.what == "protocol" || d.what == "fragment") && hasLayer(d, layers.LayerTypeIPv6Fragment)
	}},
	{"a hop-by-hop header is accepted anywhere; the reference expects it first (RFC 8200)", func(d *difference) bool {
		return d.what == "protocol" && d.ref.version == 6 && hasLayer(d, layers.LayerTypeIPv6HopByHop)
	}},
	{"a service tag of EtherType 9100 is also decoded inside another tag", func(d *difference) bool {
		return d.what == "extra" && hasLayer(d, layers.LayerTypeDot1Q) && d.layers[len(d.layers)-1].LayerType() == layers.LayerTypeDot1Q
	}},
	{"Generic UDP Encapsulation on port 666 is not decoded: no capture has it", func(d *difference) bool {
		return hasLayer(d, layers.LayerTypeAGUEVar0) || hasLayer(d, layers.LayerTypeAGUEVar1)
	}},
	{"below MPLS labels, an Ethernet frame whose address resembles an IP header, if its packet fills it", func(d *difference) bool {
		return hasLayer(d, layers.LayerTypeMPLS)
	}},
	{"the PPTP payload length bounds the inner packet (RFC 2637, section 4.1)", func(d *difference) bool {
		return d.at > 0 && d.result.Skip != OK && hasLayer(d, layers.LayerTypeGRE) && hasLayer(d, layers.LayerTypePPP)
	}},
	{"the address family of a packet filter log is ignored in favour of the IP version", func(d *difference) bool {
		return hasLayer(d, layers.LayerTypePFLog)
	}},
	{"gopacket takes the last octets of an IEEE 802.11 frame for the frame check sequence", func(d *difference) bool {
		return hasLayer(d, layers.LayerTypeDot11)
	}},
}

// acceptedDamaged is accepted for damaged frames.
func acceptedDamaged(d *difference) string {
	if name := accepted(d); name != "" {
		return name
	}
	for _, a := range acceptedWhenDamaged {
		if a.applies(d) {
			return a.name
		}
	}
	return ""
}

// TestGopacketAgreesOnDamagedFrames compares the two decoders beyond the captures:
// on real frames with random damage.
func TestGopacketAgreesOnDamagedFrames(t *testing.T) {
	frames, d := firstFrames(t), New(Options{})
	m := pkttest.NewMutator(*mutationSeed)
	counts := make(map[string]int)
	n := *mutations / 4 // gopacket takes a few µs per frame
	for range n {
		f := frames[m.IntN(len(frames))]
		damaged := append([]byte(nil), m.Mutate(f.data, frames[m.IntN(len(frames))].data)...)
		for _, diff := range compare(d, capturedFrame{f.link, damaged, len(damaged)}) {
			name := acceptedDamaged(diff)
			counts[name]++
			if name == "" && counts[name] <= 5 {
				t.Errorf("link %d, %x: %v", f.link, damaged, diff)
			}
		}
	}
	t.Logf("%d damaged frames", n)
	for _, a := range acceptedWhenDamaged {
		t.Logf("%7d differences: %s", counts[a.name], a.name)
	}
}
