package db

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"weir/flow"
	"weir/node"
	"weir/search"
)

// grouped is a store with a flow of each node and an inventory of its groups.
func grouped(t *testing.T, nodes ...string) (*Writer, *Inventory) {
	t.Helper()
	s := openTemp(t)
	run(t, s)
	for i, name := range nodes {
		store(t, s, flow.Record{ID: int64(i + 1), Node: name, Start: epoch, Last: epoch, Interface: "cluster"})
	}
	inv, err := OpenInventory(t.Context(), s.path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { inv.Close() })
	return s, inv
}

// reporters are the nodes whose flows match a filter, in the order of ids.
func reporters(t *testing.T, s *Reader, filter string) string {
	t.Helper()
	x, err := search.Parse(filter)
	if err != nil {
		t.Fatal(err)
	}
	return nodesOf(t, s, search.Query{Filter: x, Order: search.Oldest})
}

func nodesOf(t *testing.T, s *Reader, q search.Query) string {
	t.Helper()
	var names []string
	if err := s.Each(t.Context(), search.Request{Query: q}, func(r *flow.Record) error { names = append(names, r.Node); return nil }); err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}

func TestAGroupIsAcceptedWhereverTheNameOfANodeIs(t *testing.T) {
	s, inv := grouped(t, "edge-1", "EDGE-2", "dc", "core")
	err := errors.Join(
		inv.AddToGroup(t.Context(), "Cluster", []string{"edge-1", "edge-2"}),
		inv.AddToGroup(t.Context(), "world", []string{"cluster", "dc", "not-seen-yet"}),
	)
	if err != nil {
		t.Fatal(err)
	}
	for filter, want := range map[string]string{
		"node:cluster":      "edge-1 EDGE-2",
		"group:CLUSTER":     "edge-1 EDGE-2",
		"group:world":       "edge-1 EDGE-2 dc",
		"group:*":           "edge-1 EDGE-2 dc",
		`group:""`:          "core",
		"!group:cluster":    "dc core",
		"node:clus*":        "edge-1 EDGE-2",
		"anynode:world":     "edge-1 EDGE-2 dc",
		"cluster":           "edge-1 EDGE-2", // a bare word
		"node:core,cluster": "edge-1 EDGE-2 core",
		"interface:world":   "", // interfaces are no nodes
		"interface:cluster": "edge-1 EDGE-2 dc core",
	} {
		if got := reporters(t, s.Reader, filter); got != want {
			t.Errorf("%s finds %q, want %q", filter, got, want)
		}
	}
	if got := nodesOf(t, s.Reader, search.Query{Nodes: []string{"core", "CLUSTER"}, Order: search.Oldest}); got != "edge-1 EDGE-2 core" {
		t.Errorf("the nodes core and CLUSTER reported %q", got)
	}
}

func TestSourceAndDestinationAreFoundByGroup(t *testing.T) {
	s, inv := grouped(t)
	store(t, s,
		flow.Record{ID: 1, Node: "a", Src: flow.Endpoint{Node: "edge-1"}, Dst: flow.Endpoint{Node: "dc"}},
		flow.Record{ID: 2, Node: "b", Src: flow.Endpoint{Node: "dc"}, Dst: flow.Endpoint{Node: "edge-1"}},
		flow.Record{ID: 3, Node: "c", Src: flow.Endpoint{Node: "dc"}})
	if err := inv.AddToGroup(t.Context(), "cluster", []string{"edge-1"}); err != nil {
		t.Fatal(err)
	}
	for filter, want := range map[string]string{"snode:cluster": "a", "dnode:cluster": "b", `dnode:""`: "c", "anynode:cluster": "a b", "!dnode:cluster": "a c"} {
		if got := reporters(t, s.Reader, filter); got != want {
			t.Errorf("%s finds %q, want %q", filter, got, want)
		}
	}
}

