package search

import (
	"fmt"
	"slices"

	"weir/flow"
)

// Kind is the syntax of the values of a field.
type Kind uint8

// The kinds.
const (
	KindAddr     Kind = iota // address, CIDR or range of addresses
	KindPort                 // 0 to 65535, or a range
	KindName                 // text, in which '*' matches any sequence of characters
	KindProto                // IANA protocol name or number
	KindCount                // number with an optional unit: 1500, 10K, 4MiB
	KindDuration             // number with a unit: 200ms, 1.5s, 2m
	KindTime                 // point in time: see ParseTime
	KindNumber               // plain number or range
	KindEnum                 // one of FieldInfo.Words
	KindFlags                // TCP flags
)

// FieldInfo describes the syntax of a field. Parsing, completion, error hints and
// the documentation use this table.
type FieldInfo struct {
	Field   Field
	Word    string   // name of the field: Field.String
	Aliases []string // alternative names
	Kind    Kind
	Min     int64    // smallest possible number
	Max     int64    // largest possible number
	Words   []string // KindEnum: values by code; "none" for a value without a name
	Help    string   // one line, lower case, without a full stop
	Example string   // a term that parses
}

// fieldTable is read-only; Fields returns copies of its rows.
var fieldTable = [numFields]FieldInfo{
	FieldSrc: {Aliases: []string{"source", "sip", "saddr", "srcip", "sourceip"}, Kind: KindAddr,
		Help: "source address", Example: "src:10.0.0.0/8"},
	FieldDst: {Aliases: []string{"dest", "destination", "dip", "daddr", "dstip", "destip"}, Kind: KindAddr,
		Help: "destination address", Example: "dst:192.168.1.1-192.168.1.20"},
	FieldIP: {Aliases: []string{"host", "addr", "address", "net"}, Kind: KindAddr,
		Help: "address of either side", Example: "ip:2001:db8::/32"},

	FieldSport: {Aliases: []string{"srcport", "sourceport"}, Kind: KindPort, Max: 65535,
		Help: "source port", Example: "sport:>=1024"},
	FieldDport: {Aliases: []string{"dstport", "destport"}, Kind: KindPort, Max: 65535,
		Help: "destination port", Example: "dport:443,8443"},
	FieldPort: {Aliases: []string{"ports"}, Kind: KindPort, Max: 65535,
		Help: "port of either side", Example: "port:6000-6063"},

	FieldNode: {Aliases: []string{"reporter", "exporter"}, Kind: KindName,
		Help: "node that reported the flow", Example: "node:edge-*"},
	FieldSnode: {Aliases: []string{"srcnode", "sourcenode"}, Kind: KindName,
		Help: "node that owns the source address", Example: "snode:edge-1"},
	FieldDnode: {Aliases: []string{"dstnode", "destnode"}, Kind: KindName,
		Help: "node that owns the destination address", Example: `dnode:""`},
	FieldAnyNode: {Aliases: []string{"nodes"}, Kind: KindName,
		Help: "any of these three nodes", Example: `anynode:"branch office"`},
	FieldGroup: {Aliases: []string{"groups", "cluster"}, Kind: KindName,
		Help: "group of the node that reported the flow", Example: "group:frankfurt"},
	FieldInterface: {Aliases: []string{"iface", "if", "dev"}, Kind: KindName,
		Help: "interface that saw the flow, or its replies", Example: "interface:eth*"},
	FieldReplyInterface: {Aliases: []string{"replyiface", "replyif"}, Kind: KindName,
		Help: "interface that saw the replies, if another (taps)", Example: "replyinterface:eth1"},

	FieldProto: {Aliases: []string{"protocol"}, Kind: KindProto, Max: 255,
		Help: "protocol, by name or number", Example: "proto:tcp,udp"},
	FieldBytes: {Aliases: []string{"octets", "totalbytes"}, Kind: KindCount, Max: MaxNumber,
		Help: "bytes of both directions", Example: "bytes:>10M"},
	FieldSent: {Aliases: []string{"sentbytes", "tx"}, Kind: KindCount, Max: MaxNumber,
		Help: "bytes sent by the source", Example: "sent:1K-64KiB"},
	FieldRecv: {Aliases: []string{"recvbytes", "received", "rx"}, Kind: KindCount, Max: MaxNumber,
		Help: "bytes received by the source", Example: "recv:0"},
	FieldPackets: {Aliases: []string{"pkts", "packet"}, Kind: KindCount, Max: MaxNumber,
		Help: "packets of both directions", Example: "packets:<=3"},
	FieldSentPkts: {Aliases: []string{"spackets", "spkts", "sentpkts", "txpackets"}, Kind: KindCount, Max: MaxNumber,
		Help: "packets sent by the source", Example: "sentpackets:>100"},
	FieldRecvPkts: {Aliases: []string{"rpackets", "rpkts", "recvpkts", "rxpackets"}, Kind: KindCount, Max: MaxNumber,
		Help: "packets received by the source", Example: "recvpackets:0"},
	FieldDuration: {Aliases: []string{"dur", "length"}, Kind: KindDuration, Max: MaxNumber,
		Help: "time from first to last packet", Example: "duration:>5m"},
	FieldRTT: {Aliases: []string{"latency"}, Kind: KindDuration, Min: 1, Max: MaxNumber,
		Help: "round trip of the TCP handshake", Example: "rtt:>=200ms"},
	FieldServerRTT: {Aliases: []string{"srtt"}, Kind: KindDuration, Min: 1, Max: MaxNumber,
		Help: "round trip from the node to the destination (SYN to SYN-ACK)", Example: "serverrtt:>100ms"},
	FieldClientRTT: {Aliases: []string{"crtt"}, Kind: KindDuration, Min: 1, Max: MaxNumber,
		Help: "round trip from the node to the source (SYN-ACK to ACK)", Example: "clientrtt:>100ms"},
	FieldVerdict: {Aliases: []string{"result", "state"}, Kind: KindEnum, Words: verdictWords(), Max: int64(len(verdictWords()) - 1),
		Help: "result of the conversation", Example: "verdict:no-answer,refused"},
	FieldEndReason: {Aliases: []string{"endreason"}, Kind: KindEnum, Words: endReasonWords(), Max: int64(len(endReasonWords()) - 1),
		Help: "why the flow ended", Example: "reason:idle"},
	FieldOpen: {Aliases: []string{"isopen"}, Kind: KindEnum, Words: []string{"no", "yes"}, Max: 1,
		Help: "whether the flow is still open", Example: "open:yes"},
	FieldDirection: {Aliases: []string{"dir"}, Kind: KindEnum, Words: directionWords(), Max: int64(len(directionWords()) - 1),
		Help: "how the source was identified", Example: "direction:syn,syn-ack"},
	FieldVLAN: {Aliases: []string{"vlanid"}, Kind: KindNumber, Min: 1, Max: 4095,
		Help: "VLAN id of either tag", Example: "vlan:100-199"},
	FieldTunnel: {Aliases: []string{"encap"}, Kind: KindEnum, Words: tunnelWords(), Max: int64(len(tunnelWords()) - 1),
		Help: "encapsulation the flow travelled in", Example: "tunnel:vxlan"},
	FieldTunnelID: {Aliases: []string{"vni"}, Kind: KindNumber, Max: 1<<32 - 1,
		Help: "VNI, key or session of the tunnel", Example: "tunnelid:5001"},
	FieldICMPType: {Aliases: []string{"type"}, Kind: KindNumber, Max: 255,
		Help: "type of the first ICMP message", Example: "icmptype:3"},
	FieldICMPCode: {Aliases: []string{"code"}, Kind: KindNumber, Max: 255,
		Help: "code of the first ICMP message", Example: "icmpcode:1"},
	FieldICMPID: {Aliases: []string{"echoid"}, Kind: KindNumber, Max: 65535,
		Help: "identifier of an ICMP request or reply", Example: "icmpid:77"},
	FieldErrorIP: {Aliases: []string{"error", "errorfrom", "icmperror"}, Kind: KindAddr,
		Help: "sender of the ICMP error that quoted the flow", Example: "errorip:10.0.0.0/8"},
	FieldErrorType: {Aliases: []string{"errtype"}, Kind: KindNumber, Max: 255,
		Help: "type of that ICMP error", Example: "errortype:3"},
	FieldErrorCode: {Aliases: []string{"errcode"}, Kind: KindNumber, Max: 255,
		Help: "code of that ICMP error", Example: "errorcode:13"},
	FieldSYNRetries: {Aliases: []string{"retries"}, Kind: KindNumber, Max: 65535,
		Help: "SYN retransmissions", Example: "synretries:>0"},

	FieldPayload: {Aliases: []string{"payloadbytes"}, Kind: KindCount, Max: MaxNumber,
		Help: "payload bytes of both directions, without headers", Example: "payload:>1M"},
	FieldSentPayload: {Aliases: []string{"spayload", "txpayload"}, Kind: KindCount, Max: MaxNumber,
		Help: "payload bytes sent by the source", Example: "sentpayload:0"},
	FieldRecvPayload: {Aliases: []string{"rpayload", "rxpayload"}, Kind: KindCount, Max: MaxNumber,
		Help: "payload bytes received by the source", Example: "recvpayload:>=64KiB"},
	FieldRetrans: {Aliases: []string{"retransmissions", "retransmitted"}, Kind: KindCount, Max: MaxNumber,
		Help: "retransmitted TCP segments of both directions", Example: "retrans:>0"},
	FieldSentRetrans: {Aliases: []string{"sretrans", "txretrans"}, Kind: KindCount, Max: MaxNumber,
		Help: "retransmitted TCP segments of the source", Example: "sentretrans:>10"},
	FieldRecvRetrans: {Aliases: []string{"rretrans", "rxretrans"}, Kind: KindCount, Max: MaxNumber,
		Help: "retransmitted TCP segments of the destination", Example: "recvretrans:0"},
	FieldRetransBytes: {Aliases: []string{"retransoctets"}, Kind: KindCount, Max: MaxNumber,
		Help: "payload bytes of the retransmitted TCP segments", Example: "retransbytes:>100K"},
	FieldOutOfOrder: {Aliases: []string{"reordered"}, Kind: KindCount, Max: MaxNumber,
		Help: "TCP segments that arrived out of order, both directions", Example: "outoforder:>0"},
	FieldZeroWindow: {Aliases: []string{"zerowin", "zerowindows"}, Kind: KindCount, Max: MaxNumber,
		Help: "TCP segments with a receive window of 0, both directions", Example: "zerowindow:>0"},
	FieldRTTMin: {Aliases: []string{"minrtt"}, Kind: KindDuration, Min: 1, Max: MaxNumber,
		Help: "smallest round trip over the whole TCP flow", Example: "rttmin:<10ms"},
	FieldRTTMean: {Aliases: []string{"meanrtt", "rttavg"}, Kind: KindDuration, Min: 1, Max: MaxNumber,
		Help: "mean round trip over the whole TCP flow", Example: "rttmean:>=200ms"},

	FieldTTL: {Aliases: []string{"hoplimit"}, Kind: KindNumber, Min: 1, Max: 255,
		Help: "smallest TTL or hop limit of either direction", Example: "ttl:<5"},
	FieldSrcTTL: {Aliases: []string{"srcttl"}, Kind: KindNumber, Min: 1, Max: 255,
		Help: "smallest TTL of the packets sent by the source", Example: "sttl:64"},
	FieldDstTTL: {Aliases: []string{"dstttl"}, Kind: KindNumber, Min: 1, Max: 255,
		Help: "smallest TTL of the packets sent by the destination", Example: "dttl:>=128"},
	FieldISN: {Aliases: []string{"seq"}, Kind: KindNumber, Max: 1<<32 - 1,
		Help: "TCP initial sequence number of either direction", Example: "isn:305419896"},
	FieldSrcISN: {Aliases: []string{"srcisn"}, Kind: KindNumber, Max: 1<<32 - 1,
		Help: "TCP initial sequence number of the source", Example: "sisn:305419896"},
	FieldDstISN: {Aliases: []string{"dstisn"}, Kind: KindNumber, Max: 1<<32 - 1,
		Help: "TCP initial sequence number of the destination", Example: "disn:any"},
	FieldIPID: {Aliases: []string{"identification"}, Kind: KindNumber, Max: 65535,
		Help: "IPv4 identification of the first packet of either direction", Example: "ipid:0"},
	FieldSrcIPID: {Aliases: []string{"srcipid"}, Kind: KindNumber, Max: 65535,
		Help: "IPv4 identification of the source's first packet", Example: "sipid:54321"},
	FieldDstIPID: {Aliases: []string{"dstipid"}, Kind: KindNumber, Max: 65535,
		Help: "IPv4 identification of the destination's first packet", Example: "dipid:none"},

	FieldFlags: {Aliases: []string{"tcpflags", "flag"}, Kind: KindFlags, Max: 255,
		Help: "TCP flags of both directions", Example: "flags:syn,!ack"},
	FieldSrcFlags: {Aliases: []string{"srcflags"}, Kind: KindFlags, Max: 255,
		Help: "TCP flags sent by the source", Example: "sflags:any(fin,rst)"},
	FieldDstFlags: {Aliases: []string{"dstflags"}, Kind: KindFlags, Max: 255,
		Help: "TCP flags sent by the destination", Example: "dflags:=0x12"},

	FieldStart: {Aliases: []string{"starttime", "began"}, Kind: KindTime, Max: MaxNumber,
		Help: "time of the first packet", Example: "start:>=2026-11-23T14:05:00Z"},
	FieldEnd: {Aliases: []string{"endtime", "ended"}, Kind: KindTime, Max: MaxNumber,
		Help: "time of the last packet of an ended flow", Example: "end:>=2026-11-23T14:05:00Z"},
	FieldID: {Aliases: []string{"flowid"}, Kind: KindNumber, Max: MaxNumber,
		Help: "number of the flow in its store", Example: "id:184223"},
}

// Fields returns the table of all fields in the order of their constants.
func Fields() []FieldInfo {
	all := slices.Clone(fieldTable[1:])
	for i := range all {
		all[i] = Field(i + 1).Info()
	}
	return all
}

// Info returns the description of the field, or the zero FieldInfo for FieldNone
// and unknown fields.
func (f Field) Info() FieldInfo {
	if f == FieldNone || f >= numFields {
		return FieldInfo{}
	}
	info := fieldTable[f]
	info.Field, info.Word = f, f.String()
	return info
}

func verdictWords() []string   { return words(flow.Verdicts()) }
func endReasonWords() []string { return words(flow.EndReasons()) }
func directionWords() []string { return words(flow.Directions()) }
func tunnelWords() []string    { return words(flow.TunnelKinds()) }

// words returns the names of an enumeration by code.
func words[T fmt.Stringer](values []T) []string {
	all := make([]string, len(values))
	for i, v := range values {
		if all[i] = v.String(); all[i] == "" {
			all[i] = "none"
		}
	}
	return all
}
