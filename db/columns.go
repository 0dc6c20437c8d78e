package db

import (
	"encoding/binary"
	"errors"
	"math"
	"net/netip"
	"time"

	"weir/flow"
)

// column is a place in a stored record. The numbers are part of the format of
// the file: new columns are only ever added at the end.
type column uint8

// The columns. All of them hold integers; docs/schema.md says which.
const (
	colID column = iota
	colStart
	colNode
	colDuration
	colProto
	colSrc // address: a place in the block's dictionary
	colDst // address
	colSport
	colDport
	colSrcNode
	colDstNode
	colSrcFlags
	colDstFlags
	colSentOctets
	colRecvOctets
	colSentPackets
	colRecvPackets
	colEndReason
	colVerdict
	colInterface
	colSYNRetries
	colICMPType
	colICMPCode
	colVLANOuter
	colVLANInner
	colTunnelKind
	colTunnelID
	colErrorFrom // address
	colErrorType
	colErrorCode
	colSeen // what of the record is there: the bits seenSrcISN …
	colSrcISN
	colDstISN
	colSrcIPID
	colDstIPID
	colSrcTTL
	colDstTTL
	colServerRTT
	colClientRTT
	colDirection
	colICMPID
	numColumns
)

// rowsOnly is the first of the columns that are asked for so rarely that a
// block keeps them with its rows alone.
const rowsOnly = colSrcIPID

// The bits of colSeen.
const (
	seenSrcISN = 1 << iota
	seenDstISN
	seenSrcIPID
	seenDstIPID
	seenError // an ICMP error quoted the flow
)

// addressColumns are the columns of tuple.addrs, in their order.
var addressColumns = [...]column{colSrc, colDst, colErrorFrom}

// isAddress reports whether a column holds addresses.
func (c column) isAddress() bool { return c == colSrc || c == colDst || c == colErrorFrom }

// tuple is a record as numbers, one for each column. Addresses stand beside them.
type tuple struct {
	nums  [numColumns]int64
	addrs [len(addressColumns)]netip.Addr
}

// zeroTime stands for the zero time.Time where nanoseconds since 1970 are
// stored. It lies in the year 1677, before any time that can be stored.
const zeroTime = math.MinInt64

// nanos is a time as it is stored: nanoseconds since 1970, of times that an
// int64 cannot hold the nearest, of the zero time zeroTime.
func nanos(t time.Time) int64 {
	switch {
	case t.IsZero():
		return zeroTime
	case t.Before(time.Unix(0, zeroTime+1)):
		return zeroTime + 1
	case t.After(time.Unix(0, math.MaxInt64)):
		return math.MaxInt64
	}
	return t.UnixNano()
}

