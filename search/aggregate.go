package search

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"weir/flow"
)

// By is the grouping of a top-talkers query.
type By uint8

// The groupings.
const (
	BySrc  By = iota // source address
	ByDst            // destination address
	ByPair           // source and destination address
	ByPort           // protocol and destination port
	ByNode           // reporting node
	numBys
)

var byNames = [numBys]string{"src", "dst", "pair", "port", "node"}

// String returns "src", "dst", "pair", "port" or "node".
func (b By) String() string {
	if b < numBys {
		return byNames[b]
	}
	return "by" + strconv.Itoa(int(b))
}

// ByNames returns the names that ParseBy accepts, in order of their values.
func ByNames() []string { return slices.Clone(byNames[:]) }

// ParseBy is the inverse of String.
func ParseBy(s string) (By, error) {
	for b, name := range byNames {
		if s == name {
			return By(b), nil
		}
	}
	return BySrc, fmt.Errorf("unknown grouping %q: expected src, dst, pair, port or node", s)
}

// Talker holds the totals of one group of flows. The By of the query determines
// which key fields are set; the others are zero.
type Talker struct {
	Src   netip.Addr // BySrc, ByPair
	Dst   netip.Addr // ByDst, ByPair
	Proto flow.Proto // ByPort
	Port  uint16     // ByPort: destination port; 0 if the protocol has none
	Node  string     // ByNode

	Flows   int64
	Octets  uint64 // both directions
	Packets uint64 // both directions
}

// Key returns the key of the group in one line. A node name in it is untrusted
// and not yet safe to print.
func (t *Talker) Key(by By) string { return string(t.AppendKey(nil, by)) }

// AppendKey appends the text of Key to b.
func (t *Talker) AppendKey(b []byte, by By) []byte {
	switch by {
	case BySrc:
		return appendAddr(b, t.Src)
	case ByDst:
		return appendAddr(b, t.Dst)
	case ByPair:
		return appendAddr(append(appendAddr(b, t.Src), " > "...), t.Dst)
	case ByPort:
		b = append(b, t.Proto.String()...)
		if t.Proto.HasPorts() {
			b = strconv.AppendUint(append(b, ' '), uint64(t.Port), 10)
		}
		return b
	}
	return append(b, t.Node...)
}

// appendAddr appends the text of a, also of no address, for which AppendTo has none.
func appendAddr(b []byte, a netip.Addr) []byte {
	if !a.IsValid() {
		return append(b, a.String()...)
	}
	return a.AppendTo(b)
}

// Term returns the filter that selects exactly the flows of the group.
func (t *Talker) Term(by By) Expr {
	addr := func(f Field, a netip.Addr) Expr { return Addrs{Field: f, Ranges: []AddrRange{{Lo: a, Hi: a}}} }
	number := func(f Field, n int64) Expr { return Numbers{Field: f, Ranges: []Interval{{Lo: n, Hi: n}}} }
	switch by {
	case BySrc:
		return addr(FieldSrc, t.Src)
	case ByDst:
		return addr(FieldDst, t.Dst)
	case ByPair:
		return And{addr(FieldSrc, t.Src), addr(FieldDst, t.Dst)}
	case ByPort:
		proto := number(FieldProto, int64(t.Proto))
		if !t.Proto.HasPorts() {
			return proto
		}
		return And{proto, number(FieldDport, int64(t.Port))}
	}
	return Names{Field: FieldNode, Patterns: []string{t.Node}}
}

// Bucket holds the totals of the flows that started in an interval of time.
type Bucket struct {
	Start  time.Time     // inclusive, UTC
	Width  time.Duration // greater than 0
	Flows  int64
	Octets uint64 // both directions, over the whole duration of these flows
}
