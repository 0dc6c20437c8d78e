package cli

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/netip"
	"strings"

	"github.com/spf13/cobra"

	"weir/db"
	"weir/internal/texttable"
	"weir/node"
	"weir/search"
)

func nodesCommand() *cobra.Command {
	var o sourceOptions
	cmd := &cobra.Command{
		Use:   "nodes",
		Short: "List nodes, declare their prefixes, group them",
		Long: `List the nodes that have reported flows or were declared.

A declared node owns prefixes: a flow from or to one of its addresses then shows
its name as source or destination node. The longest prefix wins.`,
		Example: `  weir nodes
  weir nodes add dc-2 172.16.1.0/24 10.100.2.1
  weir nodes remove dc-2 10.100.2.1
  weir nodes remove dc-2
  weir nodes group add frankfurt fra-1 fra-2`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("unknown command %q for nodes: expected add, remove or group, or nothing to list them", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return listNodes(cmd.Context(), o, cmd.OutOrStdout())
		},
	}
	cmd.PersistentFlags().StringVar(&o.db, "db", "", "the flow store's `path` (default: weir.db in the XDG state directory)")
	cmd.AddCommand(&cobra.Command{
		Use:   "add NAME PREFIX…",
		Short: "Declare a node and the prefixes it owns, or add to them",
		Args:  atLeast(2, "a node name and at least one prefix: weir nodes add dc-2 172.16.1.0/24"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return addNode(cmd.Context(), o, args[0], args[1:])
		},
	}, &cobra.Command{
		Use:   "remove NAME [PREFIX…]",
		Short: "Remove prefixes from a node, or the node",
		Args:  atLeast(1, "a node name: weir nodes remove dc-2"),
		RunE: func(cmd *cobra.Command, args []string) error {
			prefixes, err := parsePrefixes(args[1:])
			if err != nil {
				return err
			}
			return editNodes(cmd.Context(), o, func(ctx context.Context, inv *db.Inventory) error {
				return inv.RemoveNode(ctx, args[0], prefixes...)
			})
		},
	}, nodeGroupCommand(&o))
	return cmd
}

func addNode(ctx context.Context, o sourceOptions, name string, prefixes []string) error {
	if err := node.ValidName(name); err != nil {
		return usageError{err}
	}
	owned, err := parsePrefixes(prefixes)
	if err != nil {
		return err
	}
	n := node.Node{Name: name, Prefixes: owned, Origin: node.Declared}
	return editNodes(ctx, o, func(ctx context.Context, inv *db.Inventory) error { return inv.AddNode(ctx, n) })
}

func parsePrefixes(texts []string) ([]netip.Prefix, error) {
	prefixes := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		var err error
		if prefixes[i], err = node.ParsePrefix(text); err != nil {
			return nil, usageError{err}
		}
	}
	return prefixes, nil
}

// listNodes prints every node with the flows it reported in the whole store.
func listNodes(ctx context.Context, o sourceOptions, w io.Writer) error {
	nodes, groups, incomplete := readInventory(ctx, o)
	if !search.Answered(incomplete) {
		return incomplete
	}
	out := texttable.Left(6)
	out.Row("NODE", "FLOWS", "BYTES", "LAST SEEN", "GROUPS", "OWNS")
	for _, n := range nodes {
		in := cmp.Or(strings.Join(groups.Of(n.Name), ","), "-")
		out.Row(n.Name, n.Flows, n.Octets, localTime(n.LastSeen), in, joinPrefixes(n.Prefixes))
	}
	return errors.Join(out.Print(w), incomplete)
}

// readInventory returns the nodes of the store, with what they reported in the whole
// store, and its groups. Sums can lack damaged blocks, and declarations can be
// damaged: then the rest comes with an error that search.Incomplete knows.
func readInventory(ctx context.Context, o sourceOptions) (nodes []node.Summary, groups node.Groups, err error) {
	store, err := o.openReader(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer store.Close()
	groups, damaged := store.Groups(ctx)
	if !search.Answered(damaged) {
		return nil, nil, damaged
	}
	nodes, err = store.Summaries(ctx, search.Range{})
	return nodes, groups, search.JoinIncomplete(damaged, err)
}

func joinPrefixes(prefixes []netip.Prefix) string {
	words := make([]string, len(prefixes))
	for i, p := range prefixes {
		words[i] = p.String()
		if p.IsSingleIP() {
			words[i] = p.Addr().String()
		}
	}
	return strings.Join(words, " ")
}

// editNodes changes the inventory of the store, which is made if it isn't there.
// Another process may be capturing into it.
func editNodes(ctx context.Context, o sourceOptions, edit func(context.Context, *db.Inventory) error) error {
	return withStore(ctx, o, db.WriterOptions{}, db.OpenInventory, func(inv *db.Inventory) error {
		return edit(ctx, inv)
	})
}
