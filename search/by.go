package search

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"weir/flow"
)

// By is a field by which flows can be grouped.
type By uint8

// The fields. A field of another name than ByPair and ByPort is the search field of its name.
const (
	BySrc  By = iota
	ByDst     // destination address
	ByPair    // source and destination address
	ByPort    // protocol and destination port
	ByNode    // reporting node
	ByInterface
	ByVerdict
	ByProto
	BySport
	ByDport
	BySnode
	ByDnode
	ByFlags
	BySrcFlags
	ByDstFlags
	ByEndReason
	ByOpen
	ByDirection
	ByVLAN
	ByTunnel
	ByTunnelID
	ByICMPType
	ByICMPCode
	ByErrorIP
	ByErrorType
	ByErrorCode
	BySYNRetries
	BySrcTTL
	ByDstTTL
	numBys
)

// byFields holds the search field of each grouping; FieldNone: it has more than one.
var byFields = [numBys]Field{
	BySrc: FieldSrc, ByDst: FieldDst, ByNode: FieldNode, ByInterface: FieldInterface, ByVerdict: FieldVerdict, ByProto: FieldProto,
	BySport: FieldSport, ByDport: FieldDport, BySnode: FieldSnode, ByDnode: FieldDnode,
	ByFlags: FieldFlags, BySrcFlags: FieldSrcFlags, ByDstFlags: FieldDstFlags,
	ByEndReason: FieldEndReason, ByOpen: FieldOpen, ByDirection: FieldDirection, ByVLAN: FieldVLAN, ByTunnel: FieldTunnel, ByTunnelID: FieldTunnelID,
	ByICMPType: FieldICMPType, ByICMPCode: FieldICMPCode, ByErrorIP: FieldErrorIP, ByErrorType: FieldErrorType, ByErrorCode: FieldErrorCode,
	BySYNRetries: FieldSYNRetries, BySrcTTL: FieldSrcTTL, ByDstTTL: FieldDstTTL,
}

// Field returns the search field of the grouping, FieldNone for ByPair and ByPort.
func (b By) Field() Field {
	if b < numBys {
		return byFields[b]
	}
	return FieldNone
}

// String returns the name: "src", "pair", "port", or that of the search field.
func (b By) String() string {
	switch {
	case b == ByPair:
		return "pair"
	case b == ByPort:
		return "port"
	case b < numBys:
		return byFields[b].String()
	}
	return "by" + strconv.Itoa(int(b))
}

// ByNames returns the names that ParseBy accepts, in order of their values.
func ByNames() []string {
	names := make([]string, numBys)
	for b := range numBys {
		names[b] = b.String()
	}
	return names
}

// ParseBy is the inverse of String. It also accepts the other names of a search field.
func ParseBy(s string) (By, error) {
	word := strings.ToLower(s)
	for b := range numBys {
		if word == b.String() {
			return b, nil
		}
	}
	for b, f := range byFields {
		if f != FieldNone && slices.Contains(fieldTable[f].Aliases, word) {
			return By(b), nil
		}
	}
	return BySrc, fmt.Errorf("unknown grouping %q: expected %s, or several of them as in src,dport", s, strings.Join(ByNames(), ", "))
}

// Absent is the Number of a value that a flow does not have, such as the ICMP type of TCP.
const Absent = -1

// Value is what the flows of a group share in one field.
type Value struct {
	Addr netip.Addr // of fields of addresses; ByPair: the source
	Peer netip.Addr // ByPair: the destination
	Name string     // of fields of names

	// Number is that of the other fields, as in a filter, or Absent. ByPort: protocol<<16 | port, without
	// port if the protocol has none. ByVLAN: outer<<16 | inner.
	Number int64
}

// CompareValues orders the values of two groups, one field after another.
func CompareValues(a, b []Value) int { return slices.CompareFunc(a, b, Value.compare) }

func (v Value) compare(w Value) int {
	return cmp.Or(v.Addr.Compare(w.Addr), v.Peer.Compare(w.Peer), cmp.Compare(v.Number, w.Number), strings.Compare(v.Name, w.Name))
}

// proto and port are those of a value of ByPort.
func (v Value) proto() flow.Proto { return flow.Proto(v.Number >> 16) }
func (v Value) port() uint16      { return uint16(v.Number) }

