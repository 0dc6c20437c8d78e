package storetest

import (
	"cmp"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

// Matching is the reference implementation of a search: it returns the records
// that match q, in its order and without its limit. It evaluates every record
// according to the documentation of package search, with the groups of
// DeclareGroups.
func Matching(recs []flow.Record, q search.Query) []flow.Record {
	var out []flow.Record
	from, to := q.Range.Bounds(Now)
	for i := range recs {
		r := &recs[i]
		if !active(r, from, to) {
			continue
		}
		if len(q.Nodes) > 0 && !slices.ContainsFunc(q.Nodes, func(n string) bool { return strings.EqualFold(n, r.Node) || inGroup(strings.ToLower(n), r.Node) }) {
			continue
		}
		if q.Filter == nil || matches(q.Filter, r) {
			out = append(out, *r)
		}
	}
	slices.SortFunc(out, func(a, b flow.Record) int { return compare(q.Order, &a, &b) })
	return out
}

// active reports whether a flow was active at or after from and before to, where zero times mean unbounded. A
// range that ends before it begins has no flows.
func active(r *flow.Record, from, to time.Time) bool {
	if !from.IsZero() && !to.IsZero() && !from.Before(to) || !to.IsZero() && !r.Start.Before(to) {
		return false
	}
	return from.IsZero() || r.Open() || !lastActive(r).Before(from)
}

// lastActive returns the time of the last packet, or of the first one if that is later.
func lastActive(r *flow.Record) time.Time {
	if r.Last.Before(r.Start) {
		return r.Start
	}
	return r.Last
}

// orderedBy returns the number by which an order sorts; ok is false if it is not known.
func orderedBy(order search.Order, r *flow.Record) (n int64, ok bool) {
	switch f := order.Field(); {
	case f == search.FieldEnd && !r.Open():
		return r.Last.UnixNano(), !r.Last.IsZero()
	case (f == search.FieldSport || f == search.FieldDport) && !r.Proto.HasPorts(),
		f == search.FieldSYNRetries && r.Proto != flow.TCP,
		f == search.FieldSrcTTL && r.SrcSide.MinTTL == 0, f == search.FieldDstTTL && r.DstSide.MinTTL == 0:
		return 0, false
	}
	numbers := numbersOf(order.Field(), r)
	if len(numbers) == 0 {
		return 0, false
	}
	return numbers[0], true
}

// compare returns a negative number if a comes before b.
func compare(order search.Order, a, b *flow.Record) int {
	if !order.ByStart() {
		n, known := orderedBy(order, a)
		m, alsoKnown := orderedBy(order, b)
		switch {
		case known && !alsoKnown:
			return -1
		case alsoKnown && !known:
			return 1
		case known && n != m:
			return map[bool]int{true: -1, false: 1}[n < m == order.SmallestFirst()]
		}
		return cmp.Or(b.Start.Compare(a.Start), cmp.Compare(b.ID, a.ID))
	}
	switch fromFuture := b.Start.After(Now.Add(futureSlack)); {
	case a.Start.After(Now.Add(futureSlack)) == fromFuture:
	case fromFuture:
		return -1
	default:
		return 1
	}
	if order == search.Newest {
		a, b = b, a
	}
	return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID))
}

func matches(x search.Expr, r *flow.Record) bool {
	is := func(x search.Expr) bool { return matches(x, r) }
	switch x := x.(type) {
	case search.And:
		return !slices.ContainsFunc(x, func(y search.Expr) bool { return !is(y) })
	case search.Or:
		return slices.ContainsFunc(x, is)
	case search.Not:
		return !is(x.X)
	case search.Addrs:
		return slices.ContainsFunc(addrsOf(x.Field, r), func(a netip.Addr) bool {
			return slices.ContainsFunc(x.Ranges, func(in search.AddrRange) bool {
				return a.Is4() == in.Lo.Is4() && a.IsValid() && in.Lo.Compare(a) <= 0 && a.Compare(in.Hi) <= 0
			})
		})
	case search.Numbers:
		return slices.ContainsFunc(numbersOf(x.Field, r), func(n int64) bool {
			return slices.ContainsFunc(x.Ranges, func(in search.Interval) bool { return in.Lo <= n && n <= in.Hi })
		})
	case search.Names:
		if x.Field == search.FieldGroup && slices.Contains(x.Patterns, "") && len(groupsOf(r.Node)) == 0 {
			return true
		}
		return slices.ContainsFunc(namesOf(x.Field, r), func(name string) bool {
			return slices.ContainsFunc(x.Patterns, func(p string) bool {
				return compilePattern(p).MatchString(name)
			})
		})
	case search.FlagTest:
		f := map[search.Field]flow.Flags{search.FieldFlags: r.Flags(), search.FieldSrcFlags: r.SrcSide.Flags, search.FieldDstFlags: r.DstSide.Flags}[x.Field]
		return r.Proto == flow.TCP && f.Has(x.All) && f&x.None == 0 && (x.Any == 0 || f&x.Any != 0) && (!x.Exact || f&^x.All == 0)
	}
	panic(fmt.Sprintf("unknown term %#v", x))
}

