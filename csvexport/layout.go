package csvexport

import (
	"slices"
	"strconv"

	"weir/flow"
	"weir/internal/termsafe"
)

// tableColumn is one column of the table.
type tableColumn struct {
	head  string
	rank  int  // columns with a higher rank are left out first; 0: never
	right bool // aligned to the right
	name  bool // a name, which may be shortened
	usual int  // cells that hold most values, for a table that can't measure them all
	cell  func(t *Table, r *flow.Record) string
}

// tableColumns are in the order of the screen. It is never written to.
var tableColumns = [...]tableColumn{
	{head: "START", cell: startCell},
	{head: "END", usual: 10, rank: 8, cell: endCell},
	{head: "PROTO", usual: 6, cell: func(_ *Table, r *flow.Record) string { return r.Proto.String() }},
	{head: "SRC NODE", usual: 12, rank: 5, name: true, cell: func(_ *Table, r *flow.Record) string { return r.Src.Node }},
	{head: "SRC IP", usual: 15, cell: func(_ *Table, r *flow.Record) string { return string(appendAddr(nil, r.Src.Addr)) }},
	{head: "PORT", usual: 5, right: true, cell: func(_ *Table, r *flow.Record) string { return portCell(r, r.Src.Port) }},
	{head: "DST NODE", usual: 12, rank: 6, name: true, cell: func(_ *Table, r *flow.Record) string { return r.Dst.Node }},
	{head: "DST IP", usual: 15, cell: func(_ *Table, r *flow.Record) string { return string(appendAddr(nil, r.Dst.Addr)) }},
	{head: "PORT", usual: 5, right: true, cell: destPortCell},
	{head: "RECV", usual: 9, rank: 2, right: true, cell: func(_ *Table, r *flow.Record) string { return strconv.FormatUint(r.Recv.Octets, 10) }},
	{head: "SENT", usual: 9, rank: 3, right: true, cell: func(_ *Table, r *flow.Record) string { return strconv.FormatUint(r.Sent.Octets, 10) }},
	{head: "FLAGS", rank: 1, cell: flagsCell},
	{head: "VERDICT", usual: 13, rank: 4, cell: func(_ *Table, r *flow.Record) string { return r.Verdict.String() }},
	{head: "NODE", usual: 12, rank: 7, name: true, cell: func(_ *Table, r *flow.Record) string { return r.Node }},
}

func portCell(r *flow.Record, port uint16) string {
	if !r.Proto.HasPorts() {
		return ""
	}
	return strconv.Itoa(int(port))
}

// destPortCell is the destination port, and type/code for ICMP, which has none.
func destPortCell(_ *Table, r *flow.Record) string {
	if r.Proto.IsICMP() {
		return strconv.Itoa(int(r.ICMP.Type)) + "/" + strconv.Itoa(int(r.ICMP.Code))
	}
	return portCell(r, r.Dst.Port)
}

func flagsCell(_ *Table, r *flow.Record) string {
	if !r.HasFlags() {
		return ""
	}
	return r.Flags().Columns()
}

// placed is a column of tableColumns with the cells it gets.
type placed struct {
	column, width int
	empty         bool // there is nothing in it
}

// rank is that of the column; one with nothing in it goes before all others.
func (p placed) rank() int {
	if rank := tableColumns[p.column].rank; rank == 0 || !p.empty {
		return rank
	}
	return len(tableColumns) + tableColumns[p.column].rank
}

// measure places all columns as wide as their widest cell, the head's included.
func measure(head []string, rows [][]string) []placed {
	layout := make([]placed, len(tableColumns))
	for i := range layout {
		layout[i] = placed{column: i, width: termsafe.Width(head[i]), empty: len(rows) > 0}
		for _, cells := range rows {
			layout[i].width = max(layout[i].width, termsafe.Width(cells[i]))
			layout[i].empty = layout[i].empty && cells[i] == noValue
		}
	}
	return layout
}

// fit leaves columns out until the rest has room if names are narrow, then
// narrows names as far as needed, the widest first. The layout then has at most
// width cells; 0 or less is no limit.
func fit(layout []placed, width int) []placed {
	if width <= 0 {
		return layout
	}
	for total(layout)-spare(layout) > width {
		least := slices.MaxFunc(layout, func(a, b placed) int { return a.rank() - b.rank() })
		if least.rank() == 0 {
			break
		}
		layout = slices.DeleteFunc(layout, func(p placed) bool { return p == least })
	}
	for over := min(total(layout)-width, spare(layout)); over > 0; over-- {
		widest := -1
		for i, p := range layout {
			if spareIn(p) > 0 && (widest < 0 || p.width > layout[widest].width) {
				widest = i
			}
		}
		layout[widest].width--
	}
	return layout
}

// spare is how many cells the names of a layout can give.
func spare(layout []placed) (n int) {
	for _, p := range layout {
		n += spareIn(p)
	}
	return n
}

func spareIn(p placed) int {
	if !tableColumns[p.column].name {
		return 0
	}
	return max(0, p.width-narrowName)
}

func total(layout []placed) int {
	n := -gap
	for _, p := range layout {
		n += p.width + gap
	}
	return n
}