// timeOf undoes nanos.
func timeOf(ns int64) time.Time {
	if ns == zeroTime {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

// counter is a count as it is stored. Integers here end at 2^63-1, and a
// larger number, which only a broken exporter can claim, is stored as that.
func counter(n uint64) int64 { return int64(min(n, math.MaxInt64)) }

// nameIDs are the dictionary ids of a record's names.
type nameIDs struct{ node, iface, src, dst int64 }

// split fills t with a record.
func (t *tuple) split(r *flow.Record, names nameIDs) {
	start := nanos(r.Start)
	t.nums = [numColumns]int64{
		colID: r.ID, colStart: start, colNode: names.node, colDuration: nanos(r.Last) - start, colProto: int64(r.Proto),
		colSport: int64(r.Src.Port), colDport: int64(r.Dst.Port), colSrcNode: names.src, colDstNode: names.dst,
		colSrcFlags: int64(r.SrcSide.Flags), colDstFlags: int64(r.DstSide.Flags),
		colSentOctets: counter(r.Sent.Octets), colRecvOctets: counter(r.Recv.Octets),
		colSentPackets: counter(r.Sent.Packets), colRecvPackets: counter(r.Recv.Packets),
		colEndReason: int64(r.EndReason), colVerdict: int64(r.Verdict), colInterface: names.iface,
		colServerRTT: int64(r.ServerRTT), colClientRTT: int64(r.ClientRTT), colSYNRetries: int64(r.SYNRetries),
		colICMPType: int64(r.ICMP.Type), colICMPCode: int64(r.ICMP.Code),
		colVLANOuter: int64(r.VLAN[0]), colVLANInner: int64(r.VLAN[1]),
		colTunnelKind: int64(r.Tunnel.Kind), colTunnelID: int64(r.Tunnel.ID), colDirection: int64(r.Direction), colICMPID: int64(r.ICMPID),
		colErrorType: int64(r.Error.Type.Type), colErrorCode: int64(r.Error.Type.Code),
		colSrcTTL: int64(r.SrcSide.MinTTL), colDstTTL: int64(r.DstSide.MinTTL),
	}
	t.seq(colSrcISN, seenSrcISN, r.SrcSide.ISN)
	t.seq(colDstISN, seenDstISN, r.DstSide.ISN)
	t.seq(colSrcIPID, seenSrcIPID, r.SrcSide.IPID)
	t.seq(colDstIPID, seenDstIPID, r.DstSide.IPID)
	t.addrs = [...]netip.Addr{r.Src.Addr.Unmap(), r.Dst.Addr.Unmap(), r.Error.From.Unmap()}
	if r.Error.From.IsValid() {
		t.nums[colSeen] |= seenError
	}
}

func (t *tuple) seq(c column, bit int64, s flow.Seq32) {
	if s.Seen {
		t.nums[c] = int64(s.Value)
		t.nums[colSeen] |= bit
	}
}

// join undoes split, but for the names: it returns their ids.
func (t *tuple) join(r *flow.Record) nameIDs {
	n := &t.nums
	seq := func(c column, bit int64) flow.Seq32 {
		return flow.Seq32{Value: uint32(n[c]), Seen: n[colSeen]&bit != 0}
	}
	*r = flow.Record{
		ID:    n[colID],
		Start: timeOf(n[colStart]), Last: timeOf(n[colStart] + n[colDuration]),
		EndReason: flow.EndReason(n[colEndReason]), Proto: flow.Proto(n[colProto]),
		Src:       flow.Endpoint{Addr: t.addrs[0], Port: uint16(n[colSport])},
		Dst:       flow.Endpoint{Addr: t.addrs[1], Port: uint16(n[colDport])},
		Sent:      flow.Counters{Packets: uint64(n[colSentPackets]), Octets: uint64(n[colSentOctets])},
		Recv:      flow.Counters{Packets: uint64(n[colRecvPackets]), Octets: uint64(n[colRecvOctets])},
		SrcSide:   flow.Side{Flags: flow.Flags(n[colSrcFlags]), ISN: seq(colSrcISN, seenSrcISN), IPID: seq(colSrcIPID, seenSrcIPID), MinTTL: uint8(n[colSrcTTL])},
		DstSide:   flow.Side{Flags: flow.Flags(n[colDstFlags]), ISN: seq(colDstISN, seenDstISN), IPID: seq(colDstIPID, seenDstIPID), MinTTL: uint8(n[colDstTTL])},
		Verdict:   flow.Verdict(n[colVerdict]),
		Direction: flow.Direction(n[colDirection]),
		ICMP:      flow.ICMPType{Type: uint8(n[colICMPType]), Code: uint8(n[colICMPCode])},
		ICMPID:    uint16(n[colICMPID]),
		ServerRTT: time.Duration(n[colServerRTT]), ClientRTT: time.Duration(n[colClientRTT]), SYNRetries: uint16(n[colSYNRetries]),
		VLAN:   flow.VLANs{uint16(n[colVLANOuter]), uint16(n[colVLANInner])},
		Tunnel: flow.Tunnel{Kind: flow.TunnelKind(n[colTunnelKind]), ID: uint32(n[colTunnelID])},
		Error:  flow.ICMPError{From: t.addrs[2], Type: flow.ICMPType{Type: uint8(n[colErrorType]), Code: uint8(n[colErrorCode])}},
	}
	return nameIDs{node: n[colNode], iface: n[colInterface], src: n[colSrcNode], dst: n[colDstNode]}
}

// errDamaged is a record, block or part that is not what was written.
var errDamaged = errors.New("a part of the file is not what was written there")

// appendTuple appends a record as it stands in the table hot: the numbers of all columns from colNode on as
// varints, then each address after its length. Id and start are columns of the table.
func appendTuple(b []byte, t *tuple) []byte {
	for c := colNode; c < numColumns; c++ {
		if !c.isAddress() {
			b = binary.AppendVarint(b, t.nums[c])
		}
	}
	for _, a := range t.addrs {
		b = append(b, byte(a.BitLen()/8))
		b = append(b, a.AsSlice()...)
	}
	return b
}

// parse undoes appendTuple.
func (t *tuple) parse(id, start int64, b []byte) error {
	t.nums = [numColumns]int64{colID: id, colStart: start}
	for c := colNode; c < numColumns; c++ {
		if c.isAddress() {
			continue
		}
		v, n := binary.Varint(b)
		if n <= 0 {
			return errDamaged
		}
		t.nums[c], b = v, b[n:]
	}
	for i := range t.addrs {
		if len(b) == 0 || len(b) < 1+int(b[0]) {
			return errDamaged
		}
		n := int(b[0])
		a, ok := netip.AddrFromSlice(b[1 : 1+n])
		if !ok && n > 0 {
			return errDamaged
		}
		t.addrs[i], b = a, b[1+n:]
	}
	if len(b) > 0 {
		return errDamaged
	}
	return nil
}
