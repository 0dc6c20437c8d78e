package decode

import (
	"strings"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"weir/flow"
)

// acceptedDifference is a kind of difference from gopacket that is intended.
type acceptedDifference struct {
	name    string // what weir does differently, and why
	applies func(*difference) bool
}

// acceptedDifferences should only ever shrink.
var acceptedDifferences = []acceptedDifference{
	{"link types 228, 107, 239 and others that gopacket does not support", func(d *difference) bool {
		return d.what == "extra" && strings.HasPrefix(d.failed, "Unable to decode LinkType")
	}},
	{"malformed IPv4 options are skipped: addresses and ports are still valid", func(d *difference) bool {
		return d.what == "extra" && (strings.Contains(d.failed, "IP option") || strings.Contains(d.failed, "ip4 option"))
	}},
	{"the version of an IP header is checked", func(d *difference) bool {
		return d.what == "missing" && d.result.Skip == BadIPVersion
	}},
	{"the first fragment has a transport header (RFC 791); gopacket treats it as data", func(d *difference) bool {
		return aboveIP(d) && d.ours != nil && d.ours.FirstFrag
	}},
	{"an atomic fragment is a whole packet (RFC 6946); gopacket stops at its header", func(d *difference) bool {
		return aboveIP(d) && !d.ours.Fragment && hasLayer(d, layers.LayerTypeIPv6Fragment)
	}},
	{"IPv6 options are not parsed, so malformed ones are not noticed", func(d *difference) bool {
		return aboveIP(d) && strings.HasPrefix(d.failed, "IPv6 header")
	}},
	{"an IPv6 extension header longer than its packet becomes the protocol of the flow", func(d *difference) bool {
		return d.what == "protocol" && d.result.Skip == BadExtension && strings.HasPrefix(d.failed, "Invalid ip6-extension header")
	}},
	{"DCCP has ports; gopacket does not decode it", func(d *difference) bool {
		return d.what == "having ports" && d.ours.Key.Proto == protoDCCP
	}},
	{"an IPv4 packet longer than its frame with a wrong checksum is damaged, receivers discard it", func(d *difference) bool {
		return d.what == "missing" && d.result.Skip == BadIPLength && d.ref.version == 4 && d.ref.length > d.ref.wire
	}},
	{"a tunnel port as source port only does not make a tunnel", func(d *difference) bool {
		return d.what == "missing" && d.at > 0 && d.result.Skip == OK && (hasLayer(d, layers.LayerTypeVXLAN) || hasLayer(d, layers.LayerTypeGeneve))
	}},
	{"a jumbogram of 65535 octets or less, or longer than its frame, is invalid (RFC 2675, section 3)", func(d *difference) bool {
		return d.what == "missing" && d.result.Skip == BadIPLength && d.ref.version == 6 && d.ref.length == 0
	}},
	{"fabric headers that gopacket does not decode: FabricPath, IEEE 802.1ah, VN-Tag, Cisco MetaData, NSH, MACsec, Arista", func(d *difference) bool {
		return d.what == "extra" && d.ref == nil && d.at == 0 && d.frame.link == linkEthernet && isFabric(d.frame.data)
	}},
	{"AH over IPv4 is the protocol of the flow, as in the Protocol field", func(d *difference) bool {
		return d.result.N > 0 && d.result.Packets[d.result.N-1].Key.Proto == flow.AH && (aboveIP(d) || d.what == "missing")
	}},
	{"a total length of 0 means segmentation offload: the wire length counts", func(d *difference) bool {
		return d.what == "length" && d.ref.version == 4 && d.ref.length == 0 && int(d.ours.Octets) == d.ref.wire
	}},
	{"an IPv6 payload length of 0 means segmentation offload: the wire length counts", func(d *difference) bool {
		return d.ours != nil && d.ref != nil && d.ref.version == 6 && d.ref.length == 0 &&
			(int(d.ours.Octets) == d.ref.wire || d.ours.Octets == 40 && d.ref.wire <= 60)
	}},
	{"a header truncated by the snap length is decoded as far as captured", func(d *difference) bool {
		return d.ours != nil && d.frame.wire > len(d.frame.data) &&
			(aboveIP(d) && d.failed != "" || d.what == "extra" && strings.HasPrefix(d.failed, "Not all IP header bytes"))
	}},
	{"of a TCP header that does not fit in its packet only the ports are kept", func(d *difference) bool {
		return aboveIP(d) && d.result.Skip == BadTCP && d.failed != ""
	}},
	{"a tunnel that gopacket does not decode", func(d *difference) bool {
		return d.what == "extra" && d.ours.Key.Tunnel.Kind != flow.NoTunnel && !hasLayer(d, layers.LayerTypeVXLAN)
	}},
}

// accepted returns the name of the accepted difference that d is, "" if none.
func accepted(d *difference) string {
	for _, a := range acceptedDifferences {
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

// isFabric reports whether an Ethernet frame has one of those headers, possibly
// after VLAN tags.
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