// vlans are those of a value of ByVLAN.
func (v Value) vlans() flow.VLANs { return flow.VLANs{uint16(v.Number >> 16), uint16(v.Number)} }

// PortOf returns the value of ByPort that flows to a port have.
func PortOf(p flow.Proto, port uint16) Value {
	n := int64(p) << 16
	if p.HasPorts() {
		n |= int64(port)
	}
	return Value{Number: n}
}

// Service returns the name of the service of a value of ByPort or ByDport; empty: none is known.
func (b By) Service(v Value) string {
	if b == ByPort && v.proto().HasPorts() || b == ByDport {
		return ServiceName(v.port())
	}
	return ""
}

// AppendValue appends the text of a value, which is empty if there is none.
func (b By) AppendValue(dst []byte, v Value) []byte {
	switch b {
	case ByPair:
		return appendAddr(append(appendAddr(dst, v.Addr), " > "...), v.Peer)
	case ByPort:
		dst = append(dst, v.proto().String()...)
		if v.proto().HasPorts() {
			dst = strconv.AppendUint(append(dst, ' '), uint64(v.port()), 10)
		}
		return dst
	case ByVLAN:
		return append(dst, v.vlans().String()...)
	case ByErrorIP:
		if !v.Addr.IsValid() {
			return dst
		}
	}
	info := &fieldTable[b.Field()]
	switch {
	case info.Kind == KindAddr:
		return appendAddr(dst, v.Addr)
	case info.Kind == KindName:
		return append(dst, v.Name...)
	case v.Number == Absent:
		return dst
	case info.Kind == KindEnum && uint64(v.Number) < uint64(len(info.Words)):
		return append(dst, info.Words[v.Number]...)
	case info.Kind == KindProto:
		return append(dst, flow.Proto(v.Number).String()...)
	case info.Kind == KindFlags:
		return append(dst, flow.Flags(v.Number).Hex()...)
	}
	return strconv.AppendInt(dst, v.Number, 10)
}

// appendAddr appends the text of a, also of no address, for which AppendTo has none.
func appendAddr(b []byte, a netip.Addr) []byte {
	if !a.IsValid() {
		return append(b, a.String()...)
	}
	return a.AppendTo(b)
}

// term returns the filter that selects the flows with a value.
func (b By) term(v Value) Expr {
	f := b.Field()
	addr := func(f Field, a netip.Addr) Expr { return Addrs{Field: f, Ranges: []AddrRange{{Lo: a, Hi: a}}} }
	number := func(f Field, n int64) Expr { return Numbers{Field: f, Ranges: []Interval{{Lo: n, Hi: n}}} }
	switch b {
	case ByPair:
		return And{addr(FieldSrc, v.Addr), addr(FieldDst, v.Peer)}
	case ByPort:
		proto := number(FieldProto, int64(v.proto()))
		if !v.proto().HasPorts() {
			return proto
		}
		return And{proto, number(FieldDport, int64(v.port()))}
	case ByVLAN:
		tags := v.vlans()
		switch {
		case tags == flow.VLANs{}:
			return Not{X: presence(FieldVLAN)}
		case tags[0] == 0 || tags[1] == 0:
			return number(FieldVLAN, int64(tags[0]|tags[1]))
		}
		return And{number(FieldVLAN, int64(tags[0])), number(FieldVLAN, int64(tags[1]))}
	case ByErrorIP:
		if !v.Addr.IsValid() {
			return Not{X: presence(f)}
		}
	case BySrcTTL, ByDstTTL:
		if v.Number == 0 {
			return Not{X: presence(f)}
		}
	}
	switch kind := fieldTable[f].Kind; {
	case kind == KindAddr:
		return addr(f, v.Addr)
	case kind == KindName:
		return Names{Field: f, Patterns: []string{v.Name}}
	case kind == KindFlags && v.Number == Absent:
		return Not{X: number(FieldProto, int64(flow.TCP))}
	case kind == KindFlags:
		return FlagTest{Field: f, All: flow.Flags(v.Number), Exact: true}
	case v.Number == Absent:
		return Not{X: presence(f)}
	}
	return number(f, v.Number)
}
