package field

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"weir/flow"
	"weir/search"
)

// Info describes a field.
type Info struct {
	Field search.Field // FieldNone: it can't be searched
	Key   string       // in CSV and JSON; with NS: a duration in nanoseconds
	Title string       // on the screen, at most eight letters
	Name  string       // set by All: that of Field, or the key in lower case
}

// fields are in the order of the columns window. The fields of the reference's table come first.
var fields = [...]Info{
	{Field: search.FieldStart, Key: "startTime", Title: "START"},
	{Field: search.FieldEnd, Key: "endTime", Title: "END"},
	{Field: search.FieldProto, Key: "protocol", Title: "PROTO"},
	{Field: search.FieldSnode, Key: "sourceNode", Title: "SNODE"},
	{Field: search.FieldSrc, Key: "sourceIP", Title: "SRC IP"},
	{Field: search.FieldSport, Key: "sourcePort", Title: "PORT"},
	{Field: search.FieldDnode, Key: "destNode", Title: "DNODE"},
	{Field: search.FieldDst, Key: "destIP", Title: "DST IP"},
	{Field: search.FieldDport, Key: "destPort", Title: "PORT"},
	{Field: search.FieldRecv, Key: "recvBytes", Title: "RECV"},
	{Field: search.FieldSent, Key: "sentBytes", Title: "SENT"},
	{Field: search.FieldFlags, Key: "tcpFlags", Title: "FLAGS"},
	{Field: search.FieldVerdict, Key: "verdict", Title: "VERDICT"},
	{Field: search.FieldNode, Key: "node", Title: "NODE"},

	{Field: search.FieldPayload, Key: "payload", Title: "PAYLOAD"},
	{Field: search.FieldRetrans, Key: "retrans", Title: "RETRANS"},
	{Field: search.FieldOutOfOrder, Key: "outOfOrder", Title: "OOO"},
	{Field: search.FieldZeroWindow, Key: "zeroWindow", Title: "ZEROWIN"},
	{Field: search.FieldRTTMin, Key: "rttMinNS", Title: "RTTMIN"},
	{Field: search.FieldRTTMean, Key: "rttMeanNS", Title: "RTTMEAN"},

	{Field: search.FieldInterface, Key: "interface", Title: "IFACE"},
	{Field: search.FieldReplyInterface, Key: "replyInterface", Title: "REPLYIF"},
	{Field: search.FieldDuration, Key: "durationNS", Title: "DURATION"},
	{Field: search.FieldBytes, Key: "bytes", Title: "BYTES"},
	{Field: search.FieldPackets, Key: "packets", Title: "PACKETS"},
	{Field: search.FieldSentPkts, Key: "sentPackets", Title: "SPKTS"},
	{Field: search.FieldRecvPkts, Key: "recvPackets", Title: "RPKTS"},
	{Field: search.FieldRTT, Key: "rttNS", Title: "RTT"},
	{Field: search.FieldServerRTT, Key: "serverRTTNS", Title: "SRVRTT"},
	{Field: search.FieldClientRTT, Key: "clientRTTNS", Title: "CLIRTT"},
	{Field: search.FieldEndReason, Key: "endReason", Title: "REASON"},
	{Field: search.FieldOpen, Key: "open", Title: "OPEN"},
	{Field: search.FieldDirection, Key: "direction", Title: "SOURCEBY"},
	{Field: search.FieldSrcFlags, Key: "sourceFlags", Title: "SFLAGS"},
	{Field: search.FieldDstFlags, Key: "destFlags", Title: "DFLAGS"},
	{Field: search.FieldSYNRetries, Key: "synRetries", Title: "SYNRETRY"},
	{Field: search.FieldVLAN, Key: "vlan", Title: "VLAN"},
	{Field: search.FieldTunnel, Key: "tunnel", Title: "TUNNEL"},
	{Field: search.FieldTunnelID, Key: "tunnelID", Title: "TUNNELID"},
	{Field: search.FieldICMPType, Key: "icmpType", Title: "ICMPTYPE"},
	{Field: search.FieldICMPCode, Key: "icmpCode", Title: "ICMPCODE"},
	{Field: search.FieldICMPID, Key: "icmpID", Title: "ICMPID"},
	{Field: search.FieldErrorIP, Key: "errorIP", Title: "ERRORIP"},
	{Field: search.FieldErrorType, Key: "errorType", Title: "ERRTYPE"},
	{Field: search.FieldErrorCode, Key: "errorCode", Title: "ERRCODE"},
	{Field: search.FieldSentPayload, Key: "sentPayload", Title: "SPAYLOAD"},
	{Field: search.FieldRecvPayload, Key: "recvPayload", Title: "RPAYLOAD"},
	{Field: search.FieldSentRetrans, Key: "sentRetrans", Title: "SRETRANS"},
	{Field: search.FieldRecvRetrans, Key: "recvRetrans", Title: "RRETRANS"},
	{Field: search.FieldRetransBytes, Key: "retransBytes", Title: "RETRANSB"},
	{Field: search.FieldSrcTTL, Key: "sttl", Title: "STTL"},
	{Field: search.FieldDstTTL, Key: "dttl", Title: "DTTL"},
	{Field: search.FieldSrcISN, Key: "sourceISN", Title: "SISN"},
	{Field: search.FieldDstISN, Key: "destISN", Title: "DISN"},
	{Field: search.FieldSrcIPID, Key: "sipid", Title: "SIPID"},
	{Field: search.FieldDstIPID, Key: "dipid", Title: "DIPID"},
	{Field: search.FieldID, Key: "id", Title: "ID"},
	{Key: "communityID", Title: "COMMID"},
}

// Count is the number of fields.
const Count = len(fields)

// Usual is the number of fields, the first, that the screen shows by default.
const Usual = 14

