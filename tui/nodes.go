package tui

import (
	tea "charm.land/bubbletea/v2"

	"weir/node"
)

// nodesDialog picks the nodes whose flows are shown.
type nodesDialog struct {
	sums     []node.Summary
	selected []string
	env      dialogEnv
}

func newNodesDialog(sums []node.Summary, selected []string, env dialogEnv) *nodesDialog {
	return &nodesDialog{sums, selected, env}
}

func (n *nodesDialog) result() []string { return n.selected }

func (n *nodesDialog) update(msg tea.Msg) (tea.Cmd, outcome) { return nil, canceled }

func (n *nodesDialog) view(th *theme, w, h int) string {
	return drawBox(th, "Nodes", nil, min(w, 78), h)
}
