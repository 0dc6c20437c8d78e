package flow

import (
	"fmt"
	"strings"
)

// parseName finds s among names, whatever its case. The index is the value;
// the empty name stands for the zero value. what names the enumeration in the
// error.
func parseName(what, s string, names []string) (uint8, error) {
	t := strings.ToLower(strings.TrimSpace(s))
	for i, name := range names {
		if t == name {
			return uint8(i), nil
		}
	}
	known := make([]string, 0, len(names))
	for _, name := range names {
		if name != "" {
			known = append(known, name)
		}
	}
	return 0, fmt.Errorf("unknown %s %q: expected one of %s", what, s, strings.Join(known, ", "))
}

// EndReason says why a flow ended (IPFIX flowEndReason, IE 136). Zero: it is
// still open.
type EndReason uint8

// The values of IE 136, and zero for a flow that has not ended.
const (
	StillOpen       EndReason = iota // not ended
	IdleTimeout                      // 1: no packet for the idle timeout of its state
	ActiveTimeout                    // 2: reported because it lasted longer than the active timeout
	EndOfFlow                        // 3: the protocol said so (TCP FIN or RST)
	ForcedEnd                        // 4: shutdown, or end of the capture file
	LackOfResources                  // 5: evicted, the flow table was full
)

var endReasonNames = []string{"open", "idle", "active", "end", "forced", "resources"}

// EndReasons returns all values, in order.
func EndReasons() []EndReason {
	return []EndReason{StillOpen, IdleTimeout, ActiveTimeout, EndOfFlow, ForcedEnd, LackOfResources}
}

// String returns the word used in searches and exports: "idle", "end", …
func (r EndReason) String() string {
	if int(r) < len(endReasonNames) {
		return endReasonNames[r]
	}
	return fmt.Sprintf("reason-%d", uint8(r))
}

// ParseEndReason undoes String.
func ParseEndReason(s string) (EndReason, error) {
	i, err := parseName("end reason", s, endReasonNames)
	return EndReason(i), err
}

// Direction says how the initiator of a flow was recognised, the surest last.
type Direction uint8

// The evidence for "this side is the source", weakest first.
const (
	ByUnknown     Direction = iota // not decided
	ByFirstPacket                  // it sent the first packet seen
	ByHighPort                     // its port is ≥ 32768 and the other one is lower
	ByService                      // the other port is a well-known service port
	ByMulticast                    // it sent to a multicast or broadcast address
	ByRequest                      // it sent an ICMP request
	BySynAck                       // the other side sent SYN and ACK
	BySyn                          // it sent a SYN without ACK
)

var directionNames = []string{"", "first-packet", "high-port", "service", "multicast", "request", "syn-ack", "syn"}

// Directions returns all values, in order.
func Directions() []Direction {
	return []Direction{ByUnknown, ByFirstPacket, ByHighPort, ByService, ByMulticast, ByRequest, BySynAck, BySyn}
}

// String returns the word for the evidence, empty for ByUnknown.
func (d Direction) String() string {
	if int(d) < len(directionNames) {
		return directionNames[d]
	}
	return fmt.Sprintf("direction-%d", uint8(d))
}

// ParseDirection undoes String.
func ParseDirection(s string) (Direction, error) {
	i, err := parseName("direction", s, directionNames)
	return Direction(i), err
}

// TunnelKind is the encapsulation that carried a flow.
type TunnelKind uint8

// The encapsulations that are looked into. NoTunnel: the flow travelled bare.
const (
	NoTunnel      TunnelKind = iota
	TunnelGRE                // RFC 2784, RFC 2890; the id is the key
	TunnelERSPAN             // ERSPAN I to III; the id is the session
	TunnelIPIP               // RFC 2003, IPv4 in IP
	Tunnel6in4               // RFC 4213, IPv6 in IP
	TunnelVXLAN              // RFC 7348; the id is the VNI
	TunnelGeneve             // RFC 8926; the id is the VNI
	TunnelGTPU               // 3GPP TS 29.281; no id, the TEID is another one in each direction
	TunnelTeredo             // RFC 4380
	TunnelEtherIP            // RFC 3378, and protocol 143 of RFC 8986: Ethernet in IP
	TunnelMPLS               // RFC 4023, RFC 7510: in IP or UDP; a bare label stack is no tunnel
	TunnelCAPWAP             // RFC 5415, data
	TunnelL2TP               // RFC 2661; no id, tunnel and session are other ones in each direction
	TunnelAYIYA              // draft-massar-v6ops-ayiya-02
	TunnelTZSP               // TaZmen Sniffer Protocol: frames that access points and MikroTik's routers mirror
)

var tunnelNames = []string{"", "gre", "erspan", "ipip", "6in4", "vxlan", "geneve", "gtp-u", "teredo", "etherip", "mpls", "capwap", "l2tp", "ayiya", "tzsp"}

// TunnelKinds returns all values, in order.
func TunnelKinds() []TunnelKind {
	return []TunnelKind{NoTunnel, TunnelGRE, TunnelERSPAN, TunnelIPIP, Tunnel6in4, TunnelVXLAN, TunnelGeneve, TunnelGTPU, TunnelTeredo, TunnelEtherIP,
		TunnelMPLS, TunnelCAPWAP, TunnelL2TP, TunnelAYIYA, TunnelTZSP}
}

// String returns the word for the encapsulation, empty for NoTunnel.
func (k TunnelKind) String() string {
	if int(k) < len(tunnelNames) {
		return tunnelNames[k]
	}
	return fmt.Sprintf("tunnel-%d", uint8(k))
}

// ParseTunnelKind undoes String.
func ParseTunnelKind(s string) (TunnelKind, error) {
	i, err := parseName("tunnel", s, tunnelNames)
	return TunnelKind(i), err
}