// patterns caches compiled patterns: there are few, and each is matched against
// every record.
var patterns sync.Map

func compilePattern(pattern string) *regexp.Regexp {
	re, ok := patterns.Load(pattern)
	if !ok {
		re = regexp.MustCompile("(?is)^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$")
		patterns.Store(pattern, re)
	}
	return re.(*regexp.Regexp)
}

func addrsOf(f search.Field, r *flow.Record) []netip.Addr {
	switch f {
	case search.FieldSrc:
		return []netip.Addr{r.Src.Addr}
	case search.FieldDst:
		return []netip.Addr{r.Dst.Addr}
	case search.FieldIP:
		return []netip.Addr{r.Src.Addr, r.Dst.Addr}
	case search.FieldErrorIP:
		return []netip.Addr{r.Error.From}
	}
	panic(unsupported(f))
}

func namesOf(f search.Field, r *flow.Record) []string {
	switch f {
	case search.FieldGroup:
		return groupsOf(r.Node)
	case search.FieldNode:
		return append(groupsOf(r.Node), r.Node)
	case search.FieldSnode:
		return append(groupsOf(r.Src.Node), r.Src.Node)
	case search.FieldDnode:
		return append(groupsOf(r.Dst.Node), r.Dst.Node)
	case search.FieldAnyNode:
		return slices.Concat(namesOf(search.FieldNode, r), namesOf(search.FieldSnode, r), namesOf(search.FieldDnode, r))
	case search.FieldInterface:
		if r.ReplyInterface != "" {
			return []string{r.Interface, r.ReplyInterface}
		}
		return []string{r.Interface}
	case search.FieldReplyInterface:
		return []string{r.ReplyInterface}
	}
	panic(unsupported(f))
}

// unsupported returns the message for a field that the matcher does not implement.
func unsupported(f search.Field) string { return fmt.Sprintf("field %s is not implemented", f) }

// groupsOf returns the groups of a node from DeclareGroups, in lower case.
func groupsOf(node string) []string {
	switch strings.ToLower(node) {
	case "edge", "branch-7":
		return []string{"edges", "all-east"}
	case "fw-1":
		return []string{"all-east"}
	}
	return nil
}

func inGroup(group, node string) bool { return slices.Contains(groupsOf(node), group) }

// DeclareGroups adds the nodes of random records to groups.
func DeclareGroups(t testing.TB, s GroupMaker) {
	t.Helper()
	for _, g := range []struct {
		name    string
		members []string
	}{{"Edges", []string{"edge", "branch-7"}}, {"All-East", []string{"edges", "FW-1"}}} {
		if err := s.AddToGroup(t.Context(), g.name, g.members); err != nil {
			t.Fatal(err)
		}
	}
}

// numbersOf returns the numbers of a field, none if the record does not have it.
func numbersOf(f search.Field, r *flow.Record) []int64 {
	one := func(n int64) []int64 { return []int64{n} }
	switch f {
	case search.FieldSport:
		return one(int64(r.Src.Port))
	case search.FieldDport:
		return one(int64(r.Dst.Port))
	case search.FieldPort:
		return []int64{int64(r.Src.Port), int64(r.Dst.Port)}
	case search.FieldProto:
		return one(int64(r.Proto))
	case search.FieldBytes:
		return one(int64(min(r.Sent.Octets+r.Recv.Octets, 1<<63-1)))
	case search.FieldSent:
		return one(int64(r.Sent.Octets))
	case search.FieldRecv:
		return one(int64(r.Recv.Octets))
	case search.FieldPackets:
		return one(int64(r.Sent.Packets + r.Recv.Packets))
	case search.FieldSentPkts:
		return one(int64(r.Sent.Packets))
	case search.FieldRecvPkts:
		return one(int64(r.Recv.Packets))
	case search.FieldVerdict:
		return one(int64(r.Verdict))
	case search.FieldEndReason:
		return one(int64(r.EndReason))
	case search.FieldOpen:
		if r.Open() {
			return one(1)
		}
		return one(0)
	case search.FieldDirection:
		return one(int64(r.Direction))
	case search.FieldVLAN:
		return []int64{int64(r.VLAN[0]), int64(r.VLAN[1])}
	case search.FieldTunnel:
		return one(int64(r.Tunnel.Kind))
	case search.FieldTunnelID:
		return one(int64(r.Tunnel.ID))
	case search.FieldSYNRetries:
		return one(int64(r.SYNRetries))
	case search.FieldID:
		return one(r.ID)
	}
	return timesOf(f, r)
}

