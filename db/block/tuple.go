package block

import (
	"math"
	"net/netip"
	"time"

	"weir/flow"
)

// Tuple is a record as numbers, one for each column, with its addresses.
type Tuple struct {
	Nums  [NumColumns]int64               // by column; address columns hold indexes in an address list once they have been set
	Addrs [len(addressColumns)]netip.Addr // source, destination, sender of the ICMP error; invalid: none

	unknown *unknown // columns of the parsed record that this program does not know; nil: none
}

// ZeroTime stands for the zero time.Time where nanoseconds since 1970 are stored. As a time it is in
// the year 1677, before every time that can be stored.
const ZeroTime = math.MinInt64

// Nanos returns a time as it is stored: nanoseconds since 1970 UTC, clamped to int64, and ZeroTime for
// the zero time.
func Nanos(t time.Time) int64 {
	switch {
	case t.IsZero():
		return ZeroTime
	case t.Before(time.Unix(0, ZeroTime+1)):
		return ZeroTime + 1
	case t.After(time.Unix(0, math.MaxInt64)):
		return math.MaxInt64
	}
	return t.UnixNano()
}

// TimeOf is the inverse of Nanos.
func TimeOf(ns int64) time.Time {
	if ns == ZeroTime {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

// clampCount returns a count as it is stored, at most 2^63-1. Only a broken exporter can claim more.
func clampCount(n uint64) int64 { return int64(min(n, math.MaxInt64)) }

// NameIDs are the ids of a record's names: the node and the interfaces that observed it, and the nodes that
// own its source and destination. 0 is the empty name.
type NameIDs struct{ Node, Interface, ReplyInterface, Src, Dst int64 }

// Split sets t to a record.
func (t *Tuple) Split(r *flow.Record, names NameIDs) {
	start := Nanos(r.Start)
	t.unknown = nil
	t.Nums = [NumColumns]int64{
		ColID: r.ID, ColStart: start, ColNode: names.Node, ColDuration: Nanos(r.Last) - start, ColProto: int64(r.Proto),
		ColSport: int64(r.Src.Port), ColDport: int64(r.Dst.Port), ColSrcNode: names.Src, ColDstNode: names.Dst,
		ColSrcFlags: int64(r.SrcSide.Flags), ColDstFlags: int64(r.DstSide.Flags),
		ColSentOctets: clampCount(r.Sent.Octets), ColRecvOctets: clampCount(r.Recv.Octets),
		ColSentPackets: clampCount(r.Sent.Packets), ColRecvPackets: clampCount(r.Recv.Packets),
		ColEndReason: int64(r.EndReason), ColVerdict: int64(r.Verdict), ColInterface: names.Interface, ColReplyInterface: names.ReplyInterface,
		ColServerRTT: int64(r.ServerRTT), ColClientRTT: int64(r.ClientRTT), ColSYNRetries: int64(r.SYNRetries),
		ColICMPType: int64(r.ICMP.Type), ColICMPCode: int64(r.ICMP.Code),
		ColVLANOuter: int64(r.VLAN[0]), ColVLANInner: int64(r.VLAN[1]),
		ColTunnelKind: int64(r.Tunnel.Kind), ColTunnelID: int64(r.Tunnel.ID), ColDirection: int64(r.Direction), ColICMPID: int64(r.ICMPID),
		ColErrorType: int64(r.Error.Type.Type), ColErrorCode: int64(r.Error.Type.Code),
		ColSrcTTL: int64(r.SrcSide.MinTTL), ColDstTTL: int64(r.DstSide.MinTTL),
	}
	t.seq(ColSrcISN, SeenSrcISN, r.SrcSide.ISN)
	t.seq(ColDstISN, SeenDstISN, r.DstSide.ISN)
	t.seq(ColSrcIPID, SeenSrcIPID, r.SrcSide.IPID)
	t.seq(ColDstIPID, SeenDstIPID, r.DstSide.IPID)
	t.health(ColSrcPayload, &r.SrcSide)
	t.health(ColDstPayload, &r.DstSide)
	if !r.Uncounted {
		t.Nums[ColSeen] |= SeenCounts
	}
	t.Addrs = [...]netip.Addr{r.Src.Addr.Unmap(), r.Dst.Addr.Unmap(), r.Error.From.Unmap()}
	if r.Error.From.IsValid() {
		t.Nums[ColSeen] |= SeenError
	}
}

func (t *Tuple) seq(c Column, bit int64, s flow.Seq32) {
	if s.Seen {
		t.Nums[c] = int64(s.Value)
		t.Nums[ColSeen] |= bit
	}
}

// health sets the columns of one side. They begin with payload, and those of the other side are between
// them.
func (t *Tuple) health(payload Column, s *flow.Side) {
	n := t.Nums[payload:]
	n[0], n[2], n[4] = clampCount(s.Payload), clampCount(s.Retransmitted.Packets), clampCount(s.Retransmitted.Octets)
	n[6], n[8] = clampCount(s.OutOfOrder), clampCount(s.ZeroWindows)
	n[10], n[12] = micros(s.RTTMin), micros(s.RTTMean)
	seen := &t.Nums[ColSeen]
	if s.Retransmitted != (flow.Counters{}) {
		*seen |= SeenRetrans
	}
	if s.OutOfOrder > 0 {
		*seen |= SeenOutOfOrder
	}
	if s.ZeroWindows > 0 {
		*seen |= SeenZeroWindow
	}
}

// joinHealth is the inverse of health.
func (t *Tuple) joinHealth(payload Column, s *flow.Side) {
	n := t.Nums[payload:]
	s.Payload, s.Retransmitted = uint64(n[0]), flow.Counters{Packets: uint64(n[2]), Octets: uint64(n[4])}
	s.OutOfOrder, s.ZeroWindows = uint64(n[6]), uint64(n[8])
	s.RTTMin, s.RTTMean = time.Duration(n[10])*time.Microsecond, time.Duration(n[12])*time.Microsecond
}

// micros returns a round trip as it is stored: in microseconds, rounded up so that a measured one is
// not 0. Nanoseconds would take 5 bytes more per flow.
func micros(d time.Duration) int64 {
	return int64(d/time.Microsecond) + min(1, int64(d%time.Microsecond))
}

// NameIDs returns the ids of the record's names.
func (t *Tuple) NameIDs() NameIDs {
	n := &t.Nums
	return NameIDs{Node: n[ColNode], Interface: n[ColInterface], ReplyInterface: n[ColReplyInterface], Src: n[ColSrcNode], Dst: n[ColDstNode]}
}

// RecordNames are the names of a record; NameIDs are their ids.
type RecordNames struct{ Node, Interface, ReplyInterface, Src, Dst string }

// Join is the inverse of Split. It sets r to the record, with its names. A verdict that the other
// columns contradict, as earlier programs stored some, is corrected.
func (t *Tuple) Join(r *flow.Record, names RecordNames) {
	n := &t.Nums
	seq := func(c Column, bit int64) flow.Seq32 {
		return flow.Seq32{Value: uint32(n[c]), Seen: n[ColSeen]&bit != 0}
	}
	*r = flow.Record{
		ID: n[ColID], Node: names.Node, Interface: names.Interface, ReplyInterface: names.ReplyInterface,
		Start: TimeOf(n[ColStart]), Last: TimeOf(n[ColStart] + n[ColDuration]),
		EndReason: flow.EndReason(n[ColEndReason]), Proto: flow.Proto(n[ColProto]),
		Src:       flow.Endpoint{Node: names.Src, Addr: t.Addrs[0], Port: uint16(n[ColSport])},
		Dst:       flow.Endpoint{Node: names.Dst, Addr: t.Addrs[1], Port: uint16(n[ColDport])},
		Sent:      flow.Counters{Packets: uint64(n[ColSentPackets]), Octets: uint64(n[ColSentOctets])},
		Recv:      flow.Counters{Packets: uint64(n[ColRecvPackets]), Octets: uint64(n[ColRecvOctets])},
		SrcSide:   flow.Side{Flags: flow.Flags(n[ColSrcFlags]), ISN: seq(ColSrcISN, SeenSrcISN), IPID: seq(ColSrcIPID, SeenSrcIPID), MinTTL: uint8(n[ColSrcTTL])},
		DstSide:   flow.Side{Flags: flow.Flags(n[ColDstFlags]), ISN: seq(ColDstISN, SeenDstISN), IPID: seq(ColDstIPID, SeenDstIPID), MinTTL: uint8(n[ColDstTTL])},
		Verdict:   flow.Verdict(n[ColVerdict]),
		Direction: flow.Direction(n[ColDirection]),
		ICMP:      flow.ICMPType{Type: uint8(n[ColICMPType]), Code: uint8(n[ColICMPCode])},
		ICMPID:    uint16(n[ColICMPID]),
		ServerRTT: time.Duration(n[ColServerRTT]), ClientRTT: time.Duration(n[ColClientRTT]), SYNRetries: uint16(n[ColSYNRetries]),
		VLAN:   flow.VLANs{uint16(n[ColVLANOuter]), uint16(n[ColVLANInner])},
		Tunnel: flow.Tunnel{Kind: flow.TunnelKind(n[ColTunnelKind]), ID: uint32(n[ColTunnelID])},
		Error:  flow.ICMPError{From: t.Addrs[2], Type: flow.ICMPType{Type: uint8(n[ColErrorType]), Code: uint8(n[ColErrorCode])}},

		Uncounted: n[ColSeen]&SeenCounts == 0,
	}
	t.joinHealth(ColSrcPayload, &r.SrcSide)
	t.joinHealth(ColDstPayload, &r.DstSide)
	r.Verdict = r.CorrectVerdict()
}
