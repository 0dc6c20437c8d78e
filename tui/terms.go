package tui

import (
	"reflect"
	"slices"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/search"
	"weir/tui/ui"
)

// cellTerm is the condition that a flow has the value that column c shows of r.
// why says in a sentence why there is none.
func cellTerm(c column, r *flow.Record) (term search.Expr, why string) {
	number := func(f search.Field, n int64) (search.Expr, string) {
		return search.Numbers{Field: f, Ranges: []search.Interval{{Lo: n, Hi: n}}}, ""
	}
	name := func(f search.Field, s string) (search.Expr, string) {
		return search.Names{Field: f, Patterns: []string{s}}, ""
	}
	switch c {
	case colStart:
		return nil, "START is a time: r sets the range, or / start>=14:05"
	case colEnd:
		if r.Open() && !over(r.Verdict) {
			return number(search.FieldOpen, 1)
		}
		return nil, "END is a time: / end>=14:05, or duration:>5s"
	case colProto:
		return number(search.FieldProto, int64(r.Proto))
	case colSrcNode:
		return name(search.FieldSnode, r.Src.Node)
	case colDstNode:
		return name(search.FieldDnode, r.Dst.Node)
	case colNode:
		return name(search.FieldNode, r.Node)
	case colSrcIP:
		return search.Addrs{Field: search.FieldSrc, Ranges: []search.AddrRange{{Lo: r.Src.Addr, Hi: r.Src.Addr}}}, ""
	case colDstIP:
		return search.Addrs{Field: search.FieldDst, Ranges: []search.AddrRange{{Lo: r.Dst.Addr, Hi: r.Dst.Addr}}}, ""
	case colRecv:
		return number(search.FieldRecv, int64(min(r.Recv.Octets, search.MaxNumber)))
	case colSent:
		return number(search.FieldSent, int64(min(r.Sent.Octets, search.MaxNumber)))
	case colVerdict:
		return number(search.FieldVerdict, int64(r.Verdict))
	}
	return portTerm(c, r)
}

// portTerm does the columns that not every protocol fills.
func portTerm(c column, r *flow.Record) (term search.Expr, why string) {
	number := func(f search.Field, n int64) search.Expr {
		return search.Numbers{Field: f, Ranges: []search.Interval{{Lo: n, Hi: n}}}
	}
	switch {
	case c == colFlags && r.HasFlags():
		return search.FlagTest{Field: search.FieldFlags, All: r.Flags(), Exact: true}, ""
	case c == colFlags:
		return nil, "only TCP has flags"
	case c == colDstPort && r.Proto.IsICMP():
		return search.And{
			number(search.FieldICMPType, int64(r.ICMP.Type)),
			number(search.FieldICMPCode, int64(r.ICMP.Code)),
		}, ""
	case !r.Proto.HasPorts():
		return nil, r.Proto.String() + " has no ports"
	case c == colSrcPort:
		return number(search.FieldSport, int64(r.Src.Port)), ""
	}
	return number(search.FieldDport, int64(r.Dst.Port)), ""
}

// addCell narrows the filter by the selected cell.
func (m *model) addCell(include bool) tea.Cmd {
	r := m.table.rows.selected()
	if r == nil {
		return nil
	}
	term, why := cellTerm(m.table.col, r)
	if term == nil {
		m.say(ui.Text, why)
		return nil
	}
	if !include {
		term = search.Not{X: term}
	}
	return m.addTerm(term)
}

// addTerm adds a term to the filter. A term that says the contrary is replaced.
func (m *model) addTerm(term search.Expr) tea.Cmd {
	terms := slices.Clone(search.Conjuncts(m.query.Filter))
	for _, add := range search.Conjuncts(term) {
		terms = slices.DeleteFunc(terms, func(old search.Expr) bool { return contrary(old, add) })
		if !slices.ContainsFunc(terms, func(old search.Expr) bool { return reflect.DeepEqual(old, add) }) {
			terms = append(terms, add)
		}
	}
	return m.setFilter(search.Join(terms))
}

func contrary(a, b search.Expr) bool {
	return reflect.DeepEqual(a, search.Expr(search.Not{X: b})) || reflect.DeepEqual(search.Expr(search.Not{X: a}), b)
}

// dropTerm takes the last term off the filter.
func (m *model) dropTerm() tea.Cmd {
	terms := search.Conjuncts(m.query.Filter)
	if len(terms) == 0 {
		m.say(ui.Text, "the filter is empty")
		return nil
	}
	return m.setFilter(search.Join(slices.Clone(terms[:len(terms)-1])))
}

// setFilter shows the flows that x holds for, and remembers the filter for the
// filter line's history.
func (m *model) setFilter(x search.Expr) tea.Cmd {
	q := m.query
	q.Filter = x
	m.line.remember(search.Text(x))
	return tea.Batch(m.setQuery(q), m.remember(q))
}
