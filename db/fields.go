package db

import (
	"math"

	"weir/flow"
	"weir/search"
)

// value is a number that a record has if it fulfils all needs: the sum of columns.
type value struct {
	sum   []column
	needs []need
}

// need is a condition on one column.
type need struct {
	col column
	ok  func(int64) bool
}

// of is the value of a column, needed or not.
func of(c column, needs ...need) value { return value{[]column{c}, needs} }

func nonzero(c column) need { return need{c, func(v int64) bool { return v != 0 }} }

func seen(bit int64) need { return need{colSeen, func(v int64) bool { return v&bit != 0 }} }

func either(cs ...column) (values []value) {
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
	icmp := need{colProto, func(v int64) bool { return flow.Proto(v).IsICMP() }}
	ended := nonzero(colEndReason)
	switch f {
	case search.FieldPort:
		return either(colSport, colDport)
	case search.FieldBytes:
		return []value{{sum: []column{colSentOctets, colRecvOctets}}}
	case search.FieldPackets:
		return []value{{sum: []column{colSentPackets, colRecvPackets}}}
	case search.FieldRTT:
		return []value{{[]column{colServerRTT, colClientRTT}, []need{nonzero(colServerRTT), nonzero(colClientRTT)}}}
	case search.FieldServerRTT:
		return []value{of(colServerRTT, nonzero(colServerRTT))}
	case search.FieldClientRTT:
		return []value{of(colClientRTT, nonzero(colClientRTT))}
	case search.FieldVLAN:
		return either(colVLANOuter, colVLANInner)
	case search.FieldICMPType:
		return []value{of(colICMPType, icmp)}
	case search.FieldICMPCode:
		return []value{of(colICMPCode, icmp)}
	case search.FieldICMPID:
		return []value{of(colICMPID, icmp)}
	case search.FieldErrorType:
		return []value{of(colErrorType, seen(seenError))}
	case search.FieldErrorCode:
		return []value{of(colErrorCode, seen(seenError))}
	case search.FieldTTL:
		return either(colSrcTTL, colDstTTL)
	case search.FieldISN:
		return []value{of(colSrcISN, seen(seenSrcISN)), of(colDstISN, seen(seenDstISN))}
	case search.FieldSrcISN:
		return []value{of(colSrcISN, seen(seenSrcISN))}
	case search.FieldDstISN:
		return []value{of(colDstISN, seen(seenDstISN))}
	case search.FieldIPID:
		return []value{of(colSrcIPID, seen(seenSrcIPID)), of(colDstIPID, seen(seenDstIPID))}
	case search.FieldSrcIPID:
		return []value{of(colSrcIPID, seen(seenSrcIPID))}
	case search.FieldDstIPID:
		return []value{of(colDstIPID, seen(seenDstIPID))}
	case search.FieldEnd:
		return []value{{[]column{colStart, colDuration}, []need{ended}}}
	}
	if c, ok := plainColumn(f); ok {
		return either(c)
	}
	return nil
}

// plainColumn is the column of a field that is nothing but one.
func plainColumn(f search.Field) (column, bool) {
	c, ok := map[search.Field]column{
		search.FieldSport: colSport, search.FieldDport: colDport, search.FieldProto: colProto,
		search.FieldSent: colSentOctets, search.FieldRecv: colRecvOctets,
		search.FieldSentPkts: colSentPackets, search.FieldRecvPkts: colRecvPackets,
		search.FieldDuration: colDuration, search.FieldVerdict: colVerdict, search.FieldEndReason: colEndReason,
		search.FieldDirection: colDirection, search.FieldTunnel: colTunnelKind, search.FieldTunnelID: colTunnelID,
		search.FieldSYNRetries: colSYNRetries, search.FieldSrcTTL: colSrcTTL, search.FieldDstTTL: colDstTTL,
		search.FieldStart: colStart, search.FieldID: colID,
	}[f]
	return c, ok
}

// addrColumns are the columns of a field of search.Addrs.
func addrColumns(f search.Field) []column {
	return map[search.Field][]column{
		search.FieldSrc: {colSrc}, search.FieldDst: {colDst}, search.FieldIP: {colSrc, colDst}, search.FieldErrorIP: {colErrorFrom},
	}[f]
}

// nameColumns are the columns of a field of search.Names.
func nameColumns(f search.Field) []column {
	return map[search.Field][]column{
		search.FieldNode: {colNode}, search.FieldGroup: {colNode}, search.FieldSnode: {colSrcNode}, search.FieldDnode: {colDstNode},
		search.FieldAnyNode: {colNode, colSrcNode, colDstNode}, search.FieldInterface: {colInterface},
	}[f]
}

// flagColumns are the columns of a field of search.FlagTest, whose flags are taken together.
func flagColumns(f search.Field) []column {
	return map[search.Field][]column{
		search.FieldFlags: {colSrcFlags, colDstFlags}, search.FieldSrcFlags: {colSrcFlags}, search.FieldDstFlags: {colDstFlags},
	}[f]
}

// plus is a + b, of two positive numbers at most the largest there is.
func plus(a, b int64) int64 {
	if sum := a + b; a < 0 || b < 0 || sum >= 0 {
		return sum
	}
	return math.MaxInt64
}
