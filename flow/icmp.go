package flow

import "strconv"

// ICMPType is the type and code of an ICMP (RFC 792) or ICMPv6 (RFC 4443)
// message (IPFIX icmpTypeCodeIPv4, IE 32, and icmpTypeCodeIPv6, IE 139).
type ICMPType struct {
	Type, Code uint8
}

type icmpName struct {
	proto Proto
	typ   uint8
	code  int16 // -1: any code
}

// icmpNames holds the messages and codes that occur in practice, from the IANA
// registries "ICMP Type Numbers" and "ICMPv6 Parameters".
var icmpNames = map[icmpName]string{
	{ICMP, 0, -1}:  "echo reply",
	{ICMP, 3, -1}:  "destination unreachable",
	{ICMP, 3, 0}:   "network unreachable",
	{ICMP, 3, 1}:   "host unreachable",
	{ICMP, 3, 2}:   "protocol unreachable",
	{ICMP, 3, 3}:   "port unreachable",
	{ICMP, 3, 4}:   "fragmentation needed",
	{ICMP, 3, 5}:   "source route failed",
	{ICMP, 3, 6}:   "network unknown",
	{ICMP, 3, 7}:   "host unknown",
	{ICMP, 3, 8}:   "source host isolated",
	{ICMP, 3, 9}:   "network prohibited",
	{ICMP, 3, 10}:  "host prohibited",
	{ICMP, 3, 11}:  "network unreachable for service",
	{ICMP, 3, 12}:  "host unreachable for service",
	{ICMP, 3, 13}:  "communication prohibited",
	{ICMP, 3, 14}:  "precedence violation",
	{ICMP, 3, 15}:  "precedence cutoff",
	{ICMP, 4, -1}:  "source quench",
	{ICMP, 5, -1}:  "redirect",
	{ICMP, 8, -1}:  "echo request",
	{ICMP, 9, -1}:  "router advertisement",
	{ICMP, 10, -1}: "router solicitation",
	{ICMP, 11, -1}: "time exceeded",
	{ICMP, 11, 0}:  "TTL exceeded in transit",
	{ICMP, 11, 1}:  "reassembly time exceeded",
	{ICMP, 12, -1}: "parameter problem",
	{ICMP, 13, -1}: "timestamp request",
	{ICMP, 14, -1}: "timestamp reply",
	{ICMP, 17, -1}: "address mask request",
	{ICMP, 18, -1}: "address mask reply",
	{ICMP, 42, -1}: "extended echo request", // RFC 8335
	{ICMP, 43, -1}: "extended echo reply",

	{ICMPv6, 1, -1}:   "destination unreachable",
	{ICMPv6, 1, 0}:    "no route",
	{ICMPv6, 1, 1}:    "communication prohibited",
	{ICMPv6, 1, 2}:    "beyond scope of source address",
	{ICMPv6, 1, 3}:    "address unreachable",
	{ICMPv6, 1, 4}:    "port unreachable",
	{ICMPv6, 1, 5}:    "source address failed policy",
	{ICMPv6, 1, 6}:    "reject route",
	{ICMPv6, 1, 7}:    "error in source routing header", // RFC 6550
	{ICMPv6, 1, 8}:    "headers too long",               // RFC 8883
	{ICMPv6, 2, -1}:   "packet too big",
	{ICMPv6, 3, -1}:   "time exceeded",
	{ICMPv6, 3, 0}:    "hop limit exceeded in transit",
	{ICMPv6, 3, 1}:    "reassembly time exceeded",
	{ICMPv6, 4, -1}:   "parameter problem",
	{ICMPv6, 128, -1}: "echo request",
	{ICMPv6, 129, -1}: "echo reply",
	{ICMPv6, 130, -1}: "multicast listener query",
	{ICMPv6, 131, -1}: "multicast listener report",
	{ICMPv6, 132, -1}: "multicast listener done",
	{ICMPv6, 133, -1}: "router solicitation",
	{ICMPv6, 134, -1}: "router advertisement",
	{ICMPv6, 135, -1}: "neighbor solicitation",
	{ICMPv6, 136, -1}: "neighbor advertisement",
	{ICMPv6, 137, -1}: "redirect",
	{ICMPv6, 143, -1}: "multicast listener report v2",
	{ICMPv6, 160, -1}: "extended echo request", // RFC 8335
	{ICMPv6, 161, -1}: "extended echo reply",
}

// Words returns the display name of the message, such as "port unreachable", or
// "type 200 code 1" if it has none. p distinguishes ICMP from ICMPv6.
func (t ICMPType) Words(p Proto) string {
	if name, ok := icmpNames[icmpName{p, t.Type, int16(t.Code)}]; ok {
		return name
	}
	if name, ok := icmpNames[icmpName{p, t.Type, -1}]; ok {
		return name
	}
	return "type " + strconv.Itoa(int(t.Type)) + " code " + strconv.Itoa(int(t.Code))
}

// IsError reports whether the message is an error that quotes the packet that
// caused it. p distinguishes ICMP from ICMPv6.
func (t ICMPType) IsError(p Proto) bool {
	if p == ICMPv6 {
		return t.Type >= 1 && t.Type <= 4
	}
	return t.Type == 3 || t.Type == 4 || t.Type == 11 || t.Type == 12
}
