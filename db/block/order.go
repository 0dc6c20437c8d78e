package block

import (
	"fmt"
	"math"
	"time"

	"weir/flow"
	"weir/search"
)

// Order orders rows by a number of theirs: see [search.Order]. An unknown number is never returned.
type Order struct {
	value
	smallestFirst bool
	unit          int64 // of the number in terms of [search.Order.Value]: 1, or ns per µs
	isTime        bool  // the sum may wrap around; ZeroTime is not known
}

// CompileOrder returns the order by a field other than start.
func CompileOrder(o search.Order) (*Order, error) {
	f := o.Field()
	if o.ByStart() || !search.CanOrder(f) {
		return nil, fmt.Errorf("flows can't be ordered by %s", f)
	}
	k := &Order{value: orderValue(f), smallestFirst: o.SmallestFirst(), unit: 1, isTime: f == search.FieldEnd}
	switch f {
	case search.FieldRTTMin, search.FieldRTTMean: // stored in µs
		k.unit = int64(time.Microsecond)
	}
	return k, nil
}

// orderValue returns the number of a field, with conditions where 0 can mean that it is not known.
func orderValue(f search.Field) value {
	ports := condition{ColProto, func(v int64) bool { return flow.Proto(v).HasPorts() }}
	switch f {
	case search.FieldSport:
		return columnValue(ColSport, ports)
	case search.FieldDport:
		return columnValue(ColDport, ports)
	case search.FieldSYNRetries:
		return columnValue(ColSYNRetries, condition{ColProto, func(v int64) bool { return flow.Proto(v) == flow.TCP }})
	case search.FieldSrcTTL:
		return columnValue(ColSrcTTL, nonzero(ColSrcTTL))
	case search.FieldDstTTL:
		return columnValue(ColDstTTL, nonzero(ColDstTTL))
	}
	return numberValues(f)[0]
}

// Before returns a negative number if a row with the number a comes before one with b, and 0 if they are equal.
func (k *Order) Before(a, b int64) int {
	if k.smallestFirst {
		a, b = b, a
	}
	switch {
	case a > b:
		return -1
	case a < b:
		return 1
	}
	return 0
}

// Best returns the number that no row of a batch comes before.
func (k *Order) Best(b Zoned) int64 {
	lo, hi := k.zone(b)
	if k.smallestFirst {
		return k.scaled(lo)
	}
	return k.scaled(hi)
}

// zone returns the smallest and largest number that a row can have, in its own unit.
func (k *Order) zone(b Zoned) (lo, hi int64) {
	lo, hi = k.bounds(b)
	if k.isTime && hi == math.MaxInt64 { // sums may have wrapped around
		lo = math.MinInt64
	}
	return lo, hi
}

// zeroUnknown reports whether the number 0 means that it is not known.
func (k *Order) zeroUnknown() bool { return k.unit > 1 }

// scaled returns a stored number in terms of search.Order.Value.
func (k *Order) scaled(n int64) int64 {
	if k.unit > 1 && n > math.MaxInt64/k.unit {
		return math.MaxInt64
	}
	if k.unit > 1 && n < 0 {
		return math.MinInt64
	}
	return n * k.unit
}

// stored returns the interval of stored numbers of one in terms of search.Order.Value.
func (k *Order) stored(in Interval) Interval {
	least := int64(math.MinInt64)
	if k.isTime {
		least = ZeroTime + 1
	}
	if k.zeroUnknown() {
		least = 1
		if in.Lo > 0 {
			in.Lo = (in.Lo-1)/k.unit + 1
		}
		if in.Hi >= 0 {
			in.Hi /= k.unit
		}
	}
	in.Lo = max(in.Lo, least)
	return in
}

// UpTo returns the interval of the numbers that do not come after n.
func (k *Order) UpTo(n int64) Interval {
	if k.smallestFirst {
		return Interval{math.MinInt64, n}
	}
	return Interval{n, math.MaxInt64}
}

