package tui

import (
	"slices"

	"weir/search"
)

// words are what completion knows of the network: its nodes and groups, and the
// interfaces of the loaded flows.
func (m *model) words() search.Env {
	env := search.Env{Groups: m.Groups.Names()}
	for i := range m.Nodes {
		env.Nodes = append(env.Nodes, m.Nodes[i].Name)
	}
	for i := range m.table.rows.recs {
		if name := m.table.rows.recs[i].Interface; name != "" && !slices.Contains(env.Interfaces, name) {
			env.Interfaces = append(env.Interfaces, name)
		}
	}
	return env
}
