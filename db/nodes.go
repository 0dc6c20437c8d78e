package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"weir/db/block"
	"weir/node"
	"weir/search"
)

// Nodes returns the nodes that the store knows, by name: declared ones with their prefixes, and those
// that have only reported flows. If one of these tables is damaged, the result has the nodes that could
// still be read, and the error is a *search.IncompleteError.
func (r *Reader) Nodes(ctx context.Context) ([]node.Node, error) {
	var nodes []node.Node
	err := r.read(ctx, nil, func(sn *snapshot) error {
		nodes = nil
		summaries, err := sn.allNodes()
		for _, n := range summaries {
			nodes = append(nodes, n.Node)
		}
		return err
	})
	if !search.Answered(err) {
		return nil, fmt.Errorf("read nodes: %w", err)
	}
	return nodes, err
}

// Summaries returns all nodes of Nodes, by name, with the sums of the flows they reported that were active
// in span, and of their octets what falls into it as in Top. LastSeen covers all time.
func (r *Reader) Summaries(ctx context.Context, span search.Range) ([]node.Summary, error) {
	var nodes []node.Summary
	err := r.read(ctx, nil, func(sn *snapshot) (err error) {
		if nodes, err = sn.allNodes(); err != nil {
			return err
		}
		nodes, err = sn.addSums(nodes, spanOf(span, r.now()))
		return err
	})
	if !search.Answered(err) {
		return nil, fmt.Errorf("summarize nodes: %w", err)
	}
	return nodes, err
}

// allNodes returns all nodes, declared or seen, by name. Two spellings of one name are two reporters,
// but a declaration applies to both.
func (sn *snapshot) allNodes() ([]node.Summary, error) {
	var nodes []node.Summary
	find := func(name string) *node.Summary {
		i := slices.IndexFunc(nodes, func(n node.Summary) bool { return strings.EqualFold(n.Name, name) })
		if i < 0 {
			nodes = append(nodes, node.Summary{Node: node.Node{Name: name}})
			i = len(nodes) - 1
		}
		return &nodes[i]
	}
	names, err := sn.declared(nodesTable)
	if err := sn.gaps.addTable(nodesTable, err); err != nil {
		return nil, err
	}
	for _, row := range names {
		find(row[0]).Origin = node.Declared
	}
	prefixes, err := sn.declared(prefixesTable)
	if err := sn.gaps.addTable(prefixesTable, err); err != nil {
		return nil, err
	}
	for _, row := range prefixes {
		prefix, err := netip.ParsePrefix(row[1])
		if err != nil {
			return nil, fmt.Errorf("node %s: %w", row[0], err)
		}
		n := find(row[0])
		n.Origin, n.Prefixes = node.Declared, append(n.Prefixes, prefix)
	}
	err = sn.reporters(func(id, last int64) {
		n := find(sn.names.name(id))
		if t := block.TimeOf(last); t.After(n.LastSeen) {
			n.LastSeen = t
		}
	})
	if err := sn.gaps.addTable(reportersTable, err); err != nil {
		return nil, err
	}
	for i := range nodes {
		slices.SortFunc(nodes[i].Prefixes, netip.Prefix.Compare)
	}
	slices.SortFunc(nodes, func(a, b node.Summary) int { return cmp.Compare(a.Name, b.Name) })
	return nodes, nil
}

// addSums adds the flows and octets of a time range to nodes. Headers have the sums of a whole block by
// node; only the blocks at the ends of the range are read.
//
// A node that the table reporters lacks, because that is damaged, is added.
func (sn *snapshot) addSums(nodes []node.Summary, clip span) ([]node.Summary, error) {
	if clip.empty() {
		return nodes, nil
	}
	sel := selection{span: span{math.MinInt64, clip.hi}, clip: clip}
	type total struct {
		flows  int64
		octets uint64
	}
	totals := map[int64]total{}
	add := func(node, flows int64, octets uint64) {
		sum := totals[node]
		totals[node] = total{sum.flows + flows, block.AddSaturating(sum.octets, octets)}
	}
	var mu sync.Mutex
	count := func(b block.Batch, rows block.Bitmap) error {
		found := newBatchGroups(newSeed())
		if err := found.read(b, rows, clip, search.Grouping{search.ByNode}, [numCounts]bool{}); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		for i, node := range found.parts {
			add(node, found.sums[i].flows, found.sums[i].octets())
		}
		return nil
	}
	err := sn.pieces(sel.whole, func(b *block.PieceRows) error { return sel.visit(b, count) })
	if err != nil {
		return nodes, err
	}
	var cut []*block.Header
	for _, b := range sel.candidates(sn.blocks, sel.span) {
		if start := b.Zone(block.ColStart).Min; start < clip.lo || clip.hi < math.MaxInt64 && latestEnd(b) > clip.hi {
			cut = append(cut, b)
			continue
		}
		for _, s := range b.Sums {
			add(s.Node, s.Flows, s.Octets)
		}
	}
	gaps, err := sn.eachBlock(cut, func(b *block.Reader) error { return sel.visit(b, count) })
	sn.gaps.add(append(gaps, sn.unreadable...), sel.span, clip)
	for id, sum := range totals {
		name := sn.names.name(id)
		i := slices.IndexFunc(nodes, func(n node.Summary) bool { return strings.EqualFold(n.Name, name) })
		if i < 0 {
			i = len(nodes)
			nodes = append(nodes, node.Summary{Node: node.Node{Name: name}})
		}
		nodes[i].Flows += sum.flows
		nodes[i].Octets = block.AddSaturating(nodes[i].Octets, sum.octets)
	}
	slices.SortFunc(nodes, func(a, b node.Summary) int { return cmp.Compare(a.Name, b.Name) })
	return nodes, err
}

func addNode(c connection, n node.Node) error {
	groups, err := readGroups(c)
	switch {
	case err != nil:
		return err
	case groups.Find(n.Name) != nil:
		return errors.New("a group of nodes has that name; choose another for the node")
	}
	if err := c.exec("INSERT OR IGNORE INTO nodes (name) VALUES (?)", n.Name); err != nil {
		return err
	}
	for _, p := range n.Prefixes {
		if err := c.exec("INSERT OR IGNORE INTO node_prefixes (node, prefix) VALUES (?, ?)", n.Name, p.Masked().String()); err != nil {
			return err
		}
	}
	return nil
}

func removeNode(c connection, name string, prefixes []netip.Prefix) error {
	var n int64
	if err := c.ints("SELECT count(*) FROM nodes WHERE name = ?", []any{name}, &n); err != nil {
		return err
	}
	if n == 0 {
		return errors.New("no node of that name is declared")
	}
	if len(prefixes) == 0 {
		return c.exec("DELETE FROM nodes WHERE name = ?", name)
	}
	for _, p := range prefixes {
		text := p.Masked().String()
		if err := c.ints("SELECT count(*) FROM node_prefixes WHERE node = ? AND prefix = ?", []any{name, text}, &n); err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("prefix %s was not declared", text)
		}
		if err := c.exec("DELETE FROM node_prefixes WHERE node = ? AND prefix = ?", name, text); err != nil {
			return err
		}
	}
	return nil
}
