package db

import (
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"weir/db/block"
	"weir/flow"
	"weir/node"
	"weir/search"
)

// dictionary is the table names in memory. Flows hold the id of a name; patterns of a filter are
// resolved to ids here.
type dictionary struct {
	byID      map[int64]string
	ids       map[string]int64
	lastID    int64
	groups    node.Groups // set in snapshots only, where filters are resolved
	groupsErr error       // the damage of the groups, which then are not known
}

// readNames reads the dictionary: one row for each node and interface that was ever seen, so a handful
// to thousands.
func readNames(c connection, s state) (*dictionary, error) {
	d := &dictionary{byID: make(map[int64]string), ids: make(map[string]int64)}
	err := c.each("SELECT id, name, sum FROM names", nil, func(row []driver.Value) error {
		id, _ := row[0].(int64)
		name, _ := row[1].(string)
		if sum, _ := row[2].(int64); sum != nameSum(id, name) {
			return fmt.Errorf("name %d: %w", id, errEssential)
		}
		d.add(id, name)
		return nil
	})
	if err == nil && int64(len(d.byID)) != s.names {
		err = fmt.Errorf("%d names, not the %d that were stored: %w", len(d.byID), s.names, errEssential)
	}
	return d, err
}

func (d *dictionary) add(id int64, name string) {
	d.byID[id], d.ids[name] = name, id
	d.lastID = max(d.lastID, id)
}

// name returns the name of an id, or "" if it has none.
func (d *dictionary) name(id int64) string { return d.byID[id] }

// has reports whether an id has a name.
func (d *dictionary) has(id int64) bool {
	_, ok := d.byID[id]
	return ok
}

// join sets r to a stored record.
func (d *dictionary) join(t *block.Tuple, r *flow.Record) {
	ids := t.NameIDs()
	t.Join(r, block.RecordNames{Node: d.name(ids.Node), Interface: d.name(ids.Interface), ReplyInterface: d.name(ids.ReplyInterface), Src: d.name(ids.Src), Dst: d.name(ids.Dst)})
}

// nodeIDs returns, in ascending order, the ids of the nodes with one of these names or in a group with
// one, ignoring case.
func (d *dictionary) nodeIDs(names []string) ([]int64, error) {
	if err := d.wantGroups(); err != nil {
		return nil, err
	}
	is := anyOf(names, strings.EqualFold)
	grouped := d.inGroups(is)
	return d.idsWhere(func(name string) bool { return is(name) || grouped(name) }), nil
}

// wantGroups fails if the groups are damaged: a name of a filter can be that of a group.
func (d *dictionary) wantGroups() error {
	if d.groupsErr == nil {
		return nil
	}
	return fmt.Errorf("the filter names nodes or groups, and the groups of nodes are damaged: weir nodes lists what is sound, %s: %w", dropHint, d.groupsErr)
}

// match returns the ids of the names that match a term, in ascending order.
func (d *dictionary) match(x search.Names) ([]int64, error) {
	is := anyOf(x.Patterns, search.MatchesName)
	if x.Field.IsInterface() {
		return d.idsWhere(is), nil
	}
	if err := d.wantGroups(); err != nil {
		return nil, err
	}
	if x.Field == search.FieldGroup {
		for _, p := range x.Patterns {
			if p != "" && !strings.Contains(p, "*") && d.groups.Find(p) == nil {
				return nil, unknownGroup(p, d.groups)
			}
		}
		grouped := d.inGroups(is)
		if !slices.Contains(x.Patterns, "") {
			return d.idsWhere(grouped), nil
		}
		inAny := d.inGroups(func(string) bool { return true })
		return d.idsWhere(func(name string) bool { return grouped(name) || !inAny(name) }), nil
	}
	grouped := d.inGroups(is)
	return d.idsWhere(func(name string) bool { return is(name) || grouped(name) }), nil
}

// inGroups returns a predicate for nodes that are in a wanted group.
func (d *dictionary) inGroups(wanted func(group string) bool) func(node string) bool {
	in := map[string]bool{}
	for _, g := range d.groups {
		if wanted(g.Name) {
			for _, name := range d.groups.Nodes(g.Name) {
				in[strings.ToLower(name)] = true
			}
		}
	}
	return func(node string) bool { return len(in) > 0 && in[strings.ToLower(node)] }
}

func (d *dictionary) idsWhere(matches func(name string) bool) []int64 {
	ids := []int64{}
	for id, name := range d.byID {
		if matches(name) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// anyOf returns a predicate for names that equal one of those wanted.
func anyOf(wanted []string, equal func(want, name string) bool) func(name string) bool {
	return func(name string) bool {
		return slices.ContainsFunc(wanted, func(want string) bool { return equal(want, name) })
	}
}
