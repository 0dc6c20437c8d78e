package node

import "slices"

// Inventory holds the names known to the store.
type Inventory struct {
	Nodes      []Summary
	Groups     Groups
	Interfaces []string // sorted
}

// Entry is a node or a group of nodes.
type Entry struct {
	Summary
	Group   bool     // a group, else a node
	Members []string // nodes in the group; nil for a node
	In      []string // groups that contain the node; nil for a group
}

// List returns groups, then nodes, each in the order of [CompareNames]. Names
// that are neither become empty nodes.
func (inv *Inventory) List(names []string) []Entry {
	var all []Entry
	for i := range inv.Groups {
		name := inv.Groups[i].Name
		all = append(all, Entry{Summary: inv.Groups.Sum(name, inv.Nodes), Group: true, Members: inv.Groups.Nodes(name)})
	}
	for _, s := range inv.Nodes {
		all = append(all, Entry{Summary: s, In: inv.Groups.Of(s.Name)})
	}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(e Entry) bool { return e.Name == name }) {
			all = append(all, Entry{Summary: Summary{Node: Node{Name: name}}})
		}
	}
	slices.SortFunc(all, func(a, b Entry) int {
		if a.Group != b.Group {
			return map[bool]int{true: -1, false: 1}[a.Group]
		}
		return CompareNames(a.Name, b.Name)
	})
	return all
}
