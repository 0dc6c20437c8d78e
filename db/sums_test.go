package db

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"weir/flow"
	"weir/node"
	"weir/search"
)

// declaredStore returns a closed store of a flow each of edge-1 and edge-2, a declared node and a group.
func declaredStore(t *testing.T) (path string) {
	t.Helper()
	w := openTemp(t)
	stop := run(t, w)
	store(t, w, flow.Record{ID: 1, Node: "edge-1", Start: epoch, Last: epoch}, flow.Record{ID: 2, Node: "edge-2", Start: epoch, Last: epoch})
	inv := inventoryOf(t, w.path)
	err := errors.Join(inv.AddNode(t.Context(), node.Node{Name: "dc-2", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.2.0.0/16")}}),
		inv.AddToGroup(t.Context(), "edges", []string{"edge-1"}))
	stop()
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return w.path
}

func byGroup(group string) search.Request {
	return search.Request{Query: search.Query{Filter: search.Names{Field: search.FieldGroup, Patterns: []string{group}}}}
}

func namesOf(nodes []node.Node) (names []string) {
	for _, n := range nodes {
		names = append(names, n.Name)
	}
	return names
}

// tableDamages are changes of each of the small tables, with the nodes that are still known.
var tableDamages = []struct {
	sql, table string
	nodes      []string
}{
	{"UPDATE nodes SET name = 'dc-3'", nodesTable.text, []string{"dc-2", "edge-1", "edge-2"}},
	{"DELETE FROM nodes", nodesTable.text, []string{"dc-2", "edge-1", "edge-2"}},
	{"UPDATE node_prefixes SET prefix = '10.3.0.0/16'", prefixesTable.text, []string{"dc-2", "edge-1", "edge-2"}},
	{"DELETE FROM node_prefixes", prefixesTable.text, []string{"dc-2", "edge-1", "edge-2"}},
	{"UPDATE node_groups SET member = 'edge-2'", groupsTable.text, []string{"dc-2", "edge-1", "edge-2"}},
	{"DELETE FROM node_groups", groupsTable.text, []string{"dc-2", "edge-1", "edge-2"}},
	{"DELETE FROM sums WHERE name = 'node_groups'", groupsTable.text, []string{"dc-2", "edge-1", "edge-2"}},
	{"UPDATE reporters SET last_ns = last_ns + 1 WHERE node_id = 1", reportersTable.text, []string{"dc-2", "edge-2"}},
	{"UPDATE reporters SET node_id = 9 WHERE node_id = 1", reportersTable.text, []string{"dc-2", "edge-2"}},
	{"DROP TRIGGER reporters_removed; DELETE FROM reporters WHERE node_id = 1", reportersTable.text, []string{"dc-2", "edge-2"}},
}

func TestDamageOfASmallTableIsToldAndCostsNothingElse(t *testing.T) {
	for _, c := range tableDamages {
		path := declaredStore(t)
		onFile(t, path, func(conn connection) error {
			return errors.Join(conn.exec("PRAGMA foreign_keys = OFF"), conn.exec(c.sql))
		})
		wants := func(what string, err error, told bool) {
			t.Helper()
			if gaps, ok := search.Incomplete(err); !ok || (len(gaps) > 0) != told || told && (gaps[0].Table != c.table || !strings.Contains(err.Error(), "weir db repair")) {
				t.Errorf("%s: %s: %v", c.sql, what, err)
			}
		}
		r := readerOf(t, path)
		nodes, err := r.Nodes(t.Context())
		wants("nodes", err, c.table != groupsTable.text)
		if got := namesOf(nodes); !slices.Equal(got, c.nodes) {
			t.Errorf("%s: nodes %q, want %q", c.sql, got, c.nodes)
		}
		_, err = r.Summaries(t.Context(), search.Range{})
		wants("summaries", err, c.table != groupsTable.text)
		_, err = r.Groups(t.Context())
		wants("groups", err, c.table == groupsTable.text)
		n, err := r.Count(t.Context(), search.Request{}, -1)
		if wants("all flows", err, false); n != 2 {
			t.Errorf("%s: %d flows, want 2", c.sql, n)
		}
		n, err = r.Count(t.Context(), byGroup("edges"), -1)
		if c.table != groupsTable.text {
			if wants("the flows of a group", err, false); n != 1 {
				t.Errorf("%s: %d flows of the group, want 1", c.sql, n)
			}
		} else if err == nil || !strings.Contains(err.Error(), "weir nodes") || !strings.Contains(err.Error(), "weir db repair") {
			t.Errorf("%s: the flows of a group: %d, %v", c.sql, n, err)
		}
		var problems []string
		if n, err := r.Check(t.Context(), func(p string) { problems = append(problems, p) }); err != nil || n != 2 || len(problems) != 1 || !strings.HasPrefix(problems[0], c.table) {
			t.Errorf("%s: check: %d flows, %q, %v", c.sql, n, problems, err)
		}
	}
}

func TestRepairKeepsWhatCanBeReadOfSmallTablesOnDemandOnly(t *testing.T) {
	for _, c := range tableDamages {
		path := declaredStore(t)
		onFile(t, path, func(conn connection) error {
			return errors.Join(conn.exec("PRAGMA foreign_keys = OFF"), conn.exec(c.sql))
		})
		declared := slices.Contains([]string{nodesTable.text, prefixesTable.text, groupsTable.text}, c.table)
		inv, err := OpenInventory(t.Context(), path, WriterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		err = inv.AddNode(t.Context(), node.Node{Name: "later"})
		if (err != nil) != declared || declared && !strings.Contains(err.Error(), dropHint) {
			t.Errorf("%s: a node is declared beside the damage: %v", c.sql, err)
		}
		if err := inv.Close(); err != nil {
			t.Error(err)
		}
		var warned []string
		w, err := Open(t.Context(), path, WriterOptions{Warn: func(p string) { warned = append(warned, p) }})
		if err != nil {
			t.Fatal(err)
		}
		if (len(warned) > 0) != declared {
			t.Errorf("%s: warnings %q", c.sql, warned)
		}
		for i, want := range []Repaired{{LeftTables: 1}, {KeptTables: 1}, {}} {
			var told []string
			done, err := w.Repair(t.Context(), i > 0, func(what string) { told = append(told, what) })
			if err != nil || done != want || (len(told) == 0) != (want == Repaired{}) {
				t.Errorf("%s, repair %d: %+v, %v, want %+v; %q", c.sql, i, done, err, want, told)
			}
		}
		if _, err := w.Check(t.Context(), func(p string) { t.Errorf("%s: after the repair: %s", c.sql, p) }); err != nil {
			t.Error(err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestSalvageTellsThatDeclarationsChanged(t *testing.T) {
	for sql, want := range map[string]int{"": 0, "UPDATE node_groups SET member = 'edge-2'": 1, "UPDATE node_prefixes SET prefix = '10.3.0.0/16'": 1} {
		path := declaredStore(t)
		editFile(t, path, func(c connection) error { return c.exec("SELECT 1; " + sql) })
		var told []string
		if _, err := Salvage(t.Context(), path, path+".new", WriterOptions{}, func(p string) { told = append(told, p) }); err != nil || len(told) != want {
			t.Errorf("%q: %q, %v, want %d words", sql, told, err, want)
		}
		if nodes, err := readerOf(t, path+".new").Nodes(t.Context()); err != nil || !slices.Contains(namesOf(nodes), "dc-2") {
			t.Errorf("%q: nodes %+v, %v", sql, nodes, err)
		}
	}
}

// TestACaptureReplacesADamagedRowOfANode writes flows of a node whose row in reporters is damaged.
func TestACaptureReplacesADamagedRowOfANode(t *testing.T) {
	path := declaredStore(t)
	editFile(t, path, func(c connection) error { return c.exec("UPDATE reporters SET last_ns = 1 << 62") })
	w := openAt(t, path)
	run(t, w)
	store(t, w, flow.Record{ID: 3, Node: "edge-1", Start: epoch, Last: epoch}, flow.Record{ID: 4, Node: "edge-2", Start: epoch, Last: epoch})
	nodes, err := w.Summaries(t.Context(), search.Range{})
	if err != nil || len(nodes) != 3 || !nodes[1].LastSeen.Equal(epoch) || !nodes[2].LastSeen.Equal(epoch) {
		t.Errorf("%+v, %v", nodes, err)
	}
}

func TestDamageOfWhatEveryReadingNeedsNamesSalvage(t *testing.T) {
	for _, sql := range []string{"UPDATE names SET name = name || 'x' WHERE id = 1", "UPDATE names SET sum = sum + 1 WHERE id = 0", "UPDATE state SET commits = commits + 1"} {
		path := declaredStore(t)
		editFile(t, path, func(c connection) error { return c.exec(sql) })
		r := readerOf(t, path)
		_, err := r.Count(t.Context(), search.Request{}, -1)
		_, checked := r.Check(t.Context(), func(string) {})
		for _, err := range []error{err, checked} {
			if err == nil || !strings.Contains(err.Error(), "weir db salvage") || strings.Contains(err.Error(), "weir db check") {
				t.Errorf("%s: %v", sql, err)
			}
		}
	}
}
