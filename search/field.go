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

	FieldNode      // Names: the node that reported the flow
	FieldSnode     // Names: the node that owns the source address
	FieldDnode     // Names: the node that owns the destination address
	FieldAnyNode   // Names: any of the three
	FieldInterface // Names: the observation point

	FieldProto      // Numbers: protocol number
	FieldBytes      // Numbers: octets of both directions
	FieldSent       // Numbers: octets sent by the source
	FieldRecv       // Numbers: octets received by the source
	FieldPackets    // Numbers: packets of both directions
	FieldDuration   // Numbers: ns from first to last packet
	FieldRTT        // Numbers: ns, Record.RTT
	FieldVerdict    // Numbers: flow.Verdict
	FieldEndReason  // Numbers: flow.EndReason
	FieldOpen       // Numbers: 1 while the flow is open, else 0
	FieldVLAN       // Numbers: either VLAN id
	FieldTunnel     // Numbers: flow.TunnelKind
	FieldTunnelID   // Numbers: VNI, key or session
	FieldICMPType   // Numbers: type of the first ICMP message
	FieldICMPCode   // Numbers: its code
	FieldSYNRetries // Numbers: repeated SYNs

	FieldFlags    // FlagTest: both directions
	FieldSrcFlags // FlagTest: flags sent by the source
	FieldDstFlags // FlagTest: flags sent by the destination

	FieldEnd // Numbers: ns since 1970 of the last packet; no open flow matches

	numFields
)

var fieldNames = [numFields]string{
	FieldSrc: "src", FieldDst: "dst", FieldIP: "ip", FieldSport: "sport", FieldDport: "dport", FieldPort: "port",
	FieldNode: "node", FieldSnode: "snode", FieldDnode: "dnode", FieldAnyNode: "anynode", FieldInterface: "interface",
	FieldProto: "proto", FieldBytes: "bytes", FieldSent: "sent", FieldRecv: "recv", FieldPackets: "packets",
	FieldDuration: "duration", FieldRTT: "rtt", FieldVerdict: "verdict", FieldEndReason: "reason", FieldOpen: "open",
	FieldVLAN: "vlan", FieldTunnel: "tunnel", FieldTunnelID: "tunnelid", FieldICMPType: "icmptype", FieldICMPCode: "icmpcode",
	FieldSYNRetries: "synretries", FieldFlags: "flags", FieldSrcFlags: "sflags", FieldDstFlags: "dflags",
	FieldEnd: "end",
}

// String returns the field's word in the grammar.
func (f Field) String() string {
	if f < numFields {
		return fieldNames[f]
	}
	return fmt.Sprintf("field-%d", uint8(f))
}
