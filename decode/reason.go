package decode

import "strconv"

// Reason says why a frame, or what was inside a packet, could not be read.
type Reason uint8

// OK: everything was read.
const OK Reason = 0

// Frames that are as they should be and carry no IP packet.
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
	OtherEtherType                   // an EtherType that is none of the above
	OtherPPP                         // a PPP protocol that is neither IP nor control: compressed, encrypted, multilink
	OtherMPLS                        // a label stack over something that looks like neither IP nor Ethernet
	OtherFamily                      // an address family or version that is not IP, where the link names one
	UnknownLink                      // a link type that this package doesn't read
)

// Frames that end too early or contradict themselves.
const (
	TruncatedLink      Reason = iota + 32 // a header below IP is cut
	BadLink                               // a header below IP that can't be
	TruncatedIP                           // the IPv4 header without its options, or the fixed IPv6 header, is cut
	BadIPVersion                          // the version is not the one announced
	BadIPHeader                           // an IPv4 header length below 20 octets
	BadIPLength                           // a length that has no room for the header, or a jumbogram that isn't one
	TruncatedExtension                    // an IPv6 extension header is cut
	BadExtension                          // an IPv6 extension header longer than the packet, or too many of them
	TruncatedTransport                    // cut before the ports, the TCP control bits or the ICMP identifier
	BadTCP                                // a TCP header that doesn't fit into its packet
	BadUDP                                // a UDP length that doesn't fit into its packet
	TruncatedQuote                        // an ICMP error that quotes too little to name a flow
	BadQuote                              // an ICMP error that quotes something other than an IP packet
	TruncatedTunnel                       // a tunnel header is cut
	BadTunnel                             // a tunnel header that can't be, or of a kind not read
	TooDeep                               // more headers inside each other than are followed
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

// Reasons returns all values, in order, OK first.
func Reasons() []Reason {
	var all []Reason
	for i, name := range reasonNames {
		if name != "" {
			all = append(all, Reason(i))
		}
	}
	return all
}

// String returns the words under which the reason is counted: "arp",
// "truncated ip header".
func (r Reason) String() string {
	if int(r) < len(reasonNames) && reasonNames[r] != "" {
		return reasonNames[r]
	}
	return "reason-" + strconv.Itoa(int(r))
}

// Damaged reports whether the frame was cut or contradicts itself, as opposed
// to carrying something else than IP.
func (r Reason) Damaged() bool { return r >= TruncatedLink }
