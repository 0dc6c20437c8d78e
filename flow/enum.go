package flow

import (
	"fmt"
	"strings"
)

// parseName returns the index of s in names, ignoring case and surrounding
// space. An empty name marks a zero value that has no text form. what names the
// enumeration in the error.
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

// EndReason is the reason a flow ended (IPFIX flowEndReason, IE 136). Zero
// means that the flow is still open.
type EndReason uint8

// The values of IE 136, and zero for an open flow.
const (
	StillOpen       EndReason = iota // has not ended
	IdleTimeout                      // 1: no packet within the idle timeout of its state
	ActiveTimeout                    // 2: exceeded the active timeout
	EndOfFlow                        // 3: closed by the protocol (TCP FIN or RST)
	ForcedEnd                        // 4: shutdown, or end of the capture file
	LackOfResources                  // 5: evicted because the flow table was full
)

var endReasonNames = []string{"open", "idle", "active", "end", "forced", "resources"}

// EndReasons returns all values in ascending order.
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

// ParseEndReason is the inverse of String. It ignores case.
func ParseEndReason(s string) (EndReason, error) {
	i, err := parseName("end reason", s, endReasonNames)
	return EndReason(i), err
}

// Direction is the evidence that identified the source (initiator) of a flow. The
// numbers are stored and don't order the kinds of evidence; see StrongerThan.
type Direction uint8

// The kinds of evidence. "It" is the side taken as the source.
const (
	ByUnknown      Direction = iota // undecided
	ByFirstPacket                   // it sent the first observed packet
	ByHighPort                      // its port is ≥ 32768 and the peer's is lower
	ByService                       // the peer's port is a service port
	ByMulticast                     // it sent to a multicast or broadcast address
	ByRequest                       // it sent a request or received the reply: ICMP, SCTP INIT, DHCP
	BySynAck                        // the peer sent SYN and ACK
	BySyn                           // it sent SYN without ACK
	ByFlowStart                     // it sent the first packet, after a longer observed silence than the idle timeout
	ByPreviousFlow                  // it was the source of the previous flow with the same key
)

var directionNames = []string{
	"", "first-packet", "high-port", "service", "multicast", "request", "syn-ack", "syn", "flow-start", "previous-flow",
}

// directionStrength orders the kinds of evidence, weakest first.
var directionStrength = [...]uint8{
	ByUnknown: 0, ByFirstPacket: 1, ByHighPort: 2, ByFlowStart: 3, ByService: 4, ByMulticast: 5, ByPreviousFlow: 6, ByRequest: 7, BySynAck: 8, BySyn: 9,
}

// Directions returns all values in ascending order of their numbers.
func Directions() []Direction {
	return []Direction{
		ByUnknown, ByFirstPacket, ByHighPort, ByService, ByMulticast, ByRequest, BySynAck, BySyn, ByFlowStart, ByPreviousFlow,
	}
}

// StrongerThan reports whether d is more reliable evidence than other. Unknown
// values are the weakest.
func (d Direction) StrongerThan(other Direction) bool { return d.strength() > other.strength() }

func (d Direction) strength() uint8 {
	if int(d) < len(directionStrength) {
		return directionStrength[d]
	}
	return 0
}

// String returns the name of the evidence, empty for ByUnknown.
func (d Direction) String() string {
	if int(d) < len(directionNames) {
		return directionNames[d]
	}
	return fmt.Sprintf("direction-%d", uint8(d))
}

// ParseDirection is the inverse of String. It ignores case.
func ParseDirection(s string) (Direction, error) {
	i, err := parseName("direction", s, directionNames)
	return Direction(i), err
}

// TunnelKind is the encapsulation that carried a flow.
type TunnelKind uint8

// The encapsulations that the decoder looks into. "ID" is Tunnel.ID.
const (
	NoTunnel      TunnelKind = iota // not encapsulated
	TunnelGRE                       // RFC 2784, RFC 2890; ID: key
	TunnelERSPAN                    // ERSPAN types I to III; ID: session
	TunnelIPIP                      // RFC 2003, IPv4 in IP
	Tunnel6in4                      // RFC 4213, IPv6 in IP
	TunnelVXLAN                     // RFC 7348; ID: VNI
	TunnelGeneve                    // RFC 8926; ID: VNI
	TunnelGTPU                      // 3GPP TS 29.281; no ID: the TEID differs by direction
	TunnelTeredo                    // RFC 4380
	TunnelEtherIP                   // Ethernet in IP: RFC 3378, and protocol 143 of RFC 8986
	TunnelMPLS                      // MPLS in IP (RFC 4023) or UDP (RFC 7510); a bare label stack does not count
	TunnelCAPWAP                    // RFC 5415, data channel
	TunnelL2TP                      // RFC 2661; no ID: tunnel and session ids differ by direction
	TunnelAYIYA                     // draft-massar-v6ops-ayiya-02
	TunnelTZSP                      // TaZmen Sniffer Protocol: frames mirrored by access points and MikroTik routers
)

var tunnelNames = []string{"", "gre", "erspan", "ipip", "6in4", "vxlan", "geneve", "gtp-u", "teredo", "etherip", "mpls", "capwap", "l2tp", "ayiya", "tzsp"}

// TunnelKinds returns all values in ascending order.
func TunnelKinds() []TunnelKind {
	return []TunnelKind{NoTunnel, TunnelGRE, TunnelERSPAN, TunnelIPIP, Tunnel6in4, TunnelVXLAN, TunnelGeneve, TunnelGTPU, TunnelTeredo, TunnelEtherIP,
		TunnelMPLS, TunnelCAPWAP, TunnelL2TP, TunnelAYIYA, TunnelTZSP}
}

// String returns the name of the encapsulation, empty for NoTunnel.
func (k TunnelKind) String() string {
	if int(k) < len(tunnelNames) {
		return tunnelNames[k]
	}
	return fmt.Sprintf("tunnel-%d", uint8(k))
}

// ParseTunnelKind is the inverse of String. It ignores case.
func ParseTunnelKind(s string) (TunnelKind, error) {
	i, err := parseName("tunnel", s, tunnelNames)
	return TunnelKind(i), err
}
