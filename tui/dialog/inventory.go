package dialog

import (
	"net/netip"
	"slices"
	"strings"

	"weir/node"
	"weir/tui/ui"
)

// Inventory is what the store knows of nodes.
type Inventory struct {
	Nodes  []node.Summary
	Groups node.Groups
}

// NodeEntry is a node or a group of nodes.
type NodeEntry struct {
	node.Summary
	Group   bool
	Members []string // of a group: the nodes in it
	groups  []string // of a node: those it is in
}

// List is groups, then nodes, each in the order of [ui.CompareNames]. Those of
// names that are neither are listed, too, with nothing reported.
func (inv *Inventory) List(names []string) []NodeEntry {
	var all []NodeEntry
	for i := range inv.Groups {
		name := inv.Groups[i].Name
		all = append(all, NodeEntry{Summary: inv.Groups.Sum(name, inv.Nodes), Group: true, Members: inv.Groups.Nodes(name)})
	}
	for _, s := range inv.Nodes {
		all = append(all, NodeEntry{Summary: s, groups: inv.Groups.Of(s.Name)})
	}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(e NodeEntry) bool { return e.Name == name }) {
			all = append(all, NodeEntry{Summary: node.Summary{Node: node.Node{Name: name}}})
		}
	}
	slices.SortFunc(all, func(a, b NodeEntry) int {
		if a.Group != b.Group {
			return map[bool]int{true: -1, false: 1}[a.Group]
		}
		return ui.CompareNames(a.Name, b.Name)
	})
	return all
}

// matches finds want in the name of the node and of its groups, and in its
// prefixes if it looks like an address. A whole address finds the nodes that own it.
func (e *NodeEntry) matches(want string) bool {
	n := &e.Node
	for _, name := range append([]string{n.Name}, e.groups...) {
		if strings.Contains(strings.ToLower(name), want) {
			return true
		}
	}
	if !strings.ContainsAny(want, ".:") {
		return false
	}
	addr, err := netip.ParseAddr(want)
	return slices.ContainsFunc(n.Prefixes, func(p netip.Prefix) bool {
		return strings.Contains(p.String(), want) || err == nil && p.Contains(addr)
	})
}

// owns is the nodes of a group, or the prefixes of a node.
func (e *NodeEntry) owns() string {
	if e.Group {
		return ui.Safe(strings.Join(e.Members, " "))
	}
	texts := make([]string, len(e.Prefixes))
	for i, p := range e.Prefixes {
		texts[i] = p.String()
		if p.IsSingleIP() {
			texts[i] = p.Addr().String()
		}
	}
	return strings.Join(texts, " ")
}
