package block

import (
	"math"

	"weir/flow"
	"weir/search"
)

// value is the sum of columns of a record that meets all conditions.
type value struct {
	sum        []Column
	conditions []condition
}

// condition is a test of one column.
type condition struct {
	col Column
	ok  func(int64) bool
}

// columnValue is the value of a single column.
func columnValue(c Column, needs ...condition) value { return value{[]Column{c}, needs} }

func nonzero(c Column) condition { return condition{c, func(v int64) bool { return v != 0 }} }

func seen(bit int64) condition { return condition{ColSeen, func(v int64) bool { return v&bit != 0 }} }

func anyColumn(cs ...Column) (values []value) {
	for _, c := range cs {
		values = append(values, columnValue(c))
	}
	return values
}

// numberValues returns the values that a Numbers term tests; one in its ranges is enough. It returns
// nil for a field that holds no numbers.
//
// An ICMP type matches ICMP and ICMPv6 only, because 0, which all other flows have, is echo reply. A
// round trip matches complete handshakes only. Ports compare as recorded: 0 for protocols without
// ports.
func numberValues(f search.Field) []value {
	icmp := condition{ColProto, func(v int64) bool { return flow.Proto(v).IsICMP() }}
	ended := nonzero(ColEndReason)
	switch f {
	case search.FieldPort:
		return anyColumn(ColSport, ColDport)
	case search.FieldBytes:
		return []value{{sum: []Column{ColSentOctets, ColRecvOctets}}}
	case search.FieldPackets:
		return []value{{sum: []Column{ColSentPackets, ColRecvPackets}}}
	case search.FieldRTT:
		return []value{{[]Column{ColServerRTT, ColClientRTT}, []condition{nonzero(ColServerRTT), nonzero(ColClientRTT)}}}
	case search.FieldServerRTT:
		return []value{columnValue(ColServerRTT, nonzero(ColServerRTT))}
	case search.FieldClientRTT:
		return []value{columnValue(ColClientRTT, nonzero(ColClientRTT))}
	case search.FieldVLAN:
		return anyColumn(ColVLANOuter, ColVLANInner)
	case search.FieldICMPType:
		return []value{columnValue(ColICMPType, icmp)}
	case search.FieldICMPCode:
		return []value{columnValue(ColICMPCode, icmp)}
	case search.FieldICMPID:
		return []value{columnValue(ColICMPID, icmp)}
	case search.FieldErrorType:
		return []value{columnValue(ColErrorType, seen(SeenError))}
	case search.FieldErrorCode:
		return []value{columnValue(ColErrorCode, seen(SeenError))}
	case search.FieldTTL:
		return anyColumn(ColSrcTTL, ColDstTTL)
	case search.FieldISN:
		return []value{columnValue(ColSrcISN, seen(SeenSrcISN)), columnValue(ColDstISN, seen(SeenDstISN))}
	case search.FieldSrcISN:
		return []value{columnValue(ColSrcISN, seen(SeenSrcISN))}
	case search.FieldDstISN:
		return []value{columnValue(ColDstISN, seen(SeenDstISN))}
	case search.FieldIPID:
		return []value{columnValue(ColSrcIPID, seen(SeenSrcIPID)), columnValue(ColDstIPID, seen(SeenDstIPID))}
	case search.FieldSrcIPID:
		return []value{columnValue(ColSrcIPID, seen(SeenSrcIPID))}
	case search.FieldDstIPID:
		return []value{columnValue(ColDstIPID, seen(SeenDstIPID))}
	case search.FieldEnd:
		return []value{{[]Column{ColStart, ColDuration}, []condition{ended}}}
	}
	if c, ok := plainColumn(f); ok {
		return anyColumn(c)
	}
	return healthValues(f)
}

