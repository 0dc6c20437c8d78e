package flows

import (
	"slices"
	"testing"
	"time"

	"weir/tui/column"
	"weir/tui/session"
	"weir/tui/tuitest"
	"weir/tui/ui"
)

func TestAllDefaultColumnsAreInBothOrders(t *testing.T) {
	for c := range column.Payload {
		if !slices.Contains(WideOrder[:], c) || !slices.Contains(compactOrder[:], c) {
			t.Errorf("%s is missing in an order", c.Words())
		}
	}
	if len(WideOrder) != int(column.Payload) || len(compactOrder) != len(WideOrder) || len(WideOrder)+len(column.Optional()) != int(column.Num) {
		t.Error("a column is twice in an order, or in none")
	}
}

func TestAWiderWindowNeverShowsLessOfHowItWent(t *testing.T) {
	wide := 0
	for w := 98; w < 240; w++ {
		f := New(session.New(t.Context(), session.Config{Store: tuitest.NewStore(), Loc: tuitest.Zone, Now: func() time.Time { return tuitest.Now }}))
		f.SetSize(w, 20)
		f.Update(f.Load(true)())
		f.Draw(&ui.Pen{Theme: &ui.Theme{}})
		was := wide
		wide = 0
		for _, s := range f.Table.layout.spans {
			if s.col == column.Verdict {
				wide = s.w
			}
		}
		if f.Rows.Len() == 0 || wide < column.All[column.Verdict].Min || wide < was {
			t.Errorf("%d columns, %d flows: the verdict has %d, with one column less it had %d", w, f.Rows.Len(), wide, was)
		}
	}
}
