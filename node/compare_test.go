package node

import (
	"slices"
	"testing"
)

func TestCompareNamesIsNaturalOrder(t *testing.T) {
	names := []string{"edge-10", "edge-2", "edge-02", "Zeta", "edge", "edge-1a", "", "edge-2b"}
	slices.SortFunc(names, CompareNames)
	if want := []string{"", "Zeta", "edge", "edge-1a", "edge-02", "edge-2", "edge-2b", "edge-10"}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
	for _, a := range names {
		for _, b := range names {
			if CompareNames(a, b) != -CompareNames(b, a) || (CompareNames(a, b) == 0) != (a == b) {
				t.Errorf("inconsistent order of %q and %q", a, b)
			}
		}
	}
}