// healthValues is numberValues for the fields of payload and TCP health.
func healthValues(f search.Field) []value {
	tcp := condition{ColProto, func(v int64) bool { return flow.Proto(v) == flow.TCP }}
	switch f {
	case search.FieldPayload:
		return []value{{[]Column{ColSrcPayload, ColDstPayload}, []condition{seen(SeenCounts)}}}
	case search.FieldSentPayload:
		return []value{columnValue(ColSrcPayload, seen(SeenCounts))}
	case search.FieldRecvPayload:
		return []value{columnValue(ColDstPayload, seen(SeenCounts))}
	case search.FieldRetrans:
		return []value{{[]Column{ColSrcRetrans, ColDstRetrans}, []condition{tcp, seen(SeenCounts)}}}
	case search.FieldSentRetrans:
		return []value{columnValue(ColSrcRetrans, tcp, seen(SeenCounts))}
	case search.FieldRecvRetrans:
		return []value{columnValue(ColDstRetrans, tcp, seen(SeenCounts))}
	case search.FieldRetransBytes:
		return []value{{[]Column{ColSrcRetransOctets, ColDstRetransOctets}, []condition{tcp, seen(SeenCounts)}}}
	case search.FieldOutOfOrder:
		return []value{{[]Column{ColSrcOutOfOrder, ColDstOutOfOrder}, []condition{tcp, seen(SeenCounts)}}}
	case search.FieldZeroWindow:
		return []value{{[]Column{ColSrcZeroWindows, ColDstZeroWindows}, []condition{tcp, seen(SeenCounts)}}}
	case search.FieldRTTMin:
		return []value{{sum: []Column{ColSrcRTTMin, ColDstRTTMin}}}
	case search.FieldRTTMean:
		return []value{{sum: []Column{ColSrcRTTMean, ColDstRTTMean}}}
	}
	return nil
}

// seenIfNotZero returns the bit of ColSeen that is set if the value of a field is not 0; 0: there is none.
func seenIfNotZero(f search.Field) int64 {
	switch f {
	case search.FieldRetrans, search.FieldSentRetrans, search.FieldRecvRetrans, search.FieldRetransBytes:
		return SeenRetrans
	case search.FieldOutOfOrder:
		return SeenOutOfOrder
	case search.FieldZeroWindow:
		return SeenZeroWindow
	}
	return 0
}

// plainColumn returns the column of a field that maps to exactly one.
func plainColumn(f search.Field) (Column, bool) {
	c, ok := map[search.Field]Column{
		search.FieldSport: ColSport, search.FieldDport: ColDport, search.FieldProto: ColProto,
		search.FieldSent: ColSentOctets, search.FieldRecv: ColRecvOctets,
		search.FieldSentPkts: ColSentPackets, search.FieldRecvPkts: ColRecvPackets,
		search.FieldDuration: ColDuration, search.FieldEndReason: ColEndReason,
		search.FieldDirection: ColDirection, search.FieldTunnel: ColTunnelKind, search.FieldTunnelID: ColTunnelID,
		search.FieldSYNRetries: ColSYNRetries, search.FieldSrcTTL: ColSrcTTL, search.FieldDstTTL: ColDstTTL,
		search.FieldStart: ColStart, search.FieldID: ColID,
	}[f]
	return c, ok
}

// addrColumns returns the columns of an address field.
func addrColumns(f search.Field) []Column {
	return map[search.Field][]Column{
		search.FieldSrc: {ColSrc}, search.FieldDst: {ColDst}, search.FieldIP: {ColSrc, ColDst}, search.FieldErrorIP: {ColErrorFrom},
	}[f]
}

// nameColumns returns the columns of a name field.
func nameColumns(f search.Field) []Column {
	return map[search.Field][]Column{
		search.FieldNode: {ColNode}, search.FieldGroup: {ColNode}, search.FieldSnode: {ColSrcNode}, search.FieldDnode: {ColDstNode},
		search.FieldAnyNode: {ColNode, ColSrcNode, ColDstNode}, search.FieldInterface: {ColInterface}, search.FieldReplyInterface: {ColReplyInterface},
	}[f]
}

// nameValues returns the values that a Names term tests; one is enough. A flow without a second interface does not
// match the empty name by that.
func nameValues(f search.Field) []value {
	values := anyColumn(nameColumns(f)...)
	if f == search.FieldInterface {
		values = append(values, columnValue(ColReplyInterface, nonzero(ColReplyInterface)))
	}
	return values
}

// flagColumns returns the columns of a TCP flags field, whose flags are combined.
func flagColumns(f search.Field) []Column {
	return map[search.Field][]Column{
		search.FieldFlags: {ColSrcFlags, ColDstFlags}, search.FieldSrcFlags: {ColSrcFlags}, search.FieldDstFlags: {ColDstFlags},
	}[f]
}

// plus returns a + b of two non-negative numbers, or the largest int64 if that overflows.
func plus(a, b int64) int64 {
	if sum := a + b; a < 0 || b < 0 || sum >= 0 {
		return sum
	}
	return math.MaxInt64
}
