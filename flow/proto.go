package flow

import (
	"fmt"
	"strconv"
	"strings"
)

// Proto is an IP protocol number: the Protocol field of IPv4 or the last Next
// Header of IPv6 (IANA "Assigned Internet Protocol Numbers"; IPFIX
// protocolIdentifier, IE 4).
type Proto uint8

// The protocols that the code refers to by name. String and ParseProto know the
// other IANA names as well.
const (
	ICMP    Proto = 1
	IGMP    Proto = 2
	IPIP    Proto = 4
	TCP     Proto = 6
	UDP     Proto = 17
	IPv6    Proto = 41
	GRE     Proto = 47
	ESP     Proto = 50
	AH      Proto = 51
	ICMPv6  Proto = 58
	SCTP    Proto = 132
	UDPLite Proto = 136
)

// protoNames holds the IANA keywords, except obsolete ones. Three protocols have
// their common name instead: IPIP (IANA: IPv4), ICMPv6 (IPv6-ICMP), OSPF (OSPFIGP).
var protoNames = map[Proto]string{
	ICMP: "ICMP", IGMP: "IGMP", IPIP: "IPIP", TCP: "TCP", UDP: "UDP", IPv6: "IPv6", GRE: "GRE", ESP: "ESP",
	AH: "AH", ICMPv6: "ICMPv6", SCTP: "SCTP", UDPLite: "UDPLite",
	0: "HOPOPT", 3: "GGP", 5: "ST", 7: "CBT", 8: "EGP", 9: "IGP", 12: "PUP", 20: "HMP", 22: "XNS-IDP", 27: "RDP", 28: "IRTP",
	33: "DCCP", 36: "XTP", 43: "IPv6-Route", 44: "IPv6-Frag", 45: "IDRP", 46: "RSVP", 48: "DSR", 54: "NARP", 55: "Min-IPv4",
	57: "SKIP", 59: "IPv6-NoNxt", 60: "IPv6-Opts", 73: "CPHB", 80: "ISO-IP", 81: "VMTP", 88: "EIGRP", 89: "OSPF", 92: "MTP",
	94: "IPIP-old", 97: "ETHERIP", 98: "ENCAP", 103: "PIM", 105: "SCPS", 108: "IPComp", 111: "IPX-in-IP", 112: "VRRP",
	113: "PGM", 115: "L2TP", 118: "STP", 121: "SMP", 124: "ISIS", 133: "FC", 135: "Mobility", 137: "MPLS-in-IP", 138: "manet", 139: "HIP", 140: "Shim6", 141: "WESP",
	142: "ROHC", 143: "Ethernet", 144: "AGGFRAG", 145: "NSH", 255: "Reserved",
}

var protoByName = func() map[string]Proto {
	m := make(map[string]Proto, len(protoNames))
	for p, name := range protoNames {
		m[strings.ToLower(name)] = p
	}
	return m
}()

// HasPorts reports whether the first four bytes of the protocol's header are a
// source and a destination port.
func (p Proto) HasPorts() bool {
	switch p {
	case TCP, UDP, SCTP, UDPLite, 33: // 33 is DCCP, RFC 4340 section 5.1
		return true
	}
	return false
}

// IsICMP reports whether p is ICMP or ICMPv6.
func (p Proto) IsICMP() bool { return p == ICMP || p == ICMPv6 }

// String returns the common name, or the number in decimal if there is none.
func (p Proto) String() string {
	if name, ok := protoNames[p]; ok {
		return name
	}
	return strconv.Itoa(int(p))
}

// ParseProto parses a protocol name, ignoring case, or a number from 0 to 255.
func ParseProto(s string) (Proto, error) {
	t := strings.ToLower(strings.TrimSpace(s))
	if p, ok := protoByName[t]; ok {
		return p, nil
	}
	switch t { // IANA keywords that String does not use, and common spellings
	case "icmp6", "ipv6-icmp":
		return ICMPv6, nil
	case "udp-lite":
		return UDPLite, nil
	case "ipv4":
		return IPIP, nil
	case "ospfigp":
		return 89, nil
	}
	n, err := strconv.ParseUint(t, 10, 8)
	if err != nil {
		return 0, fmt.Errorf("unknown protocol %q: expected a name such as tcp, udp, icmp, or a number from 0 to 255", s)
	}
	return Proto(n), nil
}

// ProtoNames returns the known protocol names in lower case, ordered by number.
func ProtoNames() []string {
	names := make([]string, 0, len(protoByName))
	for n := range 256 {
		if name, ok := protoNames[Proto(n)]; ok {
			names = append(names, strings.ToLower(name))
		}
	}
	return names
}
