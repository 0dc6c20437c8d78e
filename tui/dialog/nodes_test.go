package dialog

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/node"
	"weir/tui/tuitest"
	"weir/tui/ui"
)

// someNodes are n nodes, each busier and seen longer ago than the one before,
// after one that never reported.
func someNodes(n int) []node.Summary {
	sums := []node.Summary{{Node: node.Node{Name: "dc-2", Prefixes: []netip.Prefix{netip.MustParsePrefix("192.168.100.0/24"), netip.MustParsePrefix("2001:db8::1/128")}}}}
	for i := 1; i < n; i++ {
		sums = append(sums, node.Summary{
			Node:     node.Node{Name: fmt.Sprintf("edge-%d", i), Prefixes: []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i), 0, 0}), 16)}},
			Flows:    int64(i * i * i * 1234),
			Octets:   uint64(i * i * i * 1_234_567),
			LastSeen: tuitest.EnvNow.Add(-time.Duration(i*i*i*i) * time.Second),
		})
	}
	return sums
}

// someGroups returns two groups of nodes, one within the other.
func someGroups() node.Groups {
	return node.Groups{{Name: "sites", Members: []string{"frankfurt", "edge-1"}}, {Name: "frankfurt", Members: []string{"edge-2", "edge-3", "gone"}}}
}

func TestTheNodeListLooksRight(t *testing.T) {
	env := tuitest.Env(t)
	tuitest.Goldens(t, NewNodes(node.Inventory{}, nil, nil, env), "nodes-none")
	tuitest.Goldens(t, NewNodes(node.Inventory{Nodes: someNodes(4)}, nil, nil, env), "nodes-few")
	tuitest.Goldens(t, NewNodes(node.Inventory{Nodes: someNodes(60)}, []string{"edge-2", "edge-12", "branch office 世界"}, nil, env), "nodes-many")

	grouped := node.Inventory{Nodes: someNodes(12), Groups: someGroups()}
	tuitest.Goldens(t, NewNodes(grouped, []string{"sites", "edge-3"}, &[]string{"edge-2"}, env), "nodes-groups")

	nothing := NewNodes(node.Inventory{Nodes: someNodes(4)}, nil, nil, env)
	tuitest.Type(nothing, "xyz")
	tuitest.Goldens(t, nothing, "nodes-nothing-matches")
}

func TestEnterTakesTheMarkedNodesOrTheOneUnderTheCursor(t *testing.T) {
	for _, tt := range []struct {
		name     string
		selected []string
		keys     []string
		want     []string
	}{
		{"at once: all nodes", nil, nil, nil},
		{"on a node", nil, []string{"down", "down"}, []string{"edge-1"}},
		{"with marks, wherever the cursor is", nil, []string{"down", "space", "down", "down", "space", "home"}, []string{"dc-2", "edge-2"}},
		{"what was selected before stays marked", []string{"edge-2"}, nil, []string{"edge-2"}},
		{"a mark taken away", []string{"edge-2", "edge-1"}, []string{"space"}, []string{"edge-2"}},
		{"all marks taken away on the row of all nodes", []string{"edge-2", "edge-1"}, []string{"home", "space"}, nil},
		{"^a marks all, which means no restriction", nil, []string{"ctrl+a"}, nil},
		{"^a but one", nil, []string{"ctrl+a", "down", "space"}, []string{"edge-1", "edge-2", "edge-3"}},
		{"^a twice marks none", nil, []string{"down", "ctrl+a", "ctrl+a"}, []string{"dc-2"}},
		{"typing filters", nil, []string{"e", "-", "3"}, []string{"edge-3"}},
		{"typing an address finds its owner", nil, strings.Split("10.2.7.7", ""), []string{"edge-2"}},
		{"a mark outlives the filter", nil, []string{"e", "-", "3", "space", "ctrl+u", "1", "space"}, []string{"edge-1", "edge-3"}},
		{"^a marks what the filter lists", nil, []string{"e", "-", "ctrl+a"}, []string{"edge-1", "edge-2", "edge-3"}},
		{"a selected node without flows is kept", []string{"gone"}, nil, []string{"gone"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := NewNodes(node.Inventory{Nodes: someNodes(4)}, tt.selected, nil, tuitest.Env(t))
			tuitest.Press(d, tt.keys...)
			got, ok := tuitest.Press(d, "enter").(NodesChosenMsg)
			if !ok {
				t.Fatal("Enter: nothing was chosen")
			}
			if !slices.Equal(got.Names, tt.want) {
				t.Errorf("got %q, want %q", got.Names, tt.want)
			}
		})
	}
}

