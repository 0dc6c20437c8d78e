package search

import "fmt"

// Field is a property of a flow that a filter can test.
type Field uint8

// The fields. A field of "either side" or "either direction" matches if one of
// the two does.
const (
	FieldNone Field = iota

	FieldSrc // Addrs: source address
	FieldDst // Addrs: destination address
	FieldIP  // Addrs: either side

	FieldSport // Numbers: source port
	FieldDport // Numbers: destination port
	FieldPort  // Numbers: either side

	// A node also matches the names of the groups that contain it.
	FieldNode      // Names: the node that reported the flow
	FieldSnode     // Names: the node that owns the source address
	FieldDnode     // Names: the node that owns the destination address
	FieldAnyNode   // Names: any of the three
	FieldGroup     // Names: a group that contains the reporting node; the empty pattern matches nodes without a group
	FieldInterface // Names: the observation point, or that of the replies

	FieldReplyInterface // Names: the interface of the replies, if it is another one; the empty pattern matches flows without

	FieldProto      // Numbers: protocol number
	FieldBytes      // Numbers: octets of both directions
	FieldSent       // Numbers: octets sent by the source
	FieldRecv       // Numbers: octets received by the source
	FieldPackets    // Numbers: packets of both directions
	FieldSentPkts   // Numbers: packets sent by the source
	FieldRecvPkts   // Numbers: packets received by the source
	FieldDuration   // Numbers: ns from first to last packet
	FieldRTT        // Numbers: ns, Record.RTT
	FieldServerRTT  // Numbers: ns, Record.ServerRTT; absent if not measured
	FieldClientRTT  // Numbers: ns, Record.ClientRTT; absent if not measured
	FieldVerdict    // Numbers: flow.Verdict
	FieldEndReason  // Numbers: flow.EndReason
	FieldOpen       // Numbers: 1 while the flow is open, else 0
	FieldDirection  // Numbers: flow.Direction
	FieldVLAN       // Numbers: either VLAN id
	FieldTunnel     // Numbers: flow.TunnelKind
	FieldTunnelID   // Numbers: VNI, key or session
	FieldICMPType   // Numbers: type of the first ICMP message; absent for other protocols
	FieldICMPCode   // Numbers: code of the first ICMP message; absent for other protocols
	FieldICMPID     // Numbers: identifier of an ICMP request or reply
	FieldErrorIP    // Addrs: sender of the ICMP error that quoted the flow; absent without an error
	FieldErrorType  // Numbers: type of that error; absent without an error
	FieldErrorCode  // Numbers: code of that error; absent without an error
	FieldSYNRetries // Numbers: SYN retransmissions of the source

	FieldPayload      // Numbers: payload octets of both directions; absent if not counted
	FieldSentPayload  // Numbers: payload octets sent by the source; absent if not counted
	FieldRecvPayload  // Numbers: payload octets received by the source; absent if not counted
	FieldRetrans      // Numbers: retransmitted TCP segments of both directions; absent without Record.HasHealth
	FieldSentRetrans  // Numbers: retransmitted TCP segments of the source; absent without Record.HasHealth
	FieldRecvRetrans  // Numbers: retransmitted TCP segments of the destination; absent without Record.HasHealth
	FieldRetransBytes // Numbers: payload octets of the retransmitted TCP segments; absent without Record.HasHealth
	FieldOutOfOrder   // Numbers: TCP segments out of order in both directions; absent without Record.HasHealth
	FieldZeroWindow   // Numbers: TCP segments with a receive window of 0; absent without Record.HasHealth
	FieldRTTMin       // Numbers: ns, Record.RTTMin; absent if not measured
	FieldRTTMean      // Numbers: ns, Record.RTTMean; absent if not measured

	FieldTTL     // Numbers: smallest TTL of either direction; 0 if no packet was seen
	FieldSrcTTL  // Numbers: smallest TTL of the packets sent by the source
	FieldDstTTL  // Numbers: smallest TTL of the packets sent by the destination
	FieldISN     // Numbers: TCP initial sequence number of either side; absent if not seen
	FieldSrcISN  // Numbers: TCP initial sequence number of the source; absent if not seen
	FieldDstISN  // Numbers: TCP initial sequence number of the destination; absent if not seen
	FieldIPID    // Numbers: IPv4 Identification of the first packet of either direction; absent for IPv6
	FieldSrcIPID // Numbers: IPv4 Identification of the source's first packet; absent for IPv6
	FieldDstIPID // Numbers: IPv4 Identification of the destination's first packet; absent for IPv6

	FieldFlags    // FlagTest: both directions
	FieldSrcFlags // FlagTest: flags sent by the source
	FieldDstFlags // FlagTest: flags sent by the destination

	FieldStart // Numbers: ns since 1970 of the first packet
	FieldEnd   // Numbers: ns since 1970 of the last packet; absent while the flow is open
	FieldID    // Numbers: Record.ID

	numFields
)

var fieldNames = [numFields]string{
	FieldSrc: "src", FieldDst: "dst", FieldIP: "ip", FieldSport: "sport", FieldDport: "dport", FieldPort: "port",
	FieldNode: "node", FieldSnode: "snode", FieldDnode: "dnode", FieldAnyNode: "anynode", FieldGroup: "group", FieldInterface: "interface", FieldReplyInterface: "replyinterface",
	FieldProto: "proto", FieldBytes: "bytes", FieldSent: "sent", FieldRecv: "recv", FieldPackets: "packets",
	FieldSentPkts: "sentpackets", FieldRecvPkts: "recvpackets",
	FieldDuration: "duration", FieldRTT: "rtt", FieldServerRTT: "serverrtt", FieldClientRTT: "clientrtt",
	FieldVerdict: "verdict", FieldEndReason: "reason", FieldOpen: "open", FieldDirection: "direction",
	FieldVLAN: "vlan", FieldTunnel: "tunnel", FieldTunnelID: "tunnelid",
	FieldICMPType: "icmptype", FieldICMPCode: "icmpcode", FieldICMPID: "icmpid",
	FieldErrorIP: "errorip", FieldErrorType: "errortype", FieldErrorCode: "errorcode", FieldSYNRetries: "synretries",
	FieldPayload: "payload", FieldSentPayload: "sentpayload", FieldRecvPayload: "recvpayload",
	FieldRetrans: "retrans", FieldSentRetrans: "sentretrans", FieldRecvRetrans: "recvretrans", FieldRetransBytes: "retransbytes",
	FieldOutOfOrder: "outoforder", FieldZeroWindow: "zerowindow", FieldRTTMin: "rttmin", FieldRTTMean: "rttmean",
	FieldTTL: "ttl", FieldSrcTTL: "sttl", FieldDstTTL: "dttl", FieldISN: "isn", FieldSrcISN: "sisn", FieldDstISN: "disn",
	FieldIPID: "ipid", FieldSrcIPID: "sipid", FieldDstIPID: "dipid",
	FieldFlags: "flags", FieldSrcFlags: "sflags", FieldDstFlags: "dflags",
	FieldStart: "start", FieldEnd: "end", FieldID: "id",
}

// IsInterface reports whether the field holds names of interfaces.
func (f Field) IsInterface() bool { return f == FieldInterface || f == FieldReplyInterface }

// String returns the name of the field in the grammar.
func (f Field) String() string {
	if f < numFields {
		return fieldNames[f]
	}
	return fmt.Sprintf("field-%d", uint8(f))
}
