package db

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/storetest"
	"weir/node"
)

func TestTheInventoryChangesBesideAWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "weir.db")
	inv, err := OpenInventory(t.Context(), path, WriterOptions{}) // creates it
	if err != nil {
		t.Fatal(err)
	}
	s := openAt(t, path) // the inventory does not hold the lock
	run(t, s)
	for i := range int64(20) {
		store(t, s, numbered(100*i, 100)...)
		if err := inv.AddNode(t.Context(), node.Node{Name: fmt.Sprintf("n%d", i)}); err != nil {
			t.Fatal(err)
		}
	}
	second, err := OpenInventory(t.Context(), path, WriterOptions{}) // while the writer holds the lock
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(second.RemoveNode(t.Context(), "N7"), second.Close(), inv.Close()); err != nil {
		t.Fatal(err)
	}
	nodes, err := s.Nodes(t.Context())
	if err != nil || len(nodes) != 20 { // 19 declared ones, and the one that reported
		t.Errorf("%d nodes, %v, want 20", len(nodes), err)
	}
	if got := len(storetest.All(t, s)); got != 2000 {
		t.Errorf("%d flows of 2000", got)
	}
}

func TestAnInventoryChangesTheVersionOfAWriter(t *testing.T) {
	w := filled(t, numbered(0, 5)...)
	inv := inventoryOf(t, w.path)
	before := w.Version()
	if again := w.Version(); again != before {
		t.Errorf("the version goes from %d to %d while nothing is written", before, again)
	}
	if err := inv.AddNode(t.Context(), node.Node{Name: "declared"}); err != nil {
		t.Fatal(err)
	}
	if w.Version() == before {
		t.Error("the version is the same after a node was declared")
	}
}

func TestErrorsOfTheInventory(t *testing.T) {
	dir := t.TempDir()
	for path, words := range refusals(t, dir) {
		if _, err := OpenInventory(t.Context(), path, WriterOptions{}); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("OpenInventory(%s) = %v, want words with %q", path, err, words)
		}
	}
	inv, err := OpenInventory(t.Context(), filepath.Join(dir, "weir.db"), WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer inv.Close()
	if err := inv.RemoveNode(t.Context(), "x"); err == nil || !strings.Contains(err.Error(), "no node of that name") {
		t.Errorf("RemoveNode = %v", err)
	}
	if err := inv.AddNode(t.Context(), node.Node{Name: "a b"}); err == nil {
		t.Error("a wrong name is declared")
	}
}
