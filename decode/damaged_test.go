package decode

import (
	"testing"

	"github.com/gopacket/gopacket/layers"

	"weir/internal/pkttest"
)

// damageArguments are the kinds of differences that damaged frames add to
// arguments. Where gopacket reads a frame to its end and both find a packet,
// they have to agree about it.
var damageArguments = []argument{
	{"gopacket gives up on a header that is cut or contradicts itself, and drops what was read of it", func(d *difference) bool {
		return d.failed != "" && (aboveIP(d) || d.what == "extra" || d.what == "protocol" || d.what == "fragment")
	}},
	{"what is behind a header that doesn't hold is not looked at", func(d *difference) bool {
		return d.what == "missing" && (d.result.Skip != OK || d.result.N > 0)
	}},
	{"a length of 0 in a tunnel: its own lengths know, not the octets left in the frame", func(d *difference) bool {
		return d.what == "length" && d.ref.length == 0
	}},
	{"gopacket reads nothing behind an IPv6 fragment header, and a second one anew", func(d *difference) bool {
		return (d.what == "protocol" || d.what == "fragment") && hasLayer(d, layers.LayerTypeIPv6Fragment)
	}},
	{"a hop-by-hop header is read wherever it stands; RFC 8200 has it first, where the reference looks for it", func(d *difference) bool {
		return d.what == "protocol" && d.ref.version == 6 && hasLayer(d, layers.LayerTypeIPv6HopByHop)
	}},
	{"a service tag of EtherType 9100 is read inside another tag too", func(d *difference) bool {
		return d.what == "extra" && hasLayer(d, layers.LayerTypeDot1Q) && d.layers[len(d.layers)-1].LayerType() == layers.LayerTypeDot1Q
	}},
	{"Generic UDP Encapsulation at port 666 is not read: no capture has it", func(d *difference) bool {
		return hasLayer(d, layers.LayerTypeAGUEVar0) || hasLayer(d, layers.LayerTypeAGUEVar1)
	}},
	{"below labels, a frame whose address begins as an IP header does, but whose packet fills it", func(d *difference) bool {
		return hasLayer(d, layers.LayerTypeMPLS)
	}},
	{"PPTP's payload length bounds what is in the tunnel (RFC 2637, section 4.1)", func(d *difference) bool {
		return d.at > 0 && d.result.Skip != OK && hasLayer(d, layers.LayerTypeGRE) && hasLayer(d, layers.LayerTypePPP)
	}},
	{"the address family of a packet filter log is not asked: the packet's first bits say it", func(d *difference) bool {
		return hasLayer(d, layers.LayerTypePFLog)
	}},
	{"gopacket takes the last octets of an IEEE 802.11 frame for its checksum", func(d *difference) bool {
		return hasLayer(d, layers.LayerTypeDot11)
	}},
}

// argueDamaged names the argument for a difference about a damaged frame.
func argueDamaged(d *difference) string {
	if name := argue(d); name != "" {
		return name
	}
	for _, a := range damageArguments {
		if a.applies(d) {
			return a.name
		}
	}
	return ""
}

// TestGopacketReadsDamagedFramesTheSame compares the two decoders where no
// capture leads them: on real frames with something wrong.
func TestGopacketReadsDamagedFramesTheSame(t *testing.T) {
	frames, d := firstFrames(t), New(Options{})
	m := pkttest.NewMutator(*mutationSeed)
	counts := make(map[string]int)
	n := *mutations / 4 // gopacket takes a few µs for each
	for range n {
		f := frames[m.IntN(len(frames))]
		damaged := append([]byte(nil), m.Mutate(f.data, frames[m.IntN(len(frames))].data)...)
		for _, diff := range compare(d, capturedFrame{f.link, damaged, len(damaged)}) {
			name := argueDamaged(diff)
			counts[name]++
			if name == "" && counts[name] <= 5 {
				t.Errorf("link %d, %x: %v", f.link, damaged, diff)
			}
		}
	}
	t.Logf("%d damaged frames", n)
	for _, a := range damageArguments {
		t.Logf("%7d differences: %s", counts[a.name], a.name)
	}
}