// either are the columns of a field that matches one of several values.
var either = map[search.Field][]search.Field{
	search.FieldIP: {search.FieldSrc, search.FieldDst}, search.FieldPort: {search.FieldSport, search.FieldDport},
	search.FieldAnyNode: {search.FieldNode, search.FieldSnode, search.FieldDnode}, search.FieldTTL: {search.FieldSrcTTL, search.FieldDstTTL},
	search.FieldISN: {search.FieldSrcISN, search.FieldDstISN}, search.FieldIPID: {search.FieldSrcIPID, search.FieldDstIPID},
}

// presets are sets of columns by name, besides those that are counted.
var presets = [...]struct{ name, fields string }{
	{"nat", "start,proto,snode,src,sport,dnode,dst,dport,sisn,sipid,interface,node,verdict"},
	{"tcp-health", "start,src,dst,dport,verdict,duration,rtt,rttmin,rttmean,retrans,outoforder,zerowindow,synretries,recv,sent,node"},
}

// PresetNames returns the names that Preset knows.
func PresetNames() []string { return []string{"default", "nat", "tcp-health", "wide"} }

// Preset returns the fields of a preset: "default", "nat", "tcp-health", or "wide", which is all; nil: there is none of
// that name.
func Preset(name string) []Info {
	all := All()
	switch name {
	case "default":
		return all[:Usual]
	case "wide":
		return all
	}
	for _, p := range presets {
		if p.name == name {
			var list []Info
			for word := range strings.SplitSeq(p.fields, ",") {
				more, _ := Find(word) // a test finds all
				list = append(list, more...)
			}
			return list
		}
	}
	return nil
}

// All returns the fields.
func All() []Info {
	all := slices.Clone(fields[:])
	for i := range all {
		if all[i].Name = strings.ToLower(all[i].Key); all[i].Field != search.FieldNone {
			all[i].Name = all[i].Field.String()
		}
	}
	return all
}

// Find returns the field of a name, one of its other names in the search language, or its key, ignoring case. A field
// that matches either side gives the fields of both.
func Find(name string) ([]Info, error) {
	all := All()
	of := func(f search.Field) int { return slices.IndexFunc(all, func(i Info) bool { return i.Field == f }) }
	word := strings.ToLower(name)
	for i := range all {
		if word == all[i].Name || strings.EqualFold(word, all[i].Key) {
			return all[i : i+1], nil
		}
	}
	for _, info := range search.Fields() {
		if word != info.Word && !slices.Contains(info.Aliases, word) {
			continue
		}
		if i := of(info.Field); i >= 0 {
			return all[i : i+1], nil
		}
		var both []Info
		for _, f := range either[info.Field] {
			both = append(both, all[of(f)])
		}
		if both != nil {
			return both, nil
		}
		return nil, fmt.Errorf("%s is not a column: a flow doesn't have it, only the inventory of nodes", info.Word)
	}
	return nil, fmt.Errorf("unknown column %q", name)
}

// Kind returns the kind of the values; KindName for those that can't be searched.
func (i *Info) Kind() search.Kind {
	switch i.Field {
	case search.FieldNone, search.FieldVLAN, search.FieldTunnel:
		return search.KindName
	}
	return i.Field.Info().Kind
}

// Help returns what the field is, in lower case.
func (i *Info) Help() string {
	switch i.Field {
	case search.FieldNone:
		return "Community ID of the flow key, version 1"
	case search.FieldVLAN:
		return "VLAN ids, outer first"
	}
	return i.Field.Info().Help
}

// Value is the value of a field of a record: one of its parts, by kind.
type Value struct {
	Known  bool       // the record has the field
	Number uint64     // in the unit of the search field
	Text   string     // KindName: untrusted; KindEnum: the word of the search language
	Addr   netip.Addr // KindAddr
}

func number[T ~int64 | ~uint64 | ~uint32 | ~uint16 | ~uint8 | ~int](n T) Value {
	return Value{Known: true, Number: uint64(n)}
}

func text(s string) Value { return Value{Known: true, Text: s} }

// when returns v if the record has the field.
func (v Value) when(known bool) Value {
	if !known {
		return Value{}
	}
	return v
}

// Of returns the value of a record.
func (i *Info) Of(r *flow.Record) Value {
	switch i.Field {
	case search.FieldNone:
		id := r.CommunityID()
		return text(id).when(id != "")
	case search.FieldSrc:
		return Value{Known: r.Src.Addr.IsValid(), Addr: r.Src.Addr}
	case search.FieldDst:
		return Value{Known: r.Dst.Addr.IsValid(), Addr: r.Dst.Addr}
	case search.FieldErrorIP:
		return Value{Known: r.Error.From.IsValid(), Addr: r.Error.From}
	case search.FieldNode:
		return text(r.Node)
	case search.FieldSnode:
		return text(r.Src.Node)
	case search.FieldDnode:
		return text(r.Dst.Node)
	case search.FieldInterface:
		return text(r.Interface)
	case search.FieldReplyInterface:
		return text(r.ReplyInterface)
	case search.FieldVLAN:
		return text(r.VLAN.String())
	case search.FieldTunnel:
		return text(r.Tunnel.String())
	case search.FieldVerdict:
		return Value{true, uint64(r.Verdict), r.Verdict.String(), netip.Addr{}}
	case search.FieldEndReason:
		return Value{true, uint64(r.EndReason), r.EndReason.String(), netip.Addr{}}
	case search.FieldDirection:
		return Value{true, uint64(r.Direction), r.Direction.String(), netip.Addr{}}
	case search.FieldOpen:
		if r.Open() {
			return Value{true, 1, "yes", netip.Addr{}}
		}
		return Value{true, 0, "no", netip.Addr{}}
	}
	return i.counted(r)
}
