package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"weir/flow"
	"weir/node"
	"weir/search"
)

var groupsContract = []requirement{
	{"a group name is accepted wherever a node name is", groupIsAcceptedAsANode},
	{"groups match source and destination nodes", groupsMatchEndpoints},
	{"an unknown group is an error that lists the known ones", unknownGroupIsAnError},
	{"a group exists while it has members", groupExistsWhileItHasMembers},
	{"node and group names are disjoint", nodeAndGroupNamesAreDisjoint},
}

// report writes one flow per node.
func report(t *testing.T, s Store, nodes ...string) {
	t.Helper()
	for i, name := range nodes {
		put(t, s, flow.Record{ID: int64(i + 1), Node: name, Start: Now, Last: Now, Interface: "cluster"})
	}
}

// group adds members to a group.
func group(t *testing.T, s Store, name string, members ...string) {
	t.Helper()
	if err := s.AddToGroup(t.Context(), name, members); err != nil {
		t.Fatal(err)
	}
}

// reporters returns the nodes whose flows match a filter, ordered by id.
func reporters(t *testing.T, s Store, filter string) string {
	t.Helper()
	x, err := search.Parse(filter)
	if err != nil {
		t.Fatal(err)
	}
	return nodesOf(t, s, search.Query{Filter: x, Order: search.Oldest})
}

func nodesOf(t *testing.T, s Store, q search.Query) string {
	t.Helper()
	var names []string
	for _, r := range rowsOf(t, s, q) {
		names = append(names, r.Node)
	}
	return strings.Join(names, " ")
}

func groupIsAcceptedAsANode(t *testing.T, s Store) {
	report(t, s, "edge-1", "EDGE-2", "dc", "core")
	group(t, s, "Cluster", "edge-1", "edge-2")
	group(t, s, "world", "cluster", "dc", "not-seen-yet")
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
		"interface:world":   "", // interfaces are not nodes
		"interface:cluster": "edge-1 EDGE-2 dc core",
	} {
		if got := reporters(t, s, filter); got != want {
			t.Errorf("%s finds %q, want %q", filter, got, want)
		}
	}
	if got := nodesOf(t, s, search.Query{Nodes: []string{"core", "CLUSTER"}, Order: search.Oldest}); got != "edge-1 EDGE-2 core" {
		t.Errorf("the nodes core and CLUSTER reported %q", got)
	}
}

func groupsMatchEndpoints(t *testing.T, s Store) {
	put(t, s,
		flow.Record{ID: 1, Node: "a", Src: flow.Endpoint{Node: "edge-1"}, Dst: flow.Endpoint{Node: "dc"}},
		flow.Record{ID: 2, Node: "b", Src: flow.Endpoint{Node: "dc"}, Dst: flow.Endpoint{Node: "edge-1"}},
		flow.Record{ID: 3, Node: "c", Src: flow.Endpoint{Node: "dc"}})
	group(t, s, "cluster", "edge-1")
	for filter, want := range map[string]string{"snode:cluster": "a", "dnode:cluster": "b", `dnode:""`: "c", "anynode:cluster": "a b", "!dnode:cluster": "a c"} {
		if got := reporters(t, s, filter); got != want {
			t.Errorf("%s finds %q, want %q", filter, got, want)
		}
	}
}

func unknownGroupIsAnError(t *testing.T, s Store) {
	report(t, s, "edge-1")
	ask := func(group string) error {
		_, err := s.Count(t.Context(), search.Request{Query: search.Query{Filter: search.Names{Field: search.FieldGroup, Patterns: []string{group}}}}, -1)
		return err
	}
	if err := ask("frankfrt"); err == nil || !strings.Contains(err.Error(), `unknown group "frankfrt": no groups are defined, weir nodes group add creates one`) {
		t.Errorf("without groups: %v", err)
	}
	group(t, s, "frankfurt", "edge-1")
	if err := ask("frankfrt"); err == nil || !strings.Contains(err.Error(), `unknown group "frankfrt": expected one of frankfurt`) {
		t.Errorf("with one group: %v", err)
	}
	if err := ask("edge-1"); err == nil {
		t.Error("a node name is accepted as a group")
	}
}

func groupExistsWhileItHasMembers(t *testing.T, s Store) {
	report(t, s, "edge-1")
	expect := func(want string) {
		t.Helper()
		groups, err := s.Groups(t.Context())
		if got := fmt.Sprint(groups); err != nil || got != want {
			t.Errorf("groups %s, %v, want %s", got, err, want)
		}
	}
	ungroup := func(name string, members ...string) {
		t.Helper()
		if err := s.RemoveFromGroup(t.Context(), name, members); err != nil {
			t.Fatal(err)
		}
	}
	changesVersion := func(what string, fn func()) {
		t.Helper()
		before := s.Version()
		if fn(); s.Version() == before {
			t.Errorf("the version did not change when %s", what)
		}
	}
	changesVersion("a group is added", func() { group(t, s, "B", "x", "edge-1") })
	changesVersion("a member is added", func() { group(t, s, "b", "y", "X") }) // adds to B: names are case-insensitive
	group(t, s, "a", "b")
	expect("[{a [b]} {B [edge-1 x y]}]")
	if groups, err := s.Groups(t.Context()); err != nil || !slices.Equal(groups.Nodes("a"), []string{"edge-1", "x", "y"}) {
		t.Errorf("groups %v, %v: a should have the nodes of B", groups, err)
	}
	changesVersion("members are removed", func() { ungroup("b", "EDGE-1", "y") })
	expect("[{a [b]} {B [x]}]")
	if err := s.RemoveFromGroup(t.Context(), "b", []string{"x", "nobody"}); err == nil || !strings.Contains(err.Error(), `"nobody" is not a member, only x`) {
		t.Errorf("remove a node that is not a member: %v", err)
	}
	expect("[{a [b]} {B [x]}]") // unchanged
	ungroup("A")
	expect("[{B [x]}]")
	ungroup("B", "x")
	expect("[]")
	if err := s.RemoveFromGroup(t.Context(), "B", nil); err == nil || !strings.Contains(err.Error(), `unknown group "B"`) {
		t.Errorf("remove the group again: %v", err)
	}
}

func nodeAndGroupNamesAreDisjoint(t *testing.T, s Store) {
	report(t, s, "edge-1")
	for _, err := range []error{
		s.AddToGroup(t.Context(), "EDGE-1", []string{"x"}),             // a node that reported flows
		s.AddToGroup(t.Context(), "g", nil),                            // no members
		s.AddToGroup(t.Context(), "g", []string{"x", "G"}),             // contains itself
		s.AddToGroup(t.Context(), "g", []string{"a b"}),                // invalid name
		s.AddToGroup(t.Context(), "g h", []string{"x"}),                // invalid name
		s.RemoveFromGroup(t.Context(), "edge-1", []string{"whatever"}), // not a group
	} {
		if err == nil {
			t.Error("an invalid change is accepted")
		}
	}
	group(t, s, "g", "x")
	if err := s.AddNode(t.Context(), node.Node{Name: "G"}); err == nil || !strings.Contains(err.Error(), "a group of nodes has that name") {
		t.Errorf("a node with a group's name: %v", err)
	}
}
