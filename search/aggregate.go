package search

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"time"
)

// Grouping is the fields whose values the flows of a group share.
type Grouping []By

// ParseGrouping is the inverse of String.
func ParseGrouping(s string) (Grouping, error) {
	var g Grouping
	for word := range strings.SplitSeq(s, ",") {
		b, err := ParseBy(strings.TrimSpace(word))
		if err != nil {
			return nil, err
		}
		g = append(g, b)
	}
	return g, g.Check()
}

// Check returns an error for a grouping that a store refuses: without fields, with too many, with an
// unknown one, or with one twice.
func (g Grouping) Check() error {
	if len(g) == 0 || len(g) > MaxBys {
		return fmt.Errorf("invalid grouping by %d fields: expected 1 to %d", len(g), MaxBys)
	}
	for i, b := range g {
		if b >= numBys {
			return fmt.Errorf("unknown grouping %q", b)
		}
		if slices.Contains(g[:i], b) {
			return fmt.Errorf("duplicate grouping %s: name it once", b)
		}
	}
	return nil
}

// String returns the names of the fields with commas between them.
func (g Grouping) String() string {
	names := make([]string, len(g))
	for i, b := range g {
		names[i] = b.String()
	}
	return strings.Join(names, ",")
}

// PeersAreSources reports whether the peers of a group are sources of its flows. They are destinations
// if the flows of a group share their source.
func (g Grouping) PeersAreSources() bool {
	return !slices.Contains(g, BySrc) && !slices.Contains(g, ByPair)
}

// Talker is one group of flows.
type Talker struct {
	Values []Value // one for each field of the grouping
	Sums
}

// Sums are the totals of a group of flows.
type Sums struct {
	Flows       int64
	Octets      uint64    // both directions
	Packets     uint64    // both directions
	Sent, Recv  uint64    // octets, as seen from the sources
	First, Last time.Time // earliest start and latest packet, UTC; zero if not known of any flow
	Peers       int64     // distinct destinations, or sources: Grouping.PeersAreSources
	Ports       int64     // distinct destination ports, each with its protocol
}

// Rate returns octets per second from the first packet to the last; 0 if that is no time.
func (s *Sums) Rate() uint64 {
	ns := uint64(s.Last.Sub(s.First))
	if !s.First.Before(s.Last) {
		return 0
	}
	hi, lo := bits.Mul64(s.Octets, uint64(time.Second))
	if hi >= ns {
		return 1<<64 - 1
	}
	rate, _ := bits.Div64(hi, lo, ns)
	return rate
}

// Share returns the octets as a part of those of all flows, 0 to 1.
func (s *Sums) Share(all *Sums) float64 {
	if all.Octets == 0 {
		return 0
	}
	return float64(s.Octets) / float64(all.Octets)
}

// Talkers is the answer to a [TopRequest].
type Talkers struct {
	Rows   []Talker
	Groups int64 // how many there are
	Total  Sums  // of all groups; without Peers and Ports
}

// TopRequest asks for the first N groups of flows in an order. All flows that match the query count: its
// limit and order are ignored.
type TopRequest struct {
	Request
	By      Grouping
	Order   SumColumn
	Reverse bool // smallest first; by key: last first
	N       int
}

// SumColumn is a column of the sums, by which they can be ordered. Largest first; keys ascend.
type SumColumn uint8

// The columns.
const (
	SumBytes SumColumn = iota
	SumFlows
	SumPackets
	SumSent
	SumRecv
	SumShare // ordered like SumBytes
	SumRate
	SumPeers
	SumPorts
	SumKey // by value: addresses and numbers are not ordered as text
	numSums
)

var sumNames = [numSums]string{"bytes", "flows", "packets", "sent", "recv", "share", "rate", "peers", "ports", "key"}

// String returns the name of the column: "bytes".
func (c SumColumn) String() string {
	if c < numSums {
		return sumNames[c]
	}
	return fmt.Sprintf("sum-%d", uint8(c))
}

// SumNames returns the names that ParseSumColumn accepts, in order of their values.
func SumNames() []string { return slices.Clone(sumNames[:]) }

// ParseSumColumn is the inverse of String.
func ParseSumColumn(s string) (SumColumn, error) {
	if i := slices.Index(sumNames[:], s); i >= 0 {
		return SumColumn(i), nil
	}
	return 0, fmt.Errorf("unknown column %q of sums: expected %s", s, strings.Join(sumNames[:], ", "))
}

// Measure returns the number by which a column orders groups; 0 for SumKey.
func (c SumColumn) Measure(s *Sums) uint64 {
	switch c {
	case SumBytes, SumShare:
		return s.Octets
	case SumFlows:
		return uint64(s.Flows)
	case SumPackets:
		return s.Packets
	case SumSent:
		return s.Sent
	case SumRecv:
		return s.Recv
	case SumRate:
		return s.Rate()
	case SumPeers:
		return uint64(s.Peers)
	case SumPorts:
		return uint64(s.Ports)
	}
	return 0
}

// Compare orders two groups as the request asks, the first one less. Equal ones are ordered by octets and
// flows, largest first, then by key as text.
func (q *TopRequest) Compare(a, b *Talker) int {
	order := cmp.Compare(q.Order.Measure(&b.Sums), q.Order.Measure(&a.Sums))
	if q.Order == SumKey {
		order = CompareValues(a.Values, b.Values)
	}
	if q.Reverse {
		order = -order
	}
	return cmp.Or(order, cmp.Compare(b.Octets, a.Octets), cmp.Compare(b.Flows, a.Flows), strings.Compare(a.Key(q.By), b.Key(q.By)))
}

// Key returns the key of the group in one line: the values of its fields, as "10.0.0.1 > 10.0.0.2" or
// "10.0.0.1, refused". A name in it is untrusted and not yet safe to print.
func (t *Talker) Key(g Grouping) string { return string(t.AppendKey(nil, g)) }

// AppendKey appends the text of Key to b.
func (t *Talker) AppendKey(b []byte, g Grouping) []byte {
	for i, by := range g {
		switch {
		case i > 0 && g[i-1] == BySrc && by == ByDst:
			b = append(b, " > "...)
		case i > 0:
			b = append(b, ", "...)
		}
		b = by.AppendValue(b, t.Values[i])
	}
	return b
}

// Term returns the filter that selects the flows of the group. It selects more where the language can't
// tell groups apart: names that differ in case, a VLAN tag alone and as one of two.
func (t *Talker) Term(g Grouping) Expr {
	terms := make(And, len(g))
	for i, by := range g {
		terms[i] = by.term(t.Values[i])
	}
	if len(terms) == 1 {
		return terms[0]
	}
	var flat And
	for _, x := range terms {
		if and, ok := x.(And); ok {
			flat = append(flat, and...)
		} else {
			flat = append(flat, x)
		}
	}
	return flat
}

// Bucket holds the totals of an interval of time. The counters of a flow are spread evenly over its
// duration, and each bucket has the part that falls into it, so that all buckets add up to the total.
type Bucket struct {
	Start   time.Time     // inclusive, UTC
	Width   time.Duration // greater than 0
	Flows   int64         // active at some time of the interval; open ones from their start on
	Started int64         // flows whose first packet is in the interval
	Octets  uint64        // both directions
	Packets uint64        // both directions
}
