package storetest

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/node"
	"weir/search"
)

var nodesContract = []requirement{
	{"nodes are those declared and those that reported flows", nodesAreDeclaredOrReported},
	{"summaries count the range but keep the last packet of all time", summariesCountTheRange},
	{"summaries match the reference", summariesMatchTheReference},
}

func nodesAreDeclaredOrReported(t *testing.T, s Store) {
	put(t, s, flow.Record{ID: 1, Node: "edge", Start: Now, Last: Now}, flow.Record{ID: 2, Node: "fw-1", Start: Now, Last: Now})
	declare := func(name string, prefixes ...string) {
		t.Helper()
		n := node.Node{Name: name}
		for _, p := range prefixes {
			n.Prefixes = append(n.Prefixes, netip.MustParsePrefix(p))
		}
		if err := s.AddNode(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	before := s.Version()
	declare("FW-1", "192.0.2.0/24")
	declare("fw-1", "10.1.2.3/8", "2001:db8::/32", "10.0.0.0/8") // adds prefixes; one is a duplicate
	declare("new")
	if s.Version() == before {
		t.Error("declaring nodes did not change the version")
	}
	expect := func(want string) {
		t.Helper()
		nodes, err := s.Nodes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, n := range nodes {
			fmt.Fprintln(&b, n.Name, n.Origin == node.Declared, n.Prefixes)
		}
		if b.String() != want {
			t.Errorf("nodes:\n%swant:\n%s", b.String(), want)
		}
	}
	expect("FW-1 true [10.0.0.0/8 192.0.2.0/24 2001:db8::/32]\nedge false []\nnew true []\n")
	if err := s.RemoveNode(t.Context(), "fw-1", netip.MustParsePrefix("10.9.9.9/8"), netip.MustParsePrefix("192.0.2.0/24")); err != nil {
		t.Fatal(err)
	}
	expect("FW-1 true [2001:db8::/32]\nedge false []\nnew true []\n")
	if err := s.RemoveNode(t.Context(), "fw-1", netip.MustParsePrefix("10.0.0.0/8")); err == nil || !strings.Contains(err.Error(), "prefix 10.0.0.0/8 was not declared") {
		t.Errorf("remove a prefix again: %v", err)
	}
	if err := s.RemoveNode(t.Context(), "fw-1"); err != nil {
		t.Fatal(err)
	}
	expect("edge false []\nfw-1 false []\nnew true []\n")
	if err := s.RemoveNode(t.Context(), "fw-1"); err == nil || !strings.Contains(err.Error(), "no node of that name") {
		t.Errorf("remove the node again: %v", err)
	}
	if err := s.AddNode(t.Context(), node.Node{Name: "a b"}); err == nil {
		t.Error("an invalid name is accepted")
	}
}

func summariesCountTheRange(t *testing.T, s Store) {
	at := func(m int) time.Time { return Now.Add(time.Duration(m) * time.Minute) }
	rec := func(id int64, name string, start, last int, octets uint64) flow.Record {
		return flow.Record{ID: id, Node: name, Start: at(start), Last: at(last), EndReason: flow.EndOfFlow, Sent: flow.Counters{Octets: octets}, Recv: flow.Counters{Octets: 1}}
	}
	put(t, s, rec(1, "a", -300, 5, 10), rec(2, "a", -10, -9, 100), rec(3, "b", -10, -10, math.MaxInt64), rec(4, "b", -5, -5, math.MaxInt64),
		rec(5, "c", -600, -500, 7), rec(6, "b", -4, -4, math.MaxInt64))
	if err := s.AddNode(t.Context(), node.Node{Name: "d", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}); err != nil {
		t.Fatal(err)
	}
	check := func(r search.Range, want string) {
		t.Helper()
		sums, err := s.Summaries(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, n := range sums {
			seen := "never"
			if !n.LastSeen.IsZero() {
				seen = n.LastSeen.Sub(Now).String()
			}
			fmt.Fprintln(&b, n.Name, n.Flows, n.Octets, seen)
		}
		if b.String() != want {
			t.Errorf("%v:\n%swant:\n%s", r, b.String(), want)
		}
	}
	check(search.Range{Last: time.Hour}, "a 2 105 5m0s\nb 3 18446744073709551615 -4m0s\nc 0 0 -8h20m0s\nd 0 0 never\n")
	check(search.Range{}, "a 2 112 5m0s\nb 3 18446744073709551615 -4m0s\nc 1 8 -8h20m0s\nd 0 0 never\n")
	check(search.Range{From: at(-10), To: at(-5)}, "a 2 101 5m0s\nb 1 9223372036854775808 -4m0s\nc 0 0 -8h20m0s\nd 0 0 never\n")
	check(search.Range{From: at(1), To: at(0)}, "a 0 0 5m0s\nb 0 0 -4m0s\nc 0 0 -8h20m0s\nd 0 0 never\n")
}

// summariesMatchTheReference compares node names in lower case: if flows report a
// node in several spellings, the store may return any of them.
func summariesMatchTheReference(t *testing.T, s Store) {
	rng := newRand(t)
	recs := fill(t, s, rng, 1500)
	for range 50 {
		r := randomQuery(rng).Range
		from, to := r.Bounds(Now)
		want := map[string]node.Summary{}
		for _, rec := range recs { // includes nodes without flows in the range
			n := want[strings.ToLower(rec.Node)]
			n.LastSeen = slices.MaxFunc([]time.Time{n.LastSeen, rec.Last}, time.Time.Compare)
			want[strings.ToLower(rec.Node)] = n
		}
		for _, rec := range Matching(recs, search.Query{Range: r}) {
			n := want[strings.ToLower(rec.Node)]
			n.Flows, n.Octets = n.Flows+1, saturatingSum(n.Octets, portion(rec.Sent.Octets, &rec, from, to), portion(rec.Recv.Octets, &rec, from, to))
			want[strings.ToLower(rec.Node)] = n
		}
		got, err := s.Summaries(t.Context(), r)
		if err != nil || len(got) != len(want) {
			t.Fatalf("%v: %d nodes, %v, want %d", r, len(got), err, len(want))
		}
		if !slices.IsSortedFunc(got, func(a, b node.Summary) int { return cmp.Compare(a.Name, b.Name) }) {
			t.Fatalf("%v: nodes are not ordered by name: %v", r, got)
		}
		for _, n := range got {
			w, ok := want[strings.ToLower(n.Name)]
			if !ok || n.Flows != w.Flows || n.Octets != w.Octets || !n.LastSeen.Equal(w.LastSeen) {
				t.Fatalf("%v: node %q has %d flows, %d bytes, last seen %v, want %+v", r, n.Name, n.Flows, n.Octets, n.LastSeen, w)
			}
		}
	}
}
