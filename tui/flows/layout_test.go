package flows

import (
	"slices"
	"testing"

	"weir/tui/column"
	"weir/tui/tuitest"
)

func TestAllColumnsAreInBothOrders(t *testing.T) {
	for c := range column.Num {
		if !slices.Contains(WideOrder[:], c) || !slices.Contains(compactOrder[:], c) {
			t.Errorf("%s is missing in an order", c.Words())
		}
	}
	if len(WideOrder) != int(column.Num) || len(compactOrder) != int(column.Num) {
		t.Error("a column is twice in an order")
	}
}

func TestTwoYearsAreBothNamed(t *testing.T) {
	a, b := tuitest.Flows()[:1], tuitest.Flows()[:1]
	b[0].Start = b[0].Start.AddDate(-1, 0, 0)
	if got := yearsOf(append(a, b...), tuitest.Now, tuitest.Zone); got != "2023-24" {
		t.Errorf("two years: %q", got)
	}
}