func TestAnUnknownGroupIsAnErrorThatNamesTheKnownOnes(t *testing.T) {
	s, inv := grouped(t, "edge-1")
	ask := func(group string) error {
		_, err := s.Count(t.Context(), search.Request{Query: search.Query{Filter: search.Names{Field: search.FieldGroup, Patterns: []string{group}}}}, -1)
		return err
	}
	if err := ask("frankfrt"); err == nil || !strings.Contains(err.Error(), "no group of nodes is called frankfrt: there are none, weir nodes group add makes one") {
		t.Errorf("without groups: %v", err)
	}
	if err := inv.AddToGroup(t.Context(), "frankfurt", []string{"edge-1"}); err != nil {
		t.Fatal(err)
	}
	if err := ask("frankfrt"); err == nil || !strings.Contains(err.Error(), "no group of nodes is called frankfrt: there are frankfurt") {
		t.Errorf("with one: %v", err)
	}
	if err := ask("edge-1"); err == nil {
		t.Error("a node is taken for a group")
	}
}

func TestGroupsAreMadeAndGoWithTheirMembers(t *testing.T) {
	s, inv := grouped(t, "edge-1")
	expect := func(want string) {
		t.Helper()
		groups, err := s.Groups(t.Context())
		if got := fmt.Sprint(groups); err != nil || got != want {
			t.Errorf("groups %s, %v, want %s", got, err, want)
		}
	}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	do(inv.AddToGroup(t.Context(), "B", []string{"x", "edge-1"}))
	do(inv.AddToGroup(t.Context(), "b", []string{"y", "X"})) // joins, whatever the case
	do(inv.AddToGroup(t.Context(), "a", []string{"b"}))
	expect("[{a [b]} {B [edge-1 x y]}]")
	do(inv.RemoveFromGroup(t.Context(), "b", []string{"EDGE-1", "y"}))
	expect("[{a [b]} {B [x]}]")
	if err := inv.RemoveFromGroup(t.Context(), "b", []string{"x", "nobody"}); err == nil || !strings.Contains(err.Error(), "nobody is not in it: its members are x") {
		t.Errorf("a stranger is removed: %v", err)
	}
	expect("[{a [b]} {B [x]}]") // nothing of it was done
	do(inv.RemoveFromGroup(t.Context(), "A", nil))
	expect("[{B [x]}]")
	do(inv.RemoveFromGroup(t.Context(), "B", []string{"x"}))
	expect("[]")
	if err := inv.RemoveFromGroup(t.Context(), "B", nil); err == nil || !strings.Contains(err.Error(), "no group of nodes is called B") {
		t.Errorf("removed twice: %v", err)
	}
}

func TestAGroupIsNoNodeAndNoNodeAGroup(t *testing.T) {
	_, inv := grouped(t, "edge-1")
	for _, err := range []error{
		inv.AddToGroup(t.Context(), "EDGE-1", []string{"x"}),             // reported flows
		inv.AddToGroup(t.Context(), "g", nil),                            // nobody
		inv.AddToGroup(t.Context(), "g", []string{"x", "G"}),             // itself
		inv.AddToGroup(t.Context(), "g", []string{"a b"}),                // no name
		inv.AddToGroup(t.Context(), "g h", []string{"x"}),                // no name
		inv.RemoveFromGroup(t.Context(), "edge-1", []string{"whatever"}), // no group
	} {
		if err == nil {
			t.Error("it is not refused")
		}
	}
	if err := inv.AddToGroup(t.Context(), "g", []string{"x"}); err != nil {
		t.Fatal(err)
	}
	if err := inv.AddNode(t.Context(), node.Node{Name: "G"}); err == nil || !strings.Contains(err.Error(), "a group of nodes has that name") {
		t.Errorf("a node with a group's name: %v", err)
	}
}

func TestReadersSeeGroupsThatAreDeclaredMeanwhile(t *testing.T) {
	s, inv := grouped(t, "edge-1", "edge-2")
	r, err := OpenReader(t.Context(), s.path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	before := r.Version()
	if err := inv.AddToGroup(t.Context(), "g", []string{"edge-2"}); err != nil {
		t.Fatal(err)
	}
	if r.Version() == before {
		t.Error("the version is the same after a group was declared")
	}
	if got := reporters(t, r, "group:g"); got != "edge-2" {
		t.Errorf("group:g finds %q", got)
	}
	if groups, err := r.Groups(t.Context()); err != nil || !slices.Equal(groups.Nodes("g"), []string{"edge-2"}) {
		t.Errorf("groups %v, %v", groups, err)
	}
}
