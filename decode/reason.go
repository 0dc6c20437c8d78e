package decode

import "strconv"

// Reason is why a frame, or the payload of a packet, was not decoded further.
type Reason uint8

// OK means that the frame was decoded completely.
const OK Reason = 0

// Valid frames without an IP packet.
const (
	ARP            Reason = iota + 1 // ARP and RARP (RFC 826, RFC 903)
	LLC                              // IEEE 802.2 other than SNAP with IP: spanning tree, CDP, IS-IS, IPX
	LLDP                             // IEEE 802.1AB
	EAPOL                            // IEEE 802.1X
	SlowProtocol                     // IEEE 802.3 slow protocols: LACP, OAM
	MACsec                           // IEEE 802.1AE, encrypted
	PPPoEDiscovery                   // RFC 2516, before the session
	PPPControl                       // LCP, IPCP, PAP, CHAP and the like (RFC 1661)
	WLANControl                      // IEEE 802.11 management and control frames, and data frames without data
	WLANProtected                    // IEEE 802.11 data, encrypted
	OtherEtherType                   // any other EtherType
	OtherPPP                         // PPP other than IP and control protocols: compressed, encrypted, multilink
	OtherMPLS                        // a label stack whose payload looks like neither IP nor Ethernet
	OtherFamily                      // a link header with an address family or version other than IP
	UnknownLink                      // a link type that this package does not support
)

// Truncated or inconsistent frames.
const (
	TruncatedLink      Reason = iota + 32 // a header below IP is truncated
	BadLink                               // an invalid header below IP
	TruncatedIP                           // the fixed part of the IPv4 or IPv6 header is truncated
	BadIPVersion                          // the IP version is not the expected one
	BadIPHeader                           // an IPv4 header length below 20 octets
	BadIPLength                           // a length shorter than the header, or an invalid jumbogram
	TruncatedExtension                    // an IPv6 extension header is truncated
	BadExtension                          // an IPv6 extension header longer than the packet, or too many of them
	TruncatedTransport                    // truncated before the ports, the TCP control bits or the ICMP identifier
	BadTCP                                // a TCP header that does not fit in its packet
	BadUDP                                // a UDP length that does not fit in its packet
	TruncatedQuote                        // an ICMP error that quotes too little to identify a flow
	BadQuote                              // an ICMP error that quotes something other than an IP packet
	TruncatedTunnel                       // a tunnel header is truncated
	BadTunnel                             // a tunnel header that is invalid or not supported
	TooDeep                               // nesting deeper than the limits on IP headers and encapsulations
)

var reasonNames = [...]string{
	OK:                 "ok",
	ARP:                "arp",
	LLC:                "802.2 llc",
	LLDP:               "lldp",
	EAPOL:              "802.1x",
	SlowProtocol:       "slow protocol",
	MACsec:             "macsec",
	PPPoEDiscovery:     "pppoe discovery",
	PPPControl:         "ppp control",
	WLANControl:        "802.11 control",
	WLANProtected:      "802.11 encrypted",
	OtherEtherType:     "other ethertype",
	OtherPPP:           "other ppp protocol",
	OtherMPLS:          "other mpls payload",
	OtherFamily:        "other address family",
	UnknownLink:        "unknown link type",
	TruncatedLink:      "truncated link header",
	BadLink:            "bad link header",
	TruncatedIP:        "truncated ip header",
	BadIPVersion:       "bad ip version",
	BadIPHeader:        "bad ip header length",
	BadIPLength:        "bad ip length",
	TruncatedExtension: "truncated ipv6 extension",
	BadExtension:       "bad ipv6 extension",
	TruncatedTransport: "truncated transport header",
	BadTCP:             "bad tcp header",
	BadUDP:             "bad udp length",
	TruncatedQuote:     "truncated icmp quote",
	BadQuote:           "bad icmp quote",
	TruncatedTunnel:    "truncated tunnel header",
	BadTunnel:          "bad tunnel header",
	TooDeep:            "too many headers",
}

// Reasons returns all reasons in ascending order, OK first.
func Reasons() []Reason {
	var all []Reason
	for i, name := range reasonNames {
		if name != "" {
			all = append(all, Reason(i))
		}
	}
	return all
}

// String returns the name under which the reason is counted, such as "arp" or
// "truncated ip header".
func (r Reason) String() string {
	if int(r) < len(reasonNames) && reasonNames[r] != "" {
		return reasonNames[r]
	}
	return "reason-" + strconv.Itoa(int(r))
}

// Damaged reports whether the frame was truncated or inconsistent, as opposed to
// valid but without IP.
func (r Reason) Damaged() bool { return r >= TruncatedLink }

// Truncated reports whether a header that the decoder needed was not captured whole. The capture
// length cut it off if the frame was longer on the wire than what was captured.
func (r Reason) Truncated() bool {
	switch r {
	case TruncatedLink, TruncatedIP, TruncatedExtension, TruncatedTransport, TruncatedQuote, TruncatedTunnel:
		return true
	}
	return false
}
