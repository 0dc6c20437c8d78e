package db

import (
	"database/sql/driver"
	"fmt"
	"math"
	"net/netip"
	"time"

	"weir/flow"
)

// zeroTime stands for the zero time.Time in a column of nanoseconds since
// 1970. It lies in the year 1677, before any time that can be stored.
const zeroTime = math.MinInt64

// flowColumns are the columns of flows in the order in which bindFlow writes
// and scanFlow reads them. The first three never change under the two indexes
// without their entries changing too; see inserter.
var flowColumns = [...]string{
	"id", "start_ns", "node_id", "duration_ns", "proto", "src_ip", "dst_ip", "src_port", "dst_port",
	"src_node_id", "dst_node_id", "src_flags", "dst_flags", "sent_octets", "recv_octets", "sent_packets", "recv_packets",
	"end_reason", "verdict", "interface_id", "server_rtt_ns", "client_rtt_ns", "syn_retries", "icmp_type", "icmp_code",
	"vlan_outer", "vlan_inner", "tunnel_kind", "tunnel_id", "direction", "icmp_id", "src_isn", "dst_isn",
	"src_ip_id", "dst_ip_id", "src_min_ttl", "dst_min_ttl", "error_ip", "error_type", "error_code",
}

// keyColumns is how many of flowColumns identify a row and its index entries.
const keyColumns = 3

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

// addrBlob is an address as it is stored: 4 or 16 bytes in network order,
// none for the invalid address.
func addrBlob(a netip.Addr) []byte {
	switch a = a.Unmap(); {
	case a.Is4():
		b := a.As4()
		return b[:]
	case a.Is6():
		b := a.As16()
		return b[:]
	}
	return []byte{}
}

// counter is a count as it is stored. SQLite's integers end at 2^63-1, and a
// larger number, which only a broken exporter can claim, is stored as that.
func counter(n uint64) int64 { return int64(min(n, math.MaxInt64)) }

// seq is a number that may not have been seen: NULL then.
func seq(s flow.Seq32) driver.Value {
	if !s.Seen {
		return nil
	}
	return int64(s.Value)
}

// nameIDs are the dictionary ids of a record's names.
type nameIDs struct{ node, iface, src, dst int64 }

// bindFlow sets the values of args, one for each of flowColumns.
func bindFlow(args []driver.NamedValue, r *flow.Record, names nameIDs) {
	i := 0
	put := func(v driver.Value) {
		args[i].Value = v
		i++
	}
	num := func(vs ...int64) {
		for _, v := range vs {
			put(v)
		}
	}
	start := nanos(r.Start)
	num(r.ID, start, names.node, nanos(r.Last)-start, int64(r.Proto))
	put(addrBlob(r.Src.Addr))
	put(addrBlob(r.Dst.Addr))
	num(int64(r.Src.Port), int64(r.Dst.Port), names.src, names.dst, int64(r.SrcSide.Flags), int64(r.DstSide.Flags))
	num(counter(r.Sent.Octets), counter(r.Recv.Octets), counter(r.Sent.Packets), counter(r.Recv.Packets))
	num(int64(r.EndReason), int64(r.Verdict), names.iface, int64(r.ServerRTT), int64(r.ClientRTT), int64(r.SYNRetries))
	num(int64(r.ICMP.Type), int64(r.ICMP.Code), int64(r.VLAN[0]), int64(r.VLAN[1]))
	num(int64(r.Tunnel.Kind), int64(r.Tunnel.ID), int64(r.Direction), int64(r.ICMPID))
	put(seq(r.SrcSide.ISN))
	put(seq(r.DstSide.ISN))
	put(seq(r.SrcSide.IPID))
	put(seq(r.DstSide.IPID))
	num(int64(r.SrcSide.MinTTL), int64(r.DstSide.MinTTL))
	put(addrBlob(r.Error.From))
	num(int64(r.Error.Type.Type), int64(r.Error.Type.Code))
}

// rowScanner takes the values of a row one after the other. The first that
// has not the expected type ends it: err says which.
type rowScanner struct {
	values []driver.Value
	next   int
	err    error
}

func (s *rowScanner) int() int64 {
	v := s.values[s.next]
	s.next++
	n, ok := v.(int64)
	if !ok {
		s.fail(v, "an integer")
	}
	return n
}

func (s *rowScanner) addr() netip.Addr {
	v := s.values[s.next]
	s.next++
	b, ok := v.([]byte)
	if len(b) == 0 && ok {
		return netip.Addr{}
	}
	a, valid := netip.AddrFromSlice(b)
	if !valid {
		s.fail(v, "an address of 4 or 16 bytes")
	}
	return a
}

func (s *rowScanner) seq() flow.Seq32 {
	if s.values[s.next] == nil {
		s.next++
		return flow.Seq32{}
	}
	return flow.Seq32{Value: uint32(s.int()), Seen: true}
}

func (s *rowScanner) fail(v driver.Value, want string) {
	if s.err == nil {
		s.err = fmt.Errorf("column %s holds %v instead of %s: the flow store is damaged", flowColumns[s.next-1], v, want)
	}
}

// scanFlow undoes bindFlow.
func scanFlow(values []driver.Value, names *dictionary, r *flow.Record) error {
	s := rowScanner{values: values}
	r.ID = s.int()
	start := s.int()
	r.Start = timeOf(start)
	r.Node = names.name(s.int())
	r.Last = timeOf(start + s.int())
	r.Proto = flow.Proto(s.int())
	r.Src.Addr, r.Dst.Addr = s.addr(), s.addr()
	r.Src.Port, r.Dst.Port = uint16(s.int()), uint16(s.int())
	r.Src.Node, r.Dst.Node = names.name(s.int()), names.name(s.int())
	r.SrcSide.Flags, r.DstSide.Flags = flow.Flags(s.int()), flow.Flags(s.int())
	r.Sent.Octets, r.Recv.Octets = uint64(s.int()), uint64(s.int())
	r.Sent.Packets, r.Recv.Packets = uint64(s.int()), uint64(s.int())
	r.EndReason, r.Verdict = flow.EndReason(s.int()), flow.Verdict(s.int())
	r.Interface = names.name(s.int())
	r.ServerRTT, r.ClientRTT = time.Duration(s.int()), time.Duration(s.int())
	r.SYNRetries = uint16(s.int())
	r.ICMP = flow.ICMPType{Type: uint8(s.int()), Code: uint8(s.int())}
	r.VLAN = flow.VLANs{uint16(s.int()), uint16(s.int())}
	r.Tunnel.Kind, r.Tunnel.ID = flow.TunnelKind(s.int()), uint32(s.int())
	r.Direction, r.ICMPID = flow.Direction(s.int()), uint16(s.int())
	r.SrcSide.ISN, r.DstSide.ISN = s.seq(), s.seq()
	r.SrcSide.IPID, r.DstSide.IPID = s.seq(), s.seq()
	r.SrcSide.MinTTL, r.DstSide.MinTTL = uint8(s.int()), uint8(s.int())
	r.Error.From = s.addr()
	r.Error.Type = flow.ICMPType{Type: uint8(s.int()), Code: uint8(s.int())}
	return s.err
}
