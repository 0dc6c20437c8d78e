package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"weir/node"
	"weir/search"
)

// Groups returns the declared groups of nodes and their members, by name. If they are damaged, there are
// none, and the error is a *search.IncompleteError.
func (r *Reader) Groups(ctx context.Context) (node.Groups, error) {
	var groups node.Groups
	err := r.read(ctx, nil, func(sn *snapshot) error {
		groups = sn.names.groups
		return sn.gaps.addTable(groupsTable, sn.names.groupsErr)
	})
	if !search.Answered(err) {
		return nil, fmt.Errorf("read groups of nodes: %w", err)
	}
	return groups, err
}

func readGroups(c connection) (node.Groups, error) {
	rows, err := c.declared(groupsTable)
	var groups node.Groups
	for _, row := range rows {
		name, member := row[0], row[1]
		if n := len(groups); n == 0 || !strings.EqualFold(groups[n-1].Name, name) {
			groups = append(groups, node.Group{Name: name})
		}
		last := &groups[len(groups)-1]
		last.Members = append(last.Members, member)
	}
	return groups, err
}

// AddToGroup adds members, which are names of nodes or of other groups, to a group, and creates the
// group if necessary. A node and a group can't have the same name, because a filter could mean either.
func (inv *Inventory) AddToGroup(ctx context.Context, group string, members []string) error {
	for _, name := range append([]string{group}, members...) {
		if err := node.ValidName(name); err != nil {
			return err
		}
	}
	switch {
	case len(members) == 0:
		return fmt.Errorf("group %s: no members: name nodes or other groups", group)
	case node.Contains(members, group):
		return fmt.Errorf("group %s: can't be a member of itself", group)
	}
	return inv.transact(ctx, "group "+group, func(c connection) error { return addToGroup(c, group, members) })
}

func addToGroup(c connection, group string, members []string) error {
	nodes, err := nodeNames(c)
	if err != nil {
		return err
	}
	if node.Contains(nodes, group) {
		return errors.New("a node has that name; choose another for the group")
	}
	groups, err := readGroups(c)
	if err != nil {
		return err
	}
	if had := groups.Find(group); had != nil {
		group = had.Name // as it was spelled first
	}
	for _, m := range members {
		if err := c.exec("INSERT OR IGNORE INTO node_groups (name, member) VALUES (?, ?)", group, m); err != nil {
			return err
		}
	}
	return nil
}

// RemoveFromGroup removes members from a group, or all of them if none is named. A group without
// members no longer exists. Flows are not changed.
func (inv *Inventory) RemoveFromGroup(ctx context.Context, group string, members []string) error {
	return inv.transact(ctx, "group "+group, func(c connection) error {
		groups, err := readGroups(c)
		if err != nil {
			return err
		}
		g := groups.Find(group)
		if g == nil {
			return unknownGroup(group, groups)
		}
		if len(members) == 0 {
			members = g.Members
		}
		for _, m := range members {
			if !node.Contains(g.Members, m) {
				return fmt.Errorf("%q is not a member, only %s", m, strings.Join(g.Members, ", "))
			}
			if err := c.exec("DELETE FROM node_groups WHERE name = ? AND member = ?", group, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// unknownGroup is the error for a group that doesn't exist.
func unknownGroup(name string, groups node.Groups) error {
	if len(groups) == 0 {
		return fmt.Errorf("unknown group %q: no groups are defined, weir nodes group add creates one", name)
	}
	return fmt.Errorf("unknown group %q: expected one of %s", name, strings.Join(groups.Names(), ", "))
}

// nodeNames returns the names of the nodes that were declared or reported flows.
func nodeNames(c connection) ([]string, error) {
	var all []string
	err := c.each("SELECT name FROM nodes UNION SELECT n.name FROM reporters AS r JOIN names AS n ON n.id = r.node_id", nil,
		func(row []driver.Value) error {
			name, _ := row[0].(string)
			all = append(all, name)
			return nil
		})
	return all, err
}
