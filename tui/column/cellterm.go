package column

import (
	"weir/flow"
	"weir/search"
)

// Term returns the filter term for the value that column c shows of r. If there is
// none, why says so in a sentence for the user.
func Term(c Column, r *flow.Record) (term search.Expr, why string) {
	number := func(f search.Field, n int64) (search.Expr, string) {
		return search.Numbers{Field: f, Ranges: []search.Interval{{Lo: n, Hi: n}}}, ""
	}
	name := func(f search.Field, s string) (search.Expr, string) {
		return search.Names{Field: f, Patterns: []string{s}}, ""
	}
	switch c {
	case Start:
		return nil, "START is a time: set the range, or filter by start>=14:05"
	case End:
		if r.Open() {
			return number(search.FieldOpen, 1)
		}
		return nil, "END is a time: filter by end>=14:05, or duration:>5s"
	case Proto:
		return number(search.FieldProto, int64(r.Proto))
	case SrcNode:
		return name(search.FieldSnode, r.Src.Node)
	case DstNode:
		return name(search.FieldDnode, r.Dst.Node)
	case Node:
		return name(search.FieldNode, r.Node)
	case SrcIP:
		return search.Addrs{Field: search.FieldSrc, Ranges: []search.AddrRange{{Lo: r.Src.Addr, Hi: r.Src.Addr}}}, ""
	case DstIP:
		return search.Addrs{Field: search.FieldDst, Ranges: []search.AddrRange{{Lo: r.Dst.Addr, Hi: r.Dst.Addr}}}, ""
	case Recv:
		return number(search.FieldRecv, int64(min(r.Recv.Octets, search.MaxNumber)))
	case Sent:
		return number(search.FieldSent, int64(min(r.Sent.Octets, search.MaxNumber)))
	case Verdict:
		return number(search.FieldVerdict, int64(r.Verdict))
	}
	return portTerm(c, r)
}

// portTerm is Term for the columns that are empty for some protocols.
func portTerm(c Column, r *flow.Record) (term search.Expr, why string) {
	number := func(f search.Field, n int64) search.Expr {
		return search.Numbers{Field: f, Ranges: []search.Interval{{Lo: n, Hi: n}}}
	}
	switch {
	case c >= Payload:
		return fieldTerm(c, r)
	case c == Flags && r.HasFlags():
		return search.FlagTest{Field: search.FieldFlags, All: r.Flags(), Exact: true}, ""
	case c == Flags:
		return nil, "only TCP has flags"
	case c == DstPort && r.Proto.IsICMP():
		return search.And{
			number(search.FieldICMPType, int64(r.ICMP.Type)),
			number(search.FieldICMPCode, int64(r.ICMP.Code)),
		}, ""
	case !r.Proto.HasPorts():
		return nil, r.Proto.String() + " has no ports"
	case c == SrcPort:
		return number(search.FieldSport, int64(r.Src.Port)), ""
	case c == DstPort:
		return number(search.FieldDport, int64(r.Dst.Port)), ""
	}
	return nil, "" // not reached: a test checks that every column has a term or a reason
}
