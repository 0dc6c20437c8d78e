package db

import (
	"slices"
	"testing"

	"weir/flow"
	"weir/internal/storetest"
	"weir/search"
)

func TestReadersSeeNewGroups(t *testing.T) {
	s := filled(t, flow.Record{ID: 1, Node: "edge-1", Start: epoch}, flow.Record{ID: 2, Node: "edge-2", Start: epoch})
	inv := inventoryOf(t, s.path)
	r, err := OpenReader(t.Context(), s.path, ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	before := r.Version()
	if err := inv.AddToGroup(t.Context(), "g", []string{"edge-2"}); err != nil {
		t.Fatal(err)
	}
	if r.Version() == before {
		t.Error("the version is the same after a group was declared")
	}
	q := search.Query{Filter: search.Names{Field: search.FieldGroup, Patterns: []string{"g"}}}
	if page, err := r.Search(t.Context(), search.Request{Query: q}, search.Cursor{}, 10); err != nil || !slices.Equal(storetest.IDs(page.Rows), []int64{2}) {
		t.Errorf("group:g finds %v, %v", storetest.IDs(page.Rows), err)
	}
	if groups, err := r.Groups(t.Context()); err != nil || !slices.Equal(groups.Nodes("g"), []string{"edge-2"}) {
		t.Errorf("groups %v, %v", groups, err)
	}
}