// From returns the interval of the numbers that do not come before n.
func (k *Order) From(n int64) Interval {
	if k.smallestFirst {
		return Interval{n, math.MaxInt64}
	}
	return Interval{math.MinInt64, n}
}

// EveryNumber is the interval of all numbers.
var EveryNumber = Interval{math.MinInt64, math.MaxInt64}

// Intersect returns the overlap of two intervals.
func (x Interval) Intersect(y Interval) Interval { return Interval{max(x.Lo, y.Lo), min(x.Hi, y.Hi)} }

// Narrow removes the rows whose number is not known, or not in an interval of numbers in terms of
// search.Order.Value.
func (k *Order) Narrow(b Batch, rows Bitmap, in Interval) error {
	in = k.stored(in)
	lo, hi := k.zone(b)
	if in.Lo > in.Hi || hi < in.Lo || in.Hi < lo {
		rows.Clear()
		return nil
	}
	for _, n := range k.conditions {
		cells, err := b.sparseCells(n.col, rows)
		if err != nil {
			return err
		}
		rows.Keep(func(i int) bool { return n.ok(cells.At(i)) })
	}
	if in.Lo <= lo && hi <= in.Hi || rows.Empty() {
		return nil
	}
	first, err := b.sparseCells(k.sum[0], rows)
	if err != nil {
		return err
	}
	if len(k.sum) == 1 {
		first.Keep(rows, in)
		return nil
	}
	// Most rows are out even with the largest number of the other column, which few rows have to be read from.
	if z := b.Zone(k.sum[1]); !k.isTime && z.Min >= 0 && lo >= 0 && in.Lo > z.Max {
		if first.Keep(rows, Interval{in.Lo - z.Max, math.MaxInt64}); rows.Empty() {
			return nil
		}
	}
	second, err := b.sparseCells(k.sum[1], rows)
	if err != nil {
		return err
	}
	rows.Keep(func(i int) bool {
		n := k.add(first.At(i), second.At(i))
		return in.Lo <= n && n <= in.Hi
	})
	return nil
}

func (k *Order) add(a, b int64) int64 {
	if k.isTime {
		return a + b // a duration to or from an unknown time wraps around
	}
	return plus(a, b)
}

// Numbers returns the numbers of rows that Narrow has left, in terms of search.Order.Value, by row.
func (k *Order) Numbers(b Batch, rows Bitmap) (func(row int) int64, error) {
	first, err := b.sparseCells(k.sum[0], rows)
	if err != nil {
		return nil, err
	}
	if len(k.sum) == 1 {
		return func(i int) int64 { return k.scaled(first.At(i)) }, nil
	}
	second, err := b.sparseCells(k.sum[1], rows)
	if err != nil {
		return nil, err
	}
	return func(i int) int64 { return k.scaled(k.add(first.At(i), second.At(i))) }, nil
}

// Unknown returns the filter that matches the rows whose number is not known; nil if there are none.
func (k *Order) Unknown() Filter {
	if len(k.conditions) == 0 && !k.isTime && !k.zeroUnknown() {
		return nil
	}
	return notFilter{knownFilter{k}}
}

// knownFilter matches the rows whose number is known.
type knownFilter struct{ *Order }

func (f knownFilter) Zones(b Zoned) Outcome {
	lo, hi := f.zone(b)
	all := f.stored(EveryNumber)
	switch {
	case hi < all.Lo:
		return NoRow
	case all.Lo <= lo && len(f.conditions) == 0:
		return EveryRow
	}
	return SomeRows
}

func (f knownFilter) Narrow(b Batch, rows Bitmap) error { return f.Order.Narrow(b, rows, EveryNumber) }

// CanReach reports whether a row of a batch can have a number in an interval, in terms of search.Order.Value.
func (k *Order) CanReach(b Zoned, in Interval) bool {
	best := k.Best(b)
	if k.smallestFirst {
		return best <= in.Hi
	}
	return best >= in.Lo
}
