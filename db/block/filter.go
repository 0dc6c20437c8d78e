package block

import (
	"math"

	"weir/flow"
	"weir/search"
)

// Filter is a compiled condition. Its methods may be called from several goroutines at once.
type Filter interface {
	// Zones decides from the zones of a batch alone what can be known of its rows.
	Zones(Zoned) Outcome
	// Narrow removes the rows that don't match.
	Narrow(Batch, Bitmap) error
}

// Outcome is what Zones knows of the rows of a batch.
type Outcome uint8

// The outcomes.
const (
	SomeRows Outcome = iota // unknown: the rows must be read
	NoRow                   // no row matches
	EveryRow                // every row matches
)

type andFilter []Filter

func (f andFilter) Zones(b Zoned) Outcome {
	result := EveryRow
	for _, term := range f {
		switch term.Zones(b) {
		case NoRow:
			return NoRow
		case SomeRows:
			result = SomeRows
		}
	}
	return result
}

func (f andFilter) Narrow(b Batch, rows Bitmap) error {
	for _, term := range f {
		if err := term.Narrow(b, rows); err != nil || rows.Empty() {
			return err
		}
	}
	return nil
}

type orFilter []Filter

func (f orFilter) Zones(b Zoned) Outcome {
	result := NoRow
	for _, term := range f {
		switch term.Zones(b) {
		case EveryRow:
			return EveryRow
		case SomeRows:
			result = SomeRows
		}
	}
	return result
}

func (f orFilter) Narrow(b Batch, rows Bitmap) error {
	found, left, hit := make(Bitmap, len(rows)), rows.Clone(), make(Bitmap, len(rows))
	for _, term := range f {
		if term.Zones(b) == NoRow {
			continue
		}
		copy(hit, left)
		if err := term.Narrow(b, hit); err != nil {
			return err
		}
		if hit.Empty() {
			continue
		}
		found.Add(hit)
		if left.Remove(hit); left.Empty() {
			break
		}
	}
	copy(rows, found)
	return nil
}

type notFilter struct{ of Filter }

func (f notFilter) Zones(b Zoned) Outcome {
	return [...]Outcome{SomeRows: SomeRows, NoRow: EveryRow, EveryRow: NoRow}[f.of.Zones(b)]
}

func (f notFilter) Narrow(b Batch, rows Bitmap) error {
	hit := rows.Clone()
	if err := f.of.Narrow(b, hit); err != nil {
		return err
	}
	rows.Remove(hit)
	return nil
}

// numberFilter matches rows with any value in the list.
type numberFilter struct {
	values []value
	list   []Interval // merged
}

func (f numberFilter) Zones(b Zoned) Outcome {
	result := NoRow
	for _, v := range f.values {
		lo, hi := v.bounds(b)
		i := firstInterval(f.list, lo)
		switch {
		case i == len(f.list) || hi < f.list[i].Lo:
		case f.list[i].Lo <= lo && hi <= f.list[i].Hi && len(v.conditions) == 0:
			return EveryRow
		default:
			result = SomeRows
		}
	}
	return result
}

// bounds returns the smallest and largest number that a value can have in a batch.
func (v value) bounds(b Zoned) (lo, hi int64) {
	z := b.Zone(v.sum[0])
	lo, hi = z.Min, z.Max
	for _, c := range v.sum[1:] {
		z := b.Zone(c)
		if lo < 0 || z.Min < 0 {
			return math.MinInt64, math.MaxInt64
		}
		lo, hi = plus(lo, z.Min), plus(hi, z.Max)
	}
	return lo, hi
}

func (f numberFilter) Narrow(b Batch, rows Bitmap) error {
	if len(f.values) == 1 {
		return f.narrowValue(f.values[0], b, rows)
	}
	found := make(Bitmap, len(rows))
	for _, v := range f.values {
		rest := rows.Clone()
		rest.Remove(found)
		if err := f.narrowValue(v, b, rest); err != nil {
			return err
		}
		found.Add(rest)
	}
	copy(rows, found)
	return nil
}

// narrowValue removes the rows whose value v is not in the list.
func (f numberFilter) narrowValue(v value, b Batch, rows Bitmap) error {
	if lo, hi := v.bounds(b); len(f.list) == 0 || hi < f.list[0].Lo || f.list[len(f.list)-1].Hi < lo {
		rows.Clear()
		return nil
	}
	for _, n := range v.conditions {
		cells, err := b.sparseCells(n.col, rows)
		if err != nil {
			return err
		}
		rows.Keep(func(i int) bool { return n.ok(cells.At(i)) })
	}
	if rows.Empty() {
		return nil
	}
	cells, err := b.sparseCells(v.sum[0], rows)
	if err != nil {
		return err
	}
	switch {
	case len(v.sum) == 2:
		more, err := b.sparseCells(v.sum[1], rows)
		if err != nil {
			return err
		}
		rows.Keep(func(i int) bool { return inIntervals(f.list, plus(cells.At(i), more.At(i))) })
	case len(f.list) == 1:
		cells.Keep(rows, f.list[0])
	default:
		rows.Keep(func(i int) bool { return inIntervals(f.list, cells.At(i)) })
	}
	return nil
}

// addrFilter matches rows with any address in the ranges.
type addrFilter struct {
	columns []Column
	ranges  []search.AddrRange // merged
}

func (f addrFilter) Zones(Zoned) Outcome { return SomeRows }

func (f addrFilter) Narrow(b Batch, rows Bitmap) error {
	return b.narrowToAddresses(f.ranges, f.columns, rows)
}

// flagFilter matches TCP flows whose combined flags pass the test.
type flagFilter struct {
	columns []Column
	passes  [256]bool // by flags
}

func newFlagFilter(columns []Column, test search.FlagTest) flagFilter {
	f := flagFilter{columns: columns}
	for i := range f.passes {
		flags := flow.Flags(i)
		f.passes[i] = flags.Has(test.All) && flags&test.None == 0 && (test.Any == 0 || flags&test.Any != 0) && (!test.Exact || flags&^test.All == 0)
	}
	return f
}

func (f flagFilter) Zones(b Zoned) Outcome {
	if z := b.Zone(ColProto); z.Min > int64(flow.TCP) || z.Max < int64(flow.TCP) {
		return NoRow
	}
	return SomeRows
}

func (f flagFilter) Narrow(b Batch, rows Bitmap) error {
	tcp := Interval{int64(flow.TCP), int64(flow.TCP)}
	if err := (numberFilter{anyColumn(ColProto), []Interval{tcp}}).Narrow(b, rows); err != nil || rows.Empty() {
		return err
	}
	first, err := b.Cells(f.columns[0])
	if err != nil {
		return err
	}
	second := first
	if len(f.columns) > 1 {
		if second, err = b.Cells(f.columns[1]); err != nil {
			return err
		}
	}
	rows.Keep(func(i int) bool { return f.passes[uint8(first.At(i)|second.At(i))] })
	return nil
}