// timesOf returns the numbers of times and durations.
func timesOf(f search.Field, r *flow.Record) []int64 {
	unlessZero := func(d time.Duration) []int64 {
		if d == 0 {
			return nil
		}
		return []int64{int64(d)}
	}
	switch f {
	case search.FieldStart:
		return []int64{since1970(r.Start)}
	case search.FieldEnd:
		if r.Open() {
			return nil
		}
		return []int64{since1970(r.Last)}
	case search.FieldDuration:
		return []int64{int64(r.Duration())}
	case search.FieldRTT:
		return unlessZero(r.RTT())
	case search.FieldServerRTT:
		return unlessZero(r.ServerRTT)
	case search.FieldClientRTT:
		return unlessZero(r.ClientRTT)
	}
	return headersOf(f, r)
}

// since1970 returns t in nanoseconds since 1970. The language has no negative
// numbers: an unknown time counts as the earliest, so "start:<14:00" matches it.
func since1970(t time.Time) int64 {
	if t.Before(time.Unix(0, 0)) {
		return 0
	}
	return t.UnixNano()
}

// headersOf returns the numbers that come from headers of individual packets.
func headersOf(f search.Field, r *flow.Record) []int64 {
	one := func(n int64) []int64 { return []int64{n} }
	seen := func(all ...flow.Seq32) (out []int64) {
		for _, s := range all {
			if s.Seen {
				out = append(out, int64(s.Value))
			}
		}
		return out
	}
	s, d := &r.SrcSide, &r.DstSide
	switch f {
	case search.FieldTTL:
		return []int64{int64(s.MinTTL), int64(d.MinTTL)}
	case search.FieldSrcTTL:
		return one(int64(s.MinTTL))
	case search.FieldDstTTL:
		return one(int64(d.MinTTL))
	case search.FieldISN:
		return seen(s.ISN, d.ISN)
	case search.FieldSrcISN:
		return seen(s.ISN)
	case search.FieldDstISN:
		return seen(d.ISN)
	case search.FieldIPID:
		return seen(s.IPID, d.IPID)
	case search.FieldSrcIPID:
		return seen(s.IPID)
	case search.FieldDstIPID:
		return seen(d.IPID)
	case search.FieldICMPType, search.FieldICMPCode, search.FieldICMPID:
		if !r.Proto.IsICMP() {
			return nil
		}
		return one(map[search.Field]int64{search.FieldICMPType: int64(r.ICMP.Type), search.FieldICMPCode: int64(r.ICMP.Code), search.FieldICMPID: int64(r.ICMPID)}[f])
	case search.FieldErrorType, search.FieldErrorCode:
		if !r.Error.From.IsValid() {
			return nil
		}
		return one(map[search.Field]int64{search.FieldErrorType: int64(r.Error.Type.Type), search.FieldErrorCode: int64(r.Error.Type.Code)}[f])
	}
	return healthOf(f, r)
}

// healthOf returns the numbers of payload and TCP health.
func healthOf(f search.Field, r *flow.Record) []int64 {
	n := func(known bool, both ...uint64) []int64 {
		sum := uint64(0)
		for _, n := range both {
			sum += n
		}
		if !known {
			return nil
		}
		return []int64{int64(min(sum, 1<<63-1))}
	}
	s, d := &r.SrcSide, &r.DstSide
	counted := !r.Uncounted
	tcp := counted && r.Proto == flow.TCP
	switch f {
	case search.FieldPayload:
		return n(counted, s.Payload, d.Payload)
	case search.FieldSentPayload:
		return n(counted, s.Payload)
	case search.FieldRecvPayload:
		return n(counted, d.Payload)
	case search.FieldRetrans:
		return n(tcp, s.Retransmitted.Packets, d.Retransmitted.Packets)
	case search.FieldSentRetrans:
		return n(tcp, s.Retransmitted.Packets)
	case search.FieldRecvRetrans:
		return n(tcp, d.Retransmitted.Packets)
	case search.FieldRetransBytes:
		return n(tcp, s.Retransmitted.Octets, d.Retransmitted.Octets)
	case search.FieldOutOfOrder:
		return n(tcp, s.OutOfOrder, d.OutOfOrder)
	case search.FieldZeroWindow:
		return n(tcp, s.ZeroWindows, d.ZeroWindows)
	case search.FieldRTTMin:
		return n(s.RTTMin+d.RTTMin > 0, uint64(s.RTTMin), uint64(d.RTTMin))
	case search.FieldRTTMean:
		return n(s.RTTMean+d.RTTMean > 0, uint64(s.RTTMean), uint64(d.RTTMean))
	}
	panic(unsupported(f))
}
