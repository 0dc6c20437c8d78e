package db

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"weir/node"
	"weir/search"
)

// Interfaces returns the names of the interfaces that the store has flows or coverage of, sorted. The
// dictionary does not say which names are of interfaces: without coverage, one that is of a node too is left
// out, and one of a node that owned addresses of flows and is not declared any more is among them. The error is
// that of Nodes and Coverage.
func (r *Reader) Interfaces(ctx context.Context) ([]string, error) {
	var names []string
	err := r.read(ctx, nil, func(sn *snapshot) error {
		names = nil
		nodes, err := sn.allNodes()
		for _, name := range sn.names.byID {
			isNode := func(n node.Summary) bool { return strings.EqualFold(n.Name, name) }
			if name != "" && !slices.ContainsFunc(nodes, isNode) {
				names = append(names, name)
			}
		}
		return err
	})
	if !search.Answered(err) {
		return nil, fmt.Errorf("read interfaces: %w", err)
	}
	covered, coverageErr := r.allCoverage(ctx)
	if !search.Answered(coverageErr) {
		return nil, fmt.Errorf("read interfaces: %w", withDamageHint(r.path, coverageErr))
	}
	for i := range covered {
		names = append(names, covered[i].Interface)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return slices.DeleteFunc(names, func(name string) bool { return name == "" }), search.JoinIncomplete(err, coverageErr)
}
