package db

import (
	"cmp"
	"errors"
	"math/rand/v2"
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

// expected is what a query must return, worked out record by record with
// nothing but package search's words on what each term means.
func expected(recs []flow.Record, q search.Query) []flow.Record {
	var out []flow.Record
	from, to := q.Range.Bounds(epoch)
	for i := range recs {
		r := &recs[i]
		if !from.IsZero() && r.Start.Before(from) || !to.IsZero() && !r.Start.Before(to) {
			continue
		}
		if len(q.Nodes) > 0 && !slices.ContainsFunc(q.Nodes, func(n string) bool { return strings.EqualFold(n, r.Node) || inGroup(strings.ToLower(n), r.Node) }) {
			continue
		}
		if q.Filter == nil || matches(q.Filter, r) {
			out = append(out, *r)
		}
	}
	slices.SortFunc(out, func(a, b flow.Record) int {
		if q.Order == search.Newest {
			a, b = b, a
		}
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID))
	})
	return out
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
				return like(p).MatchString(name)
			})
		})
	case search.FlagTest:
		f := map[search.Field]flow.Flags{search.FieldFlags: r.Flags(), search.FieldSrcFlags: r.SrcSide.Flags, search.FieldDstFlags: r.DstSide.Flags}[x.Field]
		return r.Proto == flow.TCP && f.Has(x.All) && f&x.None == 0 && (x.Any == 0 || f&x.Any != 0) && (!x.Exact || f&^x.All == 0)
	}
	panic("unknown term")
}

// likes keeps the compiled patterns: there are few, and each is asked of every record.
var likes sync.Map

func like(pattern string) *regexp.Regexp {
	re, ok := likes.Load(pattern)
	if !ok {
		re = regexp.MustCompile("(?is)^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$")
		likes.Store(pattern, re)
	}
	return re.(*regexp.Regexp)
}

func addrsOf(f search.Field, r *flow.Record) []netip.Addr {
	switch f {
	case search.FieldSrc:
		return []netip.Addr{r.Src.Addr}
	case search.FieldDst:
		return []netip.Addr{r.Dst.Addr}
	case search.FieldErrorIP:
		return []netip.Addr{r.Error.From}
	}
	return []netip.Addr{r.Src.Addr, r.Dst.Addr}
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
	case search.FieldInterface:
		return []string{r.Interface}
	}
	return slices.Concat(namesOf(search.FieldNode, r), namesOf(search.FieldSnode, r), namesOf(search.FieldDnode, r))
}

// groupsOf are the groups of a node that declareGroups declares, in small letters.
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

// declareGroups puts the nodes of randomRecord into groups.
func declareGroups(t testing.TB, path string) {
	t.Helper()
	inv, err := OpenInventory(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer inv.Close()
	err = errors.Join(inv.AddToGroup(t.Context(), "Edges", []string{"edge", "branch-7"}), inv.AddToGroup(t.Context(), "All-East", []string{"edges", "FW-1"}))
	if err != nil {
		t.Fatal(err)
	}
}

// numbersOf are the numbers that a term looks at, none where the record has no such thing.
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
	case search.FieldDuration:
		return one(int64(r.Duration()))
	case search.FieldRTT:
		if r.RTT() == 0 {
			return nil
		}
		return one(int64(r.RTT()))
	case search.FieldVerdict:
		return one(int64(r.Verdict))
	case search.FieldEndReason:
		return one(int64(r.EndReason))
	case search.FieldOpen:
		if r.Open() {
			return one(1)
		}
		return one(0)
	case search.FieldVLAN:
		return []int64{int64(r.VLAN[0]), int64(r.VLAN[1])}
	case search.FieldTunnel:
		return one(int64(r.Tunnel.Kind))
	case search.FieldTunnelID:
		return one(int64(r.Tunnel.ID))
	case search.FieldSYNRetries:
		return one(int64(r.SYNRetries))
	case search.FieldEnd:
		if r.Open() {
			return nil
		}
		return one(r.Last.UnixNano())
	case search.FieldICMPType, search.FieldICMPCode, search.FieldICMPID:
		if !r.Proto.IsICMP() {
			return nil
		}
		return one(map[search.Field]int64{search.FieldICMPType: int64(r.ICMP.Type), search.FieldICMPCode: int64(r.ICMP.Code), search.FieldICMPID: int64(r.ICMPID)}[f])
	}
	return keptNumbersOf(f, r)
}

