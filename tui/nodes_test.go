package tui

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"weir/node"
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
			LastSeen: dialogNow.Add(-time.Duration(i*i*i*i) * time.Second),
		})
	}
	return sums
}

// someGroups are two groups of nodes, one within the other.
func someGroups() node.Groups {
	return node.Groups{{Name: "sites", Members: []string{"frankfurt", "edge-1"}}, {Name: "frankfurt", Members: []string{"edge-2", "edge-3", "gone"}}}
}

func TestTheNodeListLooksRight(t *testing.T) {
	env := testEnv(t)
	dialogGoldens(t, newNodesDialog(inventory{}, nil, nil, env), "nodes-none")
	dialogGoldens(t, newNodesDialog(inventory{Nodes: someNodes(4)}, nil, nil, env), "nodes-few")
	dialogGoldens(t, newNodesDialog(inventory{Nodes: someNodes(60)}, []string{"edge-2", "edge-12", "branch office 世界"}, nil, env), "nodes-many")

	grouped := inventory{someNodes(12), someGroups()}
	dialogGoldens(t, newNodesDialog(grouped, []string{"sites", "edge-3"}, &[]string{"edge-2"}, env), "nodes-groups")

	nothing := newNodesDialog(inventory{Nodes: someNodes(4)}, nil, nil, env)
	typeText(nothing, "xyz")
	dialogGoldens(t, nothing, "nodes-nothing-matches")
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
		{"^a marks all, which is no restriction", nil, []string{"ctrl+a"}, nil},
		{"^a but one", nil, []string{"ctrl+a", "down", "space"}, []string{"edge-1", "edge-2", "edge-3"}},
		{"^a twice marks none", nil, []string{"down", "ctrl+a", "ctrl+a"}, []string{"dc-2"}},
		{"typing filters", nil, []string{"e", "-", "3"}, []string{"edge-3"}},
		{"typing an address finds its owner", nil, strings.Split("10.2.7.7", ""), []string{"edge-2"}},
		{"a mark outlives the filter", nil, []string{"e", "-", "3", "space", "ctrl+u", "1", "space"}, []string{"edge-1", "edge-3"}},
		{"^a marks what the filter lists", nil, []string{"e", "-", "ctrl+a"}, []string{"edge-1", "edge-2", "edge-3"}},
		{"a selected node without flows is kept", []string{"gone"}, nil, []string{"gone"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newNodesDialog(inventory{Nodes: someNodes(4)}, tt.selected, nil, testEnv(t))
			press(d, tt.keys...)
			got, ok := press(d, "enter").(nodesChosenMsg)
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
		{"^a marks nodes, which is no restriction", []string{"ctrl+a"}, nil},
		{"^a twice marks none", []string{"down", "down", "space", "ctrl+a", "ctrl+a", "down"}, []string{"dc-2"}},
		{"^r marks the set before", []string{"down", "space", "ctrl+r"}, []string{"edge-2"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newNodesDialog(inventory{someNodes(5), someGroups()}, nil, &[]string{"edge-2"}, testEnv(t))
			got, ok := press(d, append(tt.keys, "enter")...).(nodesChosenMsg)
			if !ok || !slices.Equal(got.Names, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestNGoesBackAndForthBetweenTwoSetsOfNodes(t *testing.T) {
	st := newScreen(t, sampleStore(), 80, 24, nil)
	st.press("N")
	st.wantIn(st.footer(), "no other set of nodes")
	st.press("n", "down", "space", "enter")
	st.wantIn(st.header(), "nodes branch-office-3")
	st.press("N")
	st.wantIn(st.header(), "nodes all")
	st.press("N")
	st.wantIn(st.header(), "nodes branch-office-3")
	st.press("n")
	st.wantIn(ansi.Strip(st.screen()), "^r last set")
	st.press("ctrl+r", "enter")
	st.wantIn(st.header(), "nodes all")
}

func TestEnterStaysWhereNoNodeMatches(t *testing.T) {
	d := newNodesDialog(inventory{Nodes: someNodes(4)}, nil, nil, testEnv(t))
	typeText(d, "xyz")
	if got := press(d, "enter"); got != nil {
		t.Errorf("got %v", got)
	}
	if got, ok := press(d, "ctrl+u", "enter").(nodesChosenMsg); !ok || got.Names != nil {
		t.Errorf("after ^u: got %v, %q", ok, got.Names)
	}
}

func TestEscLeavesTheNodesAlone(t *testing.T) {
	if got := press(newNodesDialog(inventory{Nodes: someNodes(4)}, nil, nil, testEnv(t)), "down", "space", "esc"); got != closed {
		t.Errorf("got %v", got)
	}
}

func TestALongNodeListScrollsWithTheCursor(t *testing.T) {
	d := newNodesDialog(inventory{Nodes: someNodes(60)}, nil, nil, testEnv(t))
	for range 70 {
		view := checkView(t, d, &ui.Theme{}, 80, 24)
		if strings.Count(view, "> ") != 1 {
			t.Fatalf("the cursor is out of sight:\n%s", view)
		}
		press(d, "down")
	}
	press(d, "pgup", "pgup", "home")
	if view := checkView(t, d, &ui.Theme{}, 80, 24); !strings.Contains(view, ">     all nodes") {
		t.Errorf("not back at the top:\n%s", view)
	}
}

func TestNodesAreListedAsPeopleNumberThem(t *testing.T) {
	names := []string{"edge-10", "edge-2", "edge-02", "Zeta", "edge", "edge-1a", "", "edge-2b"}
	slices.SortFunc(names, ui.CompareNames)
	if want := []string{"", "Zeta", "edge", "edge-1a", "edge-02", "edge-2", "edge-2b", "edge-10"}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
	for _, a := range names {
		for _, b := range names {
			if ui.CompareNames(a, b) != -ui.CompareNames(b, a) || (ui.CompareNames(a, b) == 0) != (a == b) {
				t.Errorf("no order between %q and %q", a, b)
			}
		}
	}
}

func TestANodeNameCannotDrawOnTheScreen(t *testing.T) {
	d := newNodesDialog(inventory{Nodes: []node.Summary{{Node: node.Node{Name: "evil\x1b[2J\u202e"}}}}, nil, nil, testEnv(t))
	if view := checkView(t, d, &ui.Theme{}, 80, 24); strings.ContainsAny(view, "\x1b\u202e") {
		t.Errorf("the name is drawn as it came: %q", view)
	}
}

func TestTheAgeOfANodeIsInItsLargestUnit(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "live", 0: "live", 9 * time.Second: "live", 10 * time.Second: "10s ago", 59 * time.Second: "59s ago", time.Minute: "1m ago",
		59 * time.Minute: "59m ago", 23 * time.Hour: "23h ago", 24 * time.Hour: "1d ago", 2000 * 24 * time.Hour: "2,000d ago",
	} {
		if got := ui.Age(dialogNow, dialogNow.Add(-d)); got != want {
			t.Errorf("%s: got %s, want %s", d, got, want)
		}
	}
	if got := ui.Age(dialogNow, time.Time{}); got != "never" {
		t.Errorf("never seen: got %s", got)
	}
}

func TestTenThousandKeysDoTheNodeListNoHarm(t *testing.T) {
	env := testEnv(t)
	sums := someNodes(30)
	fuzzDialog(t, func() ui.Window {
		return newNodesDialog(inventory{sums, someGroups()}, []string{"edge-4", "gone"}, &[]string{"edge-1"}, env)
	}, func(w ui.Window, answer tea.Msg) {
		for _, name := range answer.(nodesChosenMsg).Names {
			if !slices.ContainsFunc(w.(*nodesDialog).all, func(e nodeEntry) bool { return e.Name == name }) {
				t.Errorf("took %q, which is not listed", name)
			}
		}
	})
}
