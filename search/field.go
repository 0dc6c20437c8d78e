package search

import "fmt"

// Field is what a term of a filter looks at.
type Field uint8

// The fields. "Either side" means that one of the two must match.
const (
	FieldNone Field = iota

	FieldSrc // Addrs: source address
	FieldDst // Addrs: destination address
	FieldIP  // Addrs: either side

	FieldSport // Numbers: source port
	FieldDport // Numbers: destination port
	FieldPort  // Numbers: either side

	// The name of a group is a further name of each node in it.
	FieldNode      // Names: the node that reported the flow
	FieldSnode     // Names: the node that owns the source address
	FieldDnode     // Names: the node that owns the destination address
	FieldAnyNode   // Names: any of the three
	FieldGroup     // Names: a group that the reporting node is in; empty: it is in none
	FieldInterface // Names: the observation point

	FieldProto      // Numbers: protocol number
	FieldBytes      // Numbers: octets of both directions
	FieldSent       // Numbers: octets sent by the source
	FieldRecv       // Numbers: octets received by the source
	FieldPackets    // Numbers: packets of both directions
	FieldSentPkts   // Numbers: packets sent by the source
	FieldRecvPkts   // Numbers: packets received by the source
	FieldDuration   // Numbers: ns from first to last packet
	FieldRTT        // Numbers: ns, Record.RTT
	FieldServerRTT  // Numbers: ns, Record.ServerRTT; none where it was not seen
	FieldClientRTT  // Numbers: ns, Record.ClientRTT; none where it was not seen
	FieldVerdict    // Numbers: flow.Verdict
	FieldEndReason  // Numbers: flow.EndReason
	FieldOpen       // Numbers: 1 while the flow is open, else 0
	FieldDirection  // Numbers: flow.Direction
	FieldVLAN       // Numbers: either VLAN id
	FieldTunnel     // Numbers: flow.TunnelKind
	FieldTunnelID   // Numbers: VNI, key or session
	FieldICMPType   // Numbers: type of the first ICMP message; none for other protocols
	FieldICMPCode   // Numbers: its code
	FieldICMPID     // Numbers: identifier of an ICMP request or reply
	FieldErrorIP    // Addrs: who sent the ICMP error that quoted the flow; none without an error
	FieldErrorType  // Numbers: type of that error; none without an error
	FieldErrorCode  // Numbers: its code
	FieldSYNRetries // Numbers: repeated SYNs

	FieldTTL     // Numbers: smallest TTL of either direction; 0 where no packet was seen
	FieldSrcTTL  // Numbers: of the packets sent by the source
	FieldDstTTL  // Numbers: of the packets sent by the destination
	FieldISN     // Numbers: TCP initial sequence number of either direction; none where it was not seen
	FieldSrcISN  // Numbers: that of the source
	FieldDstISN  // Numbers: that of the destination
	FieldIPID    // Numbers: IPv4 Identification of the first packet of either direction; none for IPv6
	FieldSrcIPID // Numbers: that of the source
	FieldDstIPID // Numbers: that of the destination

	FieldFlags    // FlagTest: both directions
	FieldSrcFlags // FlagTest: flags sent by the source
	FieldDstFlags // FlagTest: flags sent by the destination

	FieldStart // Numbers: ns since 1970 of the first packet
	FieldEnd   // Numbers: ns since 1970 of the last packet; no open flow matches
	FieldID    // Numbers: Record.ID

	numFields
)

var fieldNames = [numFields]string{
	FieldSrc: "src", FieldDst: "dst", FieldIP: "ip", FieldSport: "sport", FieldDport: "dport", FieldPort: "port",
	FieldNode: "node", FieldSnode: "snode", FieldDnode: "dnode", FieldAnyNode: "anynode", FieldGroup: "group", FieldInterface: "interface",
	FieldProto: "proto", FieldBytes: "bytes", FieldSent: "sent", FieldRecv: "recv", FieldPackets: "packets",
	FieldSentPkts: "sentpackets", FieldRecvPkts: "recvpackets",
	FieldDuration: "duration", FieldRTT: "rtt", FieldServerRTT: "serverrtt", FieldClientRTT: "clientrtt",
	FieldVerdict: "verdict", FieldEndReason: "reason", FieldOpen: "open", FieldDirection: "direction",
	FieldVLAN: "vlan", FieldTunnel: "tunnel", FieldTunnelID: "tunnelid",
	FieldICMPType: "icmptype", FieldICMPCode: "icmpcode", FieldICMPID: "icmpid",
	FieldErrorIP: "errorip", FieldErrorType: "errortype", FieldErrorCode: "errorcode", FieldSYNRetries: "synretries",
	FieldTTL: "ttl", FieldSrcTTL: "sttl", FieldDstTTL: "dttl", FieldISN: "isn", FieldSrcISN: "sisn", FieldDstISN: "disn",
	FieldIPID: "ipid", FieldSrcIPID: "sipid", FieldDstIPID: "dipid",
	FieldFlags: "flags", FieldSrcFlags: "sflags", FieldDstFlags: "dflags",
	FieldStart: "start", FieldEnd: "end", FieldID: "id",
}

// String returns the field's word in the grammar.
func (f Field) String() string {
	if f < numFields {
		return fieldNames[f]
	}
	return fmt.Sprintf("field-%d", uint8(f))
}