func TestAGroupIsPickedLikeANode(t *testing.T) {
	for _, tt := range []struct {
		name string
		keys []string
		want []string
	}{
		{"groups come first", []string{"down"}, []string{"frankfurt"}},
		{"a group and a node", []string{"down", "down", "space", "down", "space"}, []string{"sites", "dc-2"}},
		{"the name of a group finds its nodes, too", []string{"f", "r", "a", "n", "down", "down"}, []string{"edge-3"}},
		{"^a marks nodes, which means no restriction", []string{"ctrl+a"}, nil},
		{"^a twice marks none", []string{"down", "down", "space", "ctrl+a", "ctrl+a", "down"}, []string{"dc-2"}},
		{"^r marks the set before", []string{"down", "space", "ctrl+r"}, []string{"edge-2"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := NewNodes(node.Inventory{Nodes: someNodes(5), Groups: someGroups()}, nil, &[]string{"edge-2"}, tuitest.Env(t))
			got, ok := tuitest.Press(d, append(tt.keys, "enter")...).(NodesChosenMsg)
			if !ok || !slices.Equal(got.Names, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestEnterStaysWhereNoNodeMatches(t *testing.T) {
	d := NewNodes(node.Inventory{Nodes: someNodes(4)}, nil, nil, tuitest.Env(t))
	tuitest.Type(d, "xyz")
	if got := tuitest.Press(d, "enter"); got != nil {
		t.Errorf("got %v", got)
	}
	if got, ok := tuitest.Press(d, "ctrl+u", "enter").(NodesChosenMsg); !ok || got.Names != nil {
		t.Errorf("after ^u: got %v, %q", ok, got.Names)
	}
}

func TestEscLeavesTheNodesAlone(t *testing.T) {
	if got := tuitest.Press(NewNodes(node.Inventory{Nodes: someNodes(4)}, nil, nil, tuitest.Env(t)), "down", "space", "esc"); got != tuitest.Closed {
		t.Errorf("got %v", got)
	}
}

func TestALongNodeListScrollsWithTheCursor(t *testing.T) {
	d := NewNodes(node.Inventory{Nodes: someNodes(60)}, nil, nil, tuitest.Env(t))
	for range 70 {
		view := tuitest.View(t, d, &ui.Theme{}, 80, 24)
		if strings.Count(view, "> ") != 1 {
			t.Fatalf("the cursor is out of sight:\n%s", view)
		}
		tuitest.Press(d, "down")
	}
	tuitest.Press(d, "pgup", "pgup", "home")
	if view := tuitest.View(t, d, &ui.Theme{}, 80, 24); !strings.Contains(view, ">     all nodes") {
		t.Errorf("not back at the top:\n%s", view)
	}
}

func TestANodeNameCannotDrawOnTheScreen(t *testing.T) {
	d := NewNodes(node.Inventory{Nodes: []node.Summary{{Node: node.Node{Name: "evil\x1b[2J\u202e"}}}}, nil, nil, tuitest.Env(t))
	if view := tuitest.View(t, d, &ui.Theme{}, 80, 24); strings.ContainsAny(view, "\x1b\u202e") {
		t.Errorf("the name is drawn as it came: %q", view)
	}
}

func TestTenThousandKeysDoTheNodeListNoHarm(t *testing.T) {
	env := tuitest.Env(t)
	sums := someNodes(30)
	tuitest.Fuzz(t, func() ui.Window {
		return NewNodes(node.Inventory{Nodes: sums, Groups: someGroups()}, []string{"edge-4", "gone"}, &[]string{"edge-1"}, env)
	}, func(w ui.Window, answer tea.Msg) {
		for _, name := range answer.(NodesChosenMsg).Names {
			if !slices.ContainsFunc(w.(*Nodes).all, func(e node.Entry) bool { return e.Name == name }) {
				t.Errorf("took %q, which is not listed", name)
			}
		}
	})
}
