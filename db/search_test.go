package db

import (
	"database/sql/driver"
	"fmt"
	"testing"

	"weir/flow"
)

func TestWildcards(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "a", true}, {"a", "A", true}, {"a*", "abc", true}, {"*c", "abc", true},
		{"a*c", "abc", true}, {"a*a", "a", false}, {"ab*ba", "aba", false}, {"*a*b*", "xaybz", true}, {"*b*a*", "xaybz", false},
		{"**", "x", true}, {"%", "a", false}, {"_", "a", false}, {"?", "a", false}, {"é*", "Étage", true},
	} {
		if got := wildcard(c.pattern, c.name); got != c.want {
			t.Errorf("wildcard(%q, %q) = %v", c.pattern, c.name, got)
		}
	}
}

// TestPlansAreFixed checks the plans of the queries that depend on an index.
func TestPlansAreFixed(t *testing.T) {
	s := filled(t, flow.Record{ID: 1, Node: "a", Start: epoch}, flow.Record{ID: 2, Node: "b", Start: epoch})
	err := s.read(t.Context(), nil, func(sn *snapshot) error {
		where, args := hotRange(selection{}, span{1, 2})
		for query, want := range map[string]string{
			selectHot + " INDEXED BY hot_start WHERE " + where + " ORDER BY start_ns DESC, id DESC LIMIT 3": "SEARCH hot USING INDEX hot_start (start_ns>? AND start_ns<?)",
			selectHot + " NOT INDEXED WHERE " + where:                                                       "SCAN hot",
		} {
			plan, err := sn.plan(query, args)
			if err != nil {
				return err
			}
			if plan[0] != want {
				t.Errorf("%s: %q, want %q", query, plan, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (sn *snapshot) plan(query string, args []any) ([]string, error) {
	var steps []string
	err := sn.each("EXPLAIN QUERY PLAN "+query, args, func(row []driver.Value) error {
		steps = append(steps, fmt.Sprint(row[3]))
		return nil
	})
	return steps, err
}
