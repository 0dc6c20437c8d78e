package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"weir/db"
	"weir/internal/texttable"
	"weir/node"
	"weir/search"
)

// nodeGroupCommand is `weir nodes group`. o is that of `weir nodes`.
func nodeGroupCommand(o *sourceOptions) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "group",
		Short: "List, change and remove groups of nodes",
		Long: `List the groups of nodes, with sums of the flows that their nodes reported.

A group is a named set of nodes and other groups, such as a cluster or a site. Its
name is accepted wherever a node name is: in node:, snode:, dnode: and anynode: of
a filter, in --node, and in the node list of the screen. group:NAME finds the flows
reported by its nodes.`,
		Example: `  weir nodes group
  weir nodes group add frankfurt fra-1 fra-2
  weir nodes group add europe frankfurt paris-1
  weir nodes group remove frankfurt fra-2
  weir query --node frankfurt --since 2h`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("unknown command %q for nodes group: expected add or remove, or nothing to list them", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return listGroups(cmd.Context(), *o, cmd.OutOrStdout())
		},
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "add GROUP NODE…",
		Short: "Add nodes or other groups to a group, creating it if needed",
		Args:  atLeast(2, "a group and at least one node: weir nodes group add frankfurt fra-1"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return addToGroup(cmd.Context(), *o, args[0], args[1:], cmd.ErrOrStderr())
		},
	}, &cobra.Command{
		Use:   "remove GROUP [NODE…]",
		Short: "Remove nodes from a group, or the group",
		Args:  atLeast(1, "a group: weir nodes group remove frankfurt"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return editNodes(cmd.Context(), *o, func(ctx context.Context, inv *db.Inventory) error {
				return inv.RemoveFromGroup(ctx, args[0], args[1:])
			})
		},
	})
	return cmd
}

// addToGroup puts members into a group, and says which of them are unknown: a node
// may be named before it reports anything, but the name may also be a typing error.
func addToGroup(ctx context.Context, o sourceOptions, group string, members []string, stderr io.Writer) error {
	for _, name := range append([]string{group}, members...) {
		if err := node.ValidName(name); err != nil {
			return usageError{err}
		}
	}
	err := editNodes(ctx, o, func(ctx context.Context, inv *db.Inventory) error {
		return inv.AddToGroup(ctx, group, members)
	})
	if err != nil {
		return err
	}
	store, err := o.openReader(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	names, err := knownNodes(ctx, store)
	if err != nil {
		return unlessAnswered(err)
	}
	for _, m := range members {
		if !node.Contains(names, m) {
			fmt.Fprintf(stderr, "weir: no node named %s yet; it will be in the group once it reports flows or is declared\n", m)
		}
	}
	return nil
}

// knownNodes are the names of the nodes and groups that a store knows. If some are
// damaged, it returns the others with an error that search.Incomplete knows.
func knownNodes(ctx context.Context, store *db.Reader) ([]string, error) {
	nodes, err := store.Nodes(ctx)
	if !search.Answered(err) {
		return nil, err
	}
	groups, groupsErr := store.Groups(ctx)
	names := groups.Names()
	for _, n := range nodes {
		names = append(names, n.Name)
	}
	return names, search.JoinIncomplete(err, groupsErr)
}

// listGroups prints every group with what its nodes reported in the whole store.
func listGroups(ctx context.Context, o sourceOptions, w io.Writer) error {
	nodes, groups, incomplete := readInventory(ctx, o)
	if !search.Answered(incomplete) {
		return incomplete
	}
	out := texttable.Left(5)
	out.Row("GROUP", "FLOWS", "BYTES", "LAST SEEN", "MEMBERS")
	for _, g := range groups {
		sum := groups.Sum(g.Name, nodes)
		out.Row(g.Name, sum.Flows, sum.Octets, localTime(sum.LastSeen), strings.Join(g.Members, " "))
	}
	return errors.Join(out.Print(w), incomplete)
}
