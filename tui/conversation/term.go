package conversation

import (
	"time"

	"weir/flow"
	"weir/search"
)

const (
	// Span is how far apart two nodes' clocks may be.
	Span = 2 * time.Minute
	// Max is how many records of one conversation are shown.
	Max = 16
)

// Term is the condition that finds a flow at every node, whatever a
// NAT between them did. A NAT leaves TCP's initial sequence numbers and the
// identification of IPv4 packets alone: on a Linux masquerade the ISN pair
// found 66 of 66 flows, and the first IP ids 24 of 24 of UDP and ICMP.
func Term(r *flow.Record) (term search.Expr, how string) {
	number := func(f search.Field, n uint32) search.Expr {
		return search.Numbers{Field: f, Ranges: []search.Interval{{Lo: int64(n), Hi: int64(n)}}}
	}
	terms := search.And{number(search.FieldProto, uint32(r.Proto))}
	src, dst := &r.SrcSide, &r.DstSide
	port := func() {
		if r.Proto.HasPorts() {
			terms = append(terms, number(search.FieldDport, uint32(r.Dst.Port)))
		}
	}
	id := func(s *flow.Side) bool { return s.IPID.Seen && s.IPID.Value != 0 } // 0 is what many send that never fragment
	switch {
	case r.Proto == flow.TCP && src.ISN.Seen && dst.ISN.Seen:
		return append(terms, number(search.FieldSrcISN, src.ISN.Value), number(search.FieldDstISN, dst.ISN.Value)),
			"both initial sequence numbers"
	case r.Proto == flow.TCP && src.ISN.Seen:
		port()
		return append(terms, number(search.FieldSrcISN, src.ISN.Value)), "the source's initial sequence number and the port"
	case id(src) && id(dst):
		port()
		return append(terms, number(search.FieldSrcIPID, src.IPID.Value), number(search.FieldDstIPID, dst.IPID.Value)),
			"the first IP id of both directions"
	case id(src):
		port()
		return append(terms, number(search.FieldSrcIPID, src.IPID.Value)), "the first IP id of one direction, which may be chance"
	}
	return nil, ""
}
