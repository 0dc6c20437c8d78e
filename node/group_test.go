package node

import (
	"slices"
	"testing"
	"time"
)

// world has nested groups, europe and frankfurt, and two that contain each other.
var world = Groups{
	{"europe", []string{"Frankfurt", "paris-1", "fra-2"}},
	{"frankfurt", []string{"fra-1", "FRA-2"}},
	{"egg", []string{"chicken", "x"}},
	{"chicken", []string{"egg", "y", "X"}},
}

func TestGroupContainsTheNodesOfNestedGroups(t *testing.T) {
	for name, want := range map[string][]string{
		"Europe":    {"fra-1", "FRA-2", "paris-1"}, // fra-2 once, ignoring case
		"frankfurt": {"fra-1", "FRA-2"},
		"egg":       {"y", "X"}, // the cycle ends
		"chicken":   {"x", "y"},
		"fra-1":     nil,
		"":          nil,
	} {
		if got := world.Nodes(name); !slices.Equal(got, want) {
			t.Errorf("nodes of %q: %q, want %q", name, got, want)
		}
	}
}

func TestNodeIsInEveryEnclosingGroup(t *testing.T) {
	for node, want := range map[string][]string{
		"FRA-1":     {"europe", "frankfurt"},
		"paris-1":   {"europe"},
		"x":         {"egg", "chicken"},
		"elsewhere": nil,
		"europe":    nil, // a group, not a node
	} {
		if got := world.Of(node); !slices.Equal(got, want) {
			t.Errorf("groups of %q: %q, want %q", node, got, want)
		}
	}
	if got := world.Names(); !slices.Equal(got, []string{"europe", "frankfurt", "egg", "chicken"}) {
		t.Errorf("names %q", got)
	}
	if world.Find("EGG").Name != "egg" || world.Find("x") != nil || Groups(nil).Find("egg") != nil {
		t.Error("Find returns the wrong group")
	}
}

func TestSumAddsTheNodesOfAGroup(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	sums := []Summary{
		{Node: Node{Name: "fra-1", Prefixes: prefixes("10.0.0.0/8")}, Flows: 1, Octets: 10, LastSeen: at},
		{Node: Node{Name: "fra-2"}, Flows: 2, Octets: 20, LastSeen: at.Add(time.Minute)},
		{Node: Node{Name: "paris-1"}, Flows: 4, Octets: 40, LastSeen: at.Add(-time.Hour)},
		{Node: Node{Name: "elsewhere"}, Flows: 8, Octets: 80, LastSeen: at.Add(time.Hour)},
	}
	got := world.Sum("europe", sums)
	if got.Name != "europe" || got.Flows != 7 || got.Octets != 70 || !got.LastSeen.Equal(at.Add(time.Minute)) || got.Prefixes != nil {
		t.Errorf("sum %+v", got)
	}
}
