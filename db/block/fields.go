package block

import (
	"math"

	"weir/flow"
	"weir/search"
)

// value is a number that a record has if it fulfils all needs: the sum of columns.
type value struct {
	sum   []Column
	needs []need
}

// need is a condition on one column.
type need struct {
	col Column
	ok  func(int64) bool
}

// of is the value of a column, needed or not.
func of(c Column, needs ...need) value { return value{[]Column{c}, needs} }

func nonzero(c Column) need { return need{c, func(v int64) bool { return v != 0 }} }

func seen(bit int64) need { return need{ColSeen, func(v int64) bool { return v&bit != 0 }} }

func either(cs ...Column) (values []value) {
	for _, c := range cs {
		values = append(values, of(c))
	}
	return values
}

// numberValues are the numbers of which a Numbers term holds if any is in its
// ranges; nil for a field that has no numbers.
//
// An ICMP type is asked of ICMP and ICMPv6 only (echo reply has the number 0,
// which all others hold), a round trip only of handshakes that were seen
// whole. Ports compare as they are recorded: 0 where there are none.
func numberValues(f search.Field) []value {
	icmp := need{ColProto, func(v int64) bool { return flow.Proto(v).IsICMP() }}
	ended := nonzero(ColEndReason)
	switch f {
	case search.FieldPort:
		return either(ColSport, ColDport)
	case search.FieldBytes:
		return []value{{sum: []Column{ColSentOctets, ColRecvOctets}}}
	case search.FieldPackets:
		return []value{{sum: []Column{ColSentPackets, ColRecvPackets}}}
	case search.FieldRTT:
		return []value{{[]Column{ColServerRTT, ColClientRTT}, []need{nonzero(ColServerRTT), nonzero(ColClientRTT)}}}
	case search.FieldServerRTT:
		return []value{of(ColServerRTT, nonzero(ColServerRTT))}
	case search.FieldClientRTT:
		return []value{of(ColClientRTT, nonzero(ColClientRTT))}
	case search.FieldVLAN:
		return either(ColVLANOuter, ColVLANInner)
	case search.FieldICMPType:
		return []value{of(ColICMPType, icmp)}
	case search.FieldICMPCode:
		return []value{of(ColICMPCode, icmp)}
	case search.FieldICMPID:
		return []value{of(ColICMPID, icmp)}
	case search.FieldErrorType:
		return []value{of(ColErrorType, seen(SeenError))}
	case search.FieldErrorCode:
		return []value{of(ColErrorCode, seen(SeenError))}
	case search.FieldTTL:
		return either(ColSrcTTL, ColDstTTL)
	case search.FieldISN:
		return []value{of(ColSrcISN, seen(SeenSrcISN)), of(ColDstISN, seen(SeenDstISN))}
	case search.FieldSrcISN:
		return []value{of(ColSrcISN, seen(SeenSrcISN))}
	case search.FieldDstISN:
		return []value{of(ColDstISN, seen(SeenDstISN))}
	case search.FieldIPID:
		return []value{of(ColSrcIPID, seen(SeenSrcIPID)), of(ColDstIPID, seen(SeenDstIPID))}
	case search.FieldSrcIPID:
		return []value{of(ColSrcIPID, seen(SeenSrcIPID))}
	case search.FieldDstIPID:
		return []value{of(ColDstIPID, seen(SeenDstIPID))}
	case search.FieldEnd:
		return []value{{[]Column{ColStart, ColDuration}, []need{ended}}}
	}
	if c, ok := plainColumn(f); ok {
		return either(c)
	}
	return nil
}

// plainColumn is the column of a field that is nothing but one.
func plainColumn(f search.Field) (Column, bool) {
	c, ok := map[search.Field]Column{
		search.FieldSport: ColSport, search.FieldDport: ColDport, search.FieldProto: ColProto,
		search.FieldSent: ColSentOctets, search.FieldRecv: ColRecvOctets,
		search.FieldSentPkts: ColSentPackets, search.FieldRecvPkts: ColRecvPackets,
		search.FieldDuration: ColDuration, search.FieldVerdict: ColVerdict, search.FieldEndReason: ColEndReason,
		search.FieldDirection: ColDirection, search.FieldTunnel: ColTunnelKind, search.FieldTunnelID: ColTunnelID,
		search.FieldSYNRetries: ColSYNRetries, search.FieldSrcTTL: ColSrcTTL, search.FieldDstTTL: ColDstTTL,
		search.FieldStart: ColStart, search.FieldID: ColID,
	}[f]
	return c, ok
}

// addrColumns are the columns of a field of search.Addrs.
func addrColumns(f search.Field) []Column {
	return map[search.Field][]Column{
		search.FieldSrc: {ColSrc}, search.FieldDst: {ColDst}, search.FieldIP: {ColSrc, ColDst}, search.FieldErrorIP: {ColErrorFrom},
	}[f]
}

// nameColumns are the columns of a field of search.Names.
func nameColumns(f search.Field) []Column {
	return map[search.Field][]Column{
		search.FieldNode: {ColNode}, search.FieldGroup: {ColNode}, search.FieldSnode: {ColSrcNode}, search.FieldDnode: {ColDstNode},
		search.FieldAnyNode: {ColNode, ColSrcNode, ColDstNode}, search.FieldInterface: {ColInterface},
	}[f]
}

// flagColumns are the columns of a field of search.FlagTest, whose flags are taken together.
func flagColumns(f search.Field) []Column {
	return map[search.Field][]Column{
		search.FieldFlags: {ColSrcFlags, ColDstFlags}, search.FieldSrcFlags: {ColSrcFlags}, search.FieldDstFlags: {ColDstFlags},
	}[f]
}

// plus is a + b, of two positive numbers at most the largest there is.
func plus(a, b int64) int64 {
	if sum := a + b; a < 0 || b < 0 || sum >= 0 {
		return sum
	}
	return math.MaxInt64
}
