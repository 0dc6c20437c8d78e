package db

import (
	"slices"
	"testing"

	"weir/flow"
	"weir/internal/storetest"
)

// TestInterfacesAreThoseOfFlowsAndOfCoverage also where a node has the same name.
func TestInterfacesAreThoseOfFlowsAndOfCoverage(t *testing.T) {
	w := writtenStore(t, 60)
	recs := []flow.Record{{ID: 1, Start: storetest.Now, Node: "fw-1", Interface: "eth0"}, {ID: 2, Start: storetest.Now, Node: "eth1", Interface: "wlan0"}}
	if err := w.Put(t.Context(), recs); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := readerOf(t, w.path).Interfaces(t.Context())
	if want := []string{"eth0", "wlan0"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("interfaces %q, %v, want %q", got, err, want)
	}
}