// keptNumbersOf are the numbers of what is kept beside the reference's record.
func keptNumbersOf(f search.Field, r *flow.Record) []int64 {
	one := func(n int64) []int64 { return []int64{n} }
	seen := func(all ...flow.Seq32) (out []int64) {
		for _, s := range all {
			if s.Seen {
				out = append(out, int64(s.Value))
			}
		}
		return out
	}
	unlessZero := func(d time.Duration) []int64 {
		if d == 0 {
			return nil
		}
		return one(int64(d))
	}
	s, d := &r.SrcSide, &r.DstSide
	switch f {
	case search.FieldSentPkts:
		return one(int64(r.Sent.Packets))
	case search.FieldRecvPkts:
		return one(int64(r.Recv.Packets))
	case search.FieldServerRTT:
		return unlessZero(r.ServerRTT)
	case search.FieldClientRTT:
		return unlessZero(r.ClientRTT)
	case search.FieldDirection:
		return one(int64(r.Direction))
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
	case search.FieldStart:
		return one(r.Start.UnixNano())
	case search.FieldID:
		return one(r.ID)
	}
	if !r.Error.From.IsValid() {
		return nil
	}
	return one(map[search.Field]int64{search.FieldErrorType: int64(r.Error.Type.Type), search.FieldErrorCode: int64(r.Error.Type.Code)}[f])
}

// randomQuery makes a query over the values that randomRecord uses.
func randomQuery(rng *rand.Rand) search.Query {
	q := search.Query{Order: search.Order(rng.IntN(2)), Limit: pick(rng, -1, 0, 1, 7, 100)}
	at := func() time.Time { return epoch.Add(time.Duration(rng.IntN(2000)) * 50 * time.Millisecond) }
	switch rng.IntN(4) {
	case 0:
		q.Range.From, q.Range.To = at(), at()
	case 1:
		q.Range.From = at()
	case 2:
		q.Range.To = at()
	}
	if rng.IntN(3) == 0 {
		for range 1 + rng.IntN(3) {
			q.Nodes = append(q.Nodes, pick(rng, "fw-1", "EDGE", "nowhere", "", "*", "EDGES", "all-east"))
		}
	}
	if rng.IntN(8) > 0 {
		q.Filter = randomExpr(rng, 3)
	}
	return q
}

func randomExpr(rng *rand.Rand, depth int) search.Expr {
	if depth > 0 && rng.IntN(2) == 0 {
		terms := make([]search.Expr, 2+rng.IntN(2))
		for i := range terms {
			terms[i] = randomExpr(rng, depth-1)
		}
		return pick[search.Expr](rng, search.And(terms), search.Or(terms), search.Not{X: terms[0]})
	}
	switch rng.IntN(4) {
	case 0:
		x := search.Addrs{Field: pick(rng, search.FieldSrc, search.FieldDst, search.FieldIP, search.FieldErrorIP)}
		for range 1 + rng.IntN(3) {
			x.Ranges = append(x.Ranges, randomRange(rng))
		}
		return x
	case 1:
		x := search.Names{Field: pick(rng, search.FieldNode, search.FieldSnode, search.FieldDnode, search.FieldAnyNode, search.FieldInterface, search.FieldGroup)}
		for range 1 + rng.IntN(2) {
			if x.Field == search.FieldGroup {
				x.Patterns = append(x.Patterns, pick(rng, "", "*", "EDGES", "all-east", "*east", "x*"))
				continue
			}
			x.Patterns = append(x.Patterns, pick(rng, "", "*", "fw-1", "FW*", "*7", "*e*", "*-*-*", "any%_", "nowhere", "e*e", "?dge", "edges", "ALL-*"))
		}
		return x
	case 2:
		mask := func() flow.Flags {
			return flow.Flags(rng.IntN(256)) & flow.Flags(rng.IntN(256)) & flow.Flags(rng.IntN(256))
		}
		return search.FlagTest{Field: pick(rng, search.FieldFlags, search.FieldSrcFlags, search.FieldDstFlags),
			All: mask(), None: mask(), Any: mask(), Exact: rng.IntN(4) == 0}
	}
	fields := []search.Field{search.FieldOpen}
	for f := search.FieldNone + 1; !strings.HasPrefix(f.String(), "field-"); f++ {
		if numberValues(f) != nil {
			fields = append(fields, f)
		}
	}
	x := search.Numbers{Field: pick(rng, fields...)}
	for range 1 + rng.IntN(3) {
		bounds := []int64{0, 1, 2, 6, 17, 58, 53, 443, 1000, 1500, 4094, 5001, int64(2 * time.Millisecond), int64(2 * time.Second), 3, 64, 0xffffffff, 1 << 62,
			epoch.Add(40 * time.Second).UnixNano(), epoch.Add(time.Minute).UnixNano(), search.MaxNumber}
		lo, hi := pick(rng, bounds...), pick(rng, bounds...)
		if rng.IntN(2) == 0 {
			hi = lo
		}
		x.Ranges = append(x.Ranges, search.Interval{Lo: min(lo, hi), Hi: max(lo, hi)})
	}
	return x
}

func randomRange(rng *rand.Rand) search.AddrRange {
	for {
		lo, hi := randomAddr(rng), randomAddr(rng)
		if rng.IntN(2) == 0 {
			hi = lo
		}
		if lo.Is4() == hi.Is4() && lo.Compare(hi) <= 0 {
			return search.AddrRange{Lo: lo, Hi: hi}
		}
	}
}
