package csvexport

import (
	"slices"
	"strings"
	"time"

	"weir/field"
	"weir/flow"
	"weir/search"
)

// Select sets the columns to write, in order, by their [ColumnNames]. Those that the table has by default look as
// there. None is dropped, so lines can be wider than the terminal. END is the time after START if that is selected
// as well. It must be called before the first Write; an unknown or repeated name is an error.
func (t *Table) Select(names []string) error {
	list, err := columnIndices(withDefault(names))
	if err != nil {
		return err
	}
	t.list = nil
	for _, i := range list {
		t.list = append(t.list, tableColumnOf(&columns[i]))
	}
	if !slices.Contains(list, startColumn) {
		for i := range t.list {
			if t.list[i].head == "END" {
				t.list[i] = tableColumn{head: "END", zone: true, typical: t.list[i].typical, cell: absoluteEnd}
			}
		}
	}
	return nil
}

// startColumn is the index of startTime in columns.
const startColumn = 0

// withDefault replaces the name "default" by those of the default columns of the table, which are not those of CSV.
func withDefault(names []string) []string {
	var list []string
	for _, name := range names {
		if !strings.EqualFold(name, "default") {
			list = append(list, name)
			continue
		}
		for _, f := range field.Preset("default") {
			list = append(list, f.Key)
		}
	}
	return list
}

// tableColumnOf returns a column of CSV as one of the table.
func tableColumnOf(c *column) tableColumn {
	i := slices.IndexFunc(field.All(), func(f field.Info) bool { return f.Key == c.name })
	if i < 0 { // another form of a field
		cell := func(t *Table, r *flow.Record) string { return string(c.append(nil, row{r, t.loc})) }
		return tableColumn{head: strings.ToUpper(c.name), right: c.encoding == number, typical: 9, cell: cell}
	}
	if i < len(tableColumns) {
		col := tableColumns[i]
		col.rank = 0
		return col
	}
	f := field.All()[i]
	col := tableColumn{head: f.Title, cell: func(t *Table, r *flow.Record) string { return string(c.append(nil, row{r, t.loc})) }}
	switch f.Kind() {
	case search.KindAddr:
		col.typical = 15
	case search.KindName:
		col.typical, col.name = 12, f.Field != search.FieldNone
	case search.KindEnum:
		col.typical = 13
	case search.KindFlags:
		col.typical, col.cell = 8, func(_ *Table, r *flow.Record) string { return flagsText(f.Of(r)) }
	case search.KindDuration:
		col.typical, col.right, col.cell = 12, true, func(_ *Table, r *flow.Record) string { return durationText(f.Of(r)) }
	default:
		col.typical, col.right = 9, true
	}
	return col
}

func flagsText(v field.Value) string {
	if !v.Known {
		return ""
	}
	return flow.Flags(v.Number).Columns()
}

// durationText returns a duration exactly: "1.5s", "412us".
func durationText(v field.Value) string {
	if !v.Known {
		return ""
	}
	return strings.Replace(time.Duration(v.Number).String(), "µ", "u", 1)
}

// absoluteEnd returns the time of the last packet, "open" for an open flow.
func absoluteEnd(t *Table, r *flow.Record) string {
	if r.Open() {
		return "open"
	}
	return t.timeCell(r.Last)
}
