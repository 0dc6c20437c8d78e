package csvexport

import (
	"slices"
	"strconv"

	"weir/flow"
	"weir/internal/termsafe"
)

// tableColumn is a column of the table.
type tableColumn struct {
	head    string
	rank    int  // columns with a higher rank are dropped first; 0: never
	right   bool // right-aligned
	name    bool // a name, which may be truncated
	zone    bool // a time of day: the heading has the offset from UTC
	typical int  // width in cells that fits most values, for a live table
	cell    func(t *Table, r *flow.Record) string
}

// tableColumns are those of the table by default: in the order of the screen, which is that
// of [field.All]. It is read-only.
var tableColumns = [...]tableColumn{
	{head: "START", zone: true, typical: 23, cell: startCell},
	{head: "END", typical: 10, rank: 8, cell: endCell},
	{head: "PROTO", typical: 6, cell: func(_ *Table, r *flow.Record) string { return r.Proto.String() }},
	{head: "SRC NODE", typical: 12, rank: 5, name: true, cell: func(_ *Table, r *flow.Record) string { return r.Src.Node }},
	{head: "SRC IP", typical: 15, cell: func(_ *Table, r *flow.Record) string { return string(appendAddr(nil, r.Src.Addr)) }},
	{head: "PORT", typical: 5, right: true, cell: func(_ *Table, r *flow.Record) string { return portCell(r, r.Src.Port) }},
	{head: "DST NODE", typical: 12, rank: 6, name: true, cell: func(_ *Table, r *flow.Record) string { return r.Dst.Node }},
	{head: "DST IP", typical: 15, cell: func(_ *Table, r *flow.Record) string { return string(appendAddr(nil, r.Dst.Addr)) }},
	{head: "PORT", typical: 5, right: true, cell: destPortCell},
	{head: "RECV", typical: 9, rank: 2, right: true, cell: func(_ *Table, r *flow.Record) string { return strconv.FormatUint(r.Recv.Octets, 10) }},
	{head: "SENT", typical: 9, rank: 3, right: true, cell: func(_ *Table, r *flow.Record) string { return strconv.FormatUint(r.Sent.Octets, 10) }},
	{head: "FLAGS", rank: 1, cell: flagsCell},
	{head: "VERDICT", typical: 13, rank: 4, cell: func(_ *Table, r *flow.Record) string { return r.Verdict.String() }},
	{head: "NODE", typical: 12, rank: 7, name: true, cell: func(_ *Table, r *flow.Record) string { return r.Node }},
}

func portCell(r *flow.Record, port uint16) string {
	if !r.Proto.HasPorts() {
		return ""
	}
	return strconv.Itoa(int(port))
}

// destPortCell returns the destination port or, for ICMP, type/code.
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

// placed is a column of the layout.
type placed struct {
	column int // index into the columns of the table
	width  int // in cells
	rank   int // that of the column; empty columns rank above all others
	name   bool
	empty  bool
}

// setEmpty says whether all cells are empty.
func (p *placed) setEmpty(empty bool, of *tableColumn) {
	p.empty, p.rank = empty, of.rank
	if empty && of.rank > 0 {
		p.rank += len(tableColumns)
	}
}

// measure returns a layout of all columns, each as wide as its widest cell,
// including its heading.
func (t *Table) measure(head []string) []placed {
	layout := make([]placed, len(t.list))
	for i := range layout {
		p := placed{column: i, width: termsafe.Width(head[i]), name: t.list[i].name}
		empty := len(t.rows) > 0
		for _, cells := range t.rows {
			p.width = max(p.width, termsafe.Width(cells[i]))
			empty = empty && cells[i] == noValue
		}
		p.setEmpty(empty, &t.list[i])
		layout[i] = p
	}
	return layout
}

// fit drops columns until the others fit with narrow names, then narrows names
// as far as needed, widest first, to at most width cells in total. Zero or a
// negative width means no limit.
func fit(layout []placed, width int) []placed {
	if width <= 0 {
		return layout
	}
	for total(layout)-spare(layout) > width {
		least := slices.MaxFunc(layout, func(a, b placed) int { return a.rank - b.rank })
		if least.rank == 0 {
			break
		}
		layout = slices.DeleteFunc(layout, func(p placed) bool { return p == least })
	}
	for over := min(total(layout)-width, spare(layout)); over > 0; over-- {
		widest := -1
		for i, p := range layout {
			if p.spare() > 0 && (widest < 0 || p.width > layout[widest].width) {
				widest = i
			}
		}
		layout[widest].width--
	}
	return layout
}

// spare returns the number of cells by which names can be narrowed.
func spare(layout []placed) (n int) {
	for _, p := range layout {
		n += p.spare()
	}
	return n
}

func (p placed) spare() int {
	if !p.name {
		return 0
	}
	return max(0, p.width-narrowName)
}

// total returns the width of a line in cells.
func total(layout []placed) int {
	n := -gap
	for _, p := range layout {
		n += p.width + gap
	}
	return n
}
