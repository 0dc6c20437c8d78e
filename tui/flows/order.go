package flows

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/column"
	"weir/tui/keys"
	"weir/tui/ui"
)

// orderOf returns the order by a column, with its first values as the column wants them; ok is false if the
// column has not one number per flow. The store orders all flows by it, [Rows.Sort] only the loaded ones.
func orderOf(c column.Column) (o search.Order, ok bool) {
	name := column.All[c].Name
	if c == column.End {
		name = search.FieldDuration.String() // the cell is the time after START
	}
	o, err := search.ParseOrder(name)
	if err == nil && !column.All[c].Desc {
		o = o.Reverse()
	}
	return o, err == nil
}

// orderFields returns the field of each column by which the store can order; FieldNone: none.
func orderFields() []search.Field {
	fields := make([]search.Field, column.Num)
	for c := range column.Num {
		if o, ok := orderOf(c); ok {
			fields[c] = o.Field()
		}
	}
	return fields
}

// sortSign returns the sign in the head of a column: whether and in which direction the flows are ordered by it.
func (t *table) sortSign(th *ui.Theme, c column.Column, order search.Order) string {
	if t.rows.Sorted() {
		if t.rows.SortBy == c {
			return ui.SortSign(th, t.rows.Desc)
		}
		return ""
	}
	if t.fields == nil {
		t.fields = orderFields()
	}
	if t.fields[c] == order.Field() {
		return ui.SortSign(th, !order.SmallestFirst())
	}
	return ""
}

// Order returns how the flows are ordered, from long to short texts: which of all that match are shown, and by
// what. A live view has none.
func (f *Result) Order(th *ui.Theme) []string {
	s := &f.Rows
	total := ""
	switch {
	case f.Unanswered || f.Matches < 0:
	case f.Matches > CountMax:
		total = " of more than " + ui.Count(CountMax)
	default:
		total = " of " + ui.Count(max(f.Matches, int64(s.Len())))
	}
	if s.Sorted() {
		by := " by " + column.All[s.SortBy].Title + ui.SortSign(th, s.Desc)
		if !s.More {
			return []string{"all " + ui.Count(s.Len()) + by, strings.TrimSpace(by)}
		}
		return []string{ui.Count(s.Len()) + " loaded" + total + by, ui.Count(s.Len()) + " loaded" + by, "loaded" + by}
	}
	order := f.Query.Order
	if order == search.Oldest {
		return []string{"OLDEST FIRST", "OLDEST"}
	}
	first := "top "
	if order.SmallestFirst() {
		first = "lowest "
	}
	most := Most(&f.Query)
	shown := ui.Count(most) + total
	if !f.Unanswered && f.Matches >= 0 && f.Matches <= int64(most) {
		first, shown = "", "all "+ui.Count(f.Matches)
	}
	by := "by " + strings.ToUpper(order.Field().String()) + ui.SortSign(th, !order.SmallestFirst())
	return []string{first + shown + " " + by, first + by, by}
}

// toggleSort orders by a column, or undoes that.
func (f *Result) toggleSort(by column.Column) tea.Cmd {
	order, ok := orderOf(by)
	s := &f.Rows
	switch {
	case !ok && s.Sorted() && s.SortBy == by:
		return f.unsort()
	case !ok:
		return f.sortLoaded(by)
	case !s.Sorted() && f.Query.Order.Field() == order.Field() && !order.ByStart():
		return f.Follow()
	case order == f.Query.Order && !s.Sorted():
		f.Say(ui.Text, "newest first already: "+f.Key(keys.Order)+" reverses")
		return nil
	}
	return f.orderBy(order)
}

// orderBy has the store order all flows that match.
func (f *Result) orderBy(order search.Order) tea.Cmd {
	f.Rows.Unsort()
	if f.Query.Order == order {
		f.State = startState(order)
		return f.Load(false)
	}
	return f.SetOrder(order) // its watchers load the result
}

// startState returns the state of a view that was just loaded.
func startState(order search.Order) State {
	if order == search.Newest {
		return Live
	}
	return Still
}

// sortLoaded sorts the flows up to the limit by a column by which the store has no order.
func (f *Result) sortLoaded(by column.Column) tea.Cmd {
	s := &f.Rows
	if f.State == Live {
		f.standStill()
		f.State = Still
	}
	s.Sort(by, column.All[by].Desc)
	s.top = 0
	s.Move(0)
	return f.LoadMore()
}

// unsort restores the order of the query.
func (f *Result) unsort() tea.Cmd {
	f.Rows.Unsort()
	if f.State == Still && f.Query.Order == search.Newest {
		return f.Follow()
	}
	return nil
}

func (f *Result) reverseSort() tea.Cmd {
	s := &f.Rows
	switch {
	case s.Sorted():
		s.Sort(s.SortBy, !s.Desc)
		s.top = 0
		s.Move(0)
	case !f.Query.Order.ByStart():
		return f.orderBy(f.Query.Order.Reverse())
	default:
		f.Say(ui.Text, "not sorted: "+f.Key(keys.Sort)+" sorts by the selected column, "+f.Key(keys.Order)+" reverses the order of time")
	}
	return nil
}
