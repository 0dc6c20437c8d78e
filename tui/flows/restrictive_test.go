package flows

import (
	"testing"

	"weir/search"
	"weir/tui/tuitest"
)

func TestTooLongAFilterIsNotLookedThrough(t *testing.T) {
	many, err := search.ParseAt("1 2 3 4 5 6 7 8 9", tuitest.Now, tuitest.Zone)
	if err != nil {
		t.Fatal(err)
	}
	if got := parts(search.Query{Filter: many}); got != nil {
		t.Errorf("too long a filter is looked through in %d parts", len(got))
	}
}
