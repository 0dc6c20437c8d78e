package decode

import (
	"strings"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"weir/flow"
)

// An argument is a kind of difference from gopacket that is as it should be.
type argument struct {
	name    string // what we do otherwise, and why
	applies func(*difference) bool
}

// arguments is meant to shrink only.
var arguments = []argument{
	{"link types 228, 107, 239 and others that gopacket can't start with", func(d *difference) bool {
		return d.what == "extra" && strings.HasPrefix(d.failed, "Unable to decode LinkType")
	}},
	{"an IPv4 header whose options are malformed: they are skipped, addresses and ports are still true", func(d *difference) bool {
		return d.what == "extra" && (strings.Contains(d.failed, "IP option") || strings.Contains(d.failed, "ip4 option"))
	}},
	{"the version of an IP header is checked", func(d *difference) bool {
		return d.what == "missing" && d.result.Skip == BadIPVersion
	}},
	{"the first fragment has a transport header (RFC 791), gopacket takes all of it for data", func(d *difference) bool {
		return aboveIP(d) && d.ours != nil && d.ours.FirstFrag
	}},
	{"an atomic fragment is a whole packet (RFC 6946), gopacket's packets stop at its header", func(d *difference) bool {
		return aboveIP(d) && !d.ours.Fragment && hasLayer(d, layers.LayerTypeIPv6Fragment)
	}},
	{"IPv6 options are not looked into, malformed ones neither", func(d *difference) bool {
		return aboveIP(d) && strings.HasPrefix(d.failed, "IPv6 header")
	}},
	{"an IPv6 extension header longer than its packet is the protocol of its flow", func(d *difference) bool {
		return d.what == "protocol" && d.result.Skip == BadExtension && strings.HasPrefix(d.failed, "Invalid ip6-extension header")
	}},
	{"DCCP has ports, gopacket doesn't read it", func(d *difference) bool {
		return d.what == "having ports" && d.ours.Key.Proto == protoDCCP
	}},
	{"an IPv4 packet longer than its frame whose checksum doesn't hold is damaged, nobody would receive it", func(d *difference) bool {
		return d.what == "missing" && d.result.Skip == BadIPLength && d.ref.version == 4 && d.ref.length > d.ref.wire
	}},
	{"what is sent from a tunnel's port to another one is no tunnel", func(d *difference) bool {
		return d.what == "missing" && d.at > 0 && d.result.Skip == OK && (hasLayer(d, layers.LayerTypeVXLAN) || hasLayer(d, layers.LayerTypeGeneve))
	}},
	{"a jumbogram shorter than one can be, or longer than its frame, is none (RFC 2675, section 3)", func(d *difference) bool {
		return d.what == "missing" && d.result.Skip == BadIPLength && d.ref.version == 6 && d.ref.length == 0
	}},
	{"a fabric's header that gopacket doesn't know: FabricPath, IEEE 802.1ah, VN-Tag, Cisco MetaData, NSH, MACsec, Arista", func(d *difference) bool {
		return d.what == "extra" && d.ref == nil && d.at == 0 && d.frame.link == linkEthernet && isFabric(d.frame.data)
	}},
	{"AH in IPv4 is the protocol of its flow, by the Protocol field", func(d *difference) bool {
		return d.result.N > 0 && d.result.Packets[d.result.N-1].Key.Proto == flow.AH && (aboveIP(d) || d.what == "missing")
	}},
	{"a total length of 0 means segmentation offload, the wire knows", func(d *difference) bool {
		return d.what == "length" && d.ref.version == 4 && d.ref.length == 0 && int(d.ours.Octets) == d.ref.wire
	}},
	{"an IPv6 payload length of 0 means segmentation offload, the wire knows", func(d *difference) bool {
		return d.ours != nil && d.ref != nil && d.ref.version == 6 && d.ref.length == 0 &&
			(int(d.ours.Octets) == d.ref.wire || d.ours.Octets == 40 && d.ref.wire <= 60)
	}},
	{"a header cut by the snap length is read as far as it was captured", func(d *difference) bool {
		return d.ours != nil && d.frame.wire > len(d.frame.data) &&
			(aboveIP(d) && d.failed != "" || d.what == "extra" && strings.HasPrefix(d.failed, "Not all IP header bytes"))
	}},
	{"a TCP header that its packet has no room for keeps its ports only", func(d *difference) bool {
		return aboveIP(d) && d.result.Skip == BadTCP && d.failed != ""
	}},
	{"a tunnel that gopacket doesn't look into", func(d *difference) bool {
		return d.what == "extra" && d.ours.Key.Tunnel.Kind != flow.NoTunnel && !hasLayer(d, layers.LayerTypeVXLAN)
	}},
}

// argue names the argument for a difference, empty if there is none.
func argue(d *difference) string {
	for _, a := range arguments {
		if a.applies(d) {
			return a.name
		}
	}
	return ""
}

// aboveIP reports whether the difference is about the header above IP.
func aboveIP(d *difference) bool {
	switch d.what {
	case "having ports", "ports", "having tcp", "tcp", "having icmp", "icmp":
		return true
	}
	return false
}

func hasLayer(d *difference, typ gopacket.LayerType) bool {
	for _, l := range d.layers {
		if l.LayerType() == typ {
			return true
		}
	}
	return false
}

// isFabric reports whether an Ethernet frame has one of those headers, behind
// VLAN tags or not.
func isFabric(b []byte) bool {
	for at := 12; len(b) >= at+2; at += 4 {
		switch be16(b[at:]) {
		case etherVLAN, etherQinQ:
		case etherFabricPath, etherPBB, etherTRILL, etherVNTag, etherETag, etherCMD, etherNSH, etherMACsec, etherArista:
			return true
		default:
			return false
		}
	}
	return false
}
