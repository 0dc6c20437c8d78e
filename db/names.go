package db

import (
	"database/sql/driver"
	"slices"
	"strings"
)

// dictionary is the names table in memory. Rows hold a name's id, filters are
// resolved to ids here before SQL sees them.
type dictionary struct {
	byID map[int64]string
	ids  map[string]int64
}

// readNames reads the dictionary: one row for each node and interface that
// ever appeared, so a handful to thousands.
func readNames(c connection) (*dictionary, error) {
	d := &dictionary{byID: make(map[int64]string), ids: make(map[string]int64)}
	err := c.each("SELECT id, name FROM names", nil, func(row []driver.Value) error {
		id, _ := row[0].(int64)
		name, _ := row[1].(string)
		d.add(id, name)
		return nil
	})
	return d, err
}

func (d *dictionary) add(id int64, name string) {
	d.byID[id], d.ids[name] = name, id
}

// name returns the name of an id, and "" for one that is not there.
func (d *dictionary) name(id int64) string { return d.byID[id] }

// exact returns the ids of the names that equal one of those given, without
// regard to case, in order.
func (d *dictionary) exact(names []string) []int64 {
	return d.where(names, strings.EqualFold)
}

// match returns the ids of the names that one of the patterns matches, in order.
func (d *dictionary) match(patterns []string) []int64 {
	return d.where(patterns, wildcard)
}

func (d *dictionary) where(wanted []string, equal func(want, name string) bool) []int64 {
	ids := []int64{}
	for id, name := range d.byID {
		if slices.ContainsFunc(wanted, func(want string) bool { return equal(want, name) }) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// wildcard reports whether name matches pattern, in which '*' stands for any
// run of characters, without regard to case.
func wildcard(pattern, name string) bool {
	parts := strings.Split(strings.ToLower(pattern), "*")
	name = strings.ToLower(name)
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return name == first
	}
	if len(name) < len(first)+len(last) || !strings.HasPrefix(name, first) || !strings.HasSuffix(name, last) {
		return false
	}
	name = name[len(first) : len(name)-len(last)]
	for _, part := range parts[1 : len(parts)-1] { // the leftmost place leaves the most for the rest
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name = name[i+len(part):]
	}
	return true
}
