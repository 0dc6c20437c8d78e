package storetest

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

// talkers is the reference implementation of Top.
func talkers(recs []flow.Record, q search.TopRequest) search.Talkers {
	groups := map[string]*talker{}
	out := search.Talkers{Total: search.Sums{}}
	from, to := q.Range.Bounds(Now)
	for i := range recs {
		r := &recs[i]
		var values []search.Value
		for _, by := range q.By {
			values = append(values, valueOf(by, r))
		}
		key := fmt.Sprint(values)
		if groups[key] == nil {
			groups[key] = &talker{Talker: search.Talker{Values: values}, peers: map[netip.Addr]bool{}, ports: map[search.Value]bool{}}
		}
		groups[key].add(r, q.By, from, to)
		addSums(&out.Total, r, from, to)
	}
	for _, t := range groups {
		t.Peers, t.Ports = int64(len(t.peers)), int64(len(t.ports))
		out.Rows = append(out.Rows, t.Talker)
	}
	out.Groups = int64(len(groups))
	slices.SortFunc(out.Rows, func(a, b search.Talker) int { return q.Compare(&a, &b) })
	out.Rows = out.Rows[:min(max(q.N, 0), len(out.Rows))]
	return out
}

// talker is a group and its distinct values.
type talker struct {
	search.Talker
	peers map[netip.Addr]bool
	ports map[search.Value]bool
}

func (t *talker) add(r *flow.Record, g search.Grouping, from, to time.Time) {
	addSums(&t.Sums, r, from, to)
	peer := r.Dst.Addr
	if !slices.Contains(g, search.BySrc) && !slices.Contains(g, search.ByPair) {
		peer = r.Src.Addr
	}
	if peer.IsValid() {
		t.peers[peer] = true
	}
	if r.Proto.HasPorts() {
		t.ports[search.PortOf(r.Proto, r.Dst.Port)] = true
	}
}

func addSums(s *search.Sums, r *flow.Record, from, to time.Time) {
	s.Flows++
	part := func(n uint64) uint64 { return portion(n, r, from, to) }
	s.Packets = saturatingSum(s.Packets, part(r.Sent.Packets), part(r.Recv.Packets))
	s.Sent, s.Recv = saturatingSum(s.Sent, part(r.Sent.Octets)), saturatingSum(s.Recv, part(r.Recv.Octets))
	s.Octets = saturatingSum(s.Sent, s.Recv)
	if r.Start.IsZero() {
		return
	}
	first, last := r.Start, lastActive(r)
	if first.Before(from) {
		first = from
	}
	if !to.IsZero() && !last.Before(to) {
		last = to.Add(-1)
	}
	if first.After(last) { // open, and quiet since then
		return
	}
	if s.First.IsZero() || first.Before(s.First) {
		s.First = first
	}
	if last.After(s.Last) {
		s.Last = last
	}
}

// valueOf returns the value of a record by which it is grouped.
func valueOf(by search.By, r *flow.Record) search.Value {
	switch by {
	case search.BySrc:
		return search.Value{Addr: r.Src.Addr}
	case search.ByDst:
		return search.Value{Addr: r.Dst.Addr}
	case search.ByPair:
		return search.Value{Addr: r.Src.Addr, Peer: r.Dst.Addr}
	case search.ByErrorIP:
		return search.Value{Addr: r.Error.From}
	case search.ByPort:
		n := int64(r.Proto) << 16
		if r.Proto.HasPorts() {
			n += int64(r.Dst.Port)
		}
		return search.Value{Number: n}
	case search.ByNode:
		return search.Value{Name: r.Node}
	case search.BySnode:
		return search.Value{Name: r.Src.Node}
	case search.ByDnode:
		return search.Value{Name: r.Dst.Node}
	case search.ByInterface:
		return search.Value{Name: r.Interface}
	case search.ByVLAN:
		return search.Value{Number: int64(r.VLAN[0])<<16 + int64(r.VLAN[1])}
	case search.ByFlags, search.BySrcFlags, search.ByDstFlags:
		if r.Proto != flow.TCP {
			return search.Value{Number: -1}
		}
		return search.Value{Number: int64(map[search.By]flow.Flags{search.ByFlags: r.Flags(), search.BySrcFlags: r.SrcSide.Flags, search.ByDstFlags: r.DstSide.Flags}[by])}
	}
	if n := numbersOf(by.Field(), r); len(n) > 0 {
		return search.Value{Number: n[0]}
	}
	return search.Value{Number: -1}
}

