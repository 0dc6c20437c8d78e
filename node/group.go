package node

import (
	"slices"
	"strings"
)

// Group is a named set of nodes, such as a cluster.
type Group struct {
	Name    string
	Members []string // names of nodes or of other groups
}

// Groups is the list of all groups. Names of groups and nodes are
// case-insensitive.
type Groups []Group

// Find returns the group with the given name, or nil.
func (gs Groups) Find(name string) *Group {
	i := slices.IndexFunc(gs, func(g Group) bool { return strings.EqualFold(g.Name, name) })
	if i < 0 {
		return nil
	}
	return &gs[i]
}

// Names returns the names of all groups in list order.
func (gs Groups) Names() []string {
	names := make([]string, len(gs))
	for i := range gs {
		names[i] = gs[i].Name
	}
	return names
}

// Nodes returns the nodes of a group without duplicates, in member order. A
// member that is a group is replaced by its nodes; groups may contain each
// other. For an unknown group it returns nil.
func (gs Groups) Nodes(name string) []string {
	var nodes []string
	var visited []*Group
	var visit func(g *Group)
	visit = func(g *Group) {
		visited = append(visited, g)
		for _, member := range g.Members {
			inner := gs.Find(member)
			switch {
			case inner == nil && !Contains(nodes, member):
				nodes = append(nodes, member)
			case inner != nil && !slices.Contains(visited, inner):
				visit(inner)
			}
		}
	}
	if g := gs.Find(name); g != nil {
		visit(g)
	}
	return nodes
}

// Of returns the names of the groups that contain a node, directly or through
// another group, in list order.
func (gs Groups) Of(node string) []string {
	var names []string
	for i := range gs {
		if Contains(gs.Nodes(gs[i].Name), node) {
			names = append(names, gs[i].Name)
		}
	}
	return names
}

// Sum returns the totals of the nodes in a group. The result has the group's
// name and no prefixes.
func (gs Groups) Sum(name string, nodes []Summary) Summary {
	sum := Summary{Node: Node{Name: name}}
	members := gs.Nodes(name)
	for i := range nodes {
		n := &nodes[i]
		if !Contains(members, n.Name) {
			continue
		}
		sum.Flows += n.Flows
		sum.Octets += n.Octets
		if n.LastSeen.After(sum.LastSeen) {
			sum.LastSeen = n.LastSeen
		}
	}
	return sum
}

// Contains reports whether names contains name, ignoring case.
func Contains(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}