// randomTop returns a random request for the sums of q.
func randomTop(rng *rand.Rand, q search.Request) search.TopRequest {
	top := search.TopRequest{Request: q, Order: search.SumColumn(rng.IntN(len(search.SumNames()))), Reverse: rng.IntN(4) == 0, N: pick(rng, 0, 1, 5, 10, 1000)}
	for range pick(rng, 1, 1, 1, 2, 2, 3) {
		if by := search.By(rng.IntN(len(search.ByNames()))); !slices.Contains(top.By, by) {
			top.By = append(top.By, by)
		}
	}
	return top
}

// compareTop compares the answer to q with that of the reference.
func compareTop(t testing.TB, s Searcher, q search.TopRequest, recs []flow.Record) {
	t.Helper()
	got, err := s.Top(t.Context(), q)
	want := talkers(recs, q)
	if err != nil || len(got.Rows) != len(want.Rows) || len(want.Rows) > 0 && !reflect.DeepEqual(got.Rows, want.Rows) {
		t.Fatalf("top %d by %s in the order of %s, reversed %t, of %s:\n%v, %v\nwant\n%v", q.N, q.By, q.Order, q.Reverse, describe(q.Query), got.Rows, err, want.Rows)
	}
	if got.Groups != want.Groups || got.Total != want.Total {
		t.Fatalf("by %s of %s: %d groups with %+v\nwant %d with %+v", q.By, describe(q.Query), got.Groups, got.Total, want.Groups, want.Total)
	}
}

func topMatchesTheReference(t *testing.T, s Store) {
	rng := newRand(t)
	recs := fill(t, s, rng, 1500)
	for range 300 {
		q := randomQuery(rng)
		compareTop(t, s, randomTop(rng, request(t, q)), Matching(recs, q))
	}
	for _, wrong := range []search.Grouping{nil, {99}, {search.BySrc, search.BySrc}} {
		if _, err := s.Top(t.Context(), search.TopRequest{By: wrong, N: 1}); err == nil {
			t.Errorf("the grouping %v is accepted", wrong)
		}
	}
}

// termsOfTalkersSelectTheirFlows counts the flows that the filter of a group matches. Names that differ in
// case, names of groups of nodes and VLAN tags are left out: see [search.Talker.Term].
func termsOfTalkersSelectTheirFlows(t *testing.T, s Store) {
	rng := newRand(t)
	fill(t, s, rng, 1500)
	for by := range search.By(len(search.ByNames())) {
		if by == search.ByVLAN || by != search.ByPort && by.Field().Info().Kind == search.KindName {
			continue
		}
		g := search.Grouping{by, search.ByPair}
		if by == search.ByPair {
			g = g[:1]
		}
		top, err := s.Top(t.Context(), search.TopRequest{By: g, N: 60})
		if err != nil || len(top.Rows) == 0 {
			t.Fatalf("by %s: %v", g, err)
		}
		for i := range top.Rows {
			row := &top.Rows[i]
			x := row.Term(g)
			if n, err := s.Count(t.Context(), search.Request{Query: search.Query{Filter: x}}, -1); err != nil || n != row.Flows {
				t.Errorf("%s: %d flows match %s, %v, want %d", row.Key(g), n, search.Text(x), err, row.Flows)
			}
		}
	}
}
