package db

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"weir/flow"
	"weir/search"
)

// filter is a condition ready to be applied to batches.
type filter interface {
	// zones says what follows from the zones of a batch alone.
	zones(zoned) outcome
	// narrow takes those rows out of a set that don't fulfil the condition.
	narrow(batch, bitmap) error
}

// outcome is what is known of the rows of a batch.
type outcome uint8

const (
	someRows outcome = iota // not known
	noRow                   // none fulfils the condition
	everyRow                // all do
)

// resolver returns the ids of the names that fulfil a term, in order.
type resolver func(search.Names) ([]int64, error)

// compileFilter makes a filter of an expression; names are resolved to their ids.
func compileFilter(x search.Expr, names resolver) (filter, error) {
	switch x := x.(type) {
	case search.And:
		terms, err := compileAll(x, names)
		slices.SortStableFunc(terms, func(a, b filter) int { return cmp.Compare(cost(a), cost(b)) })
		return andFilter(terms), err
	case search.Or:
		terms, err := compileAll(x, names)
		return orFilter(terms), err
	case search.Not:
		f, err := compileFilter(x.X, names)
		return notFilter{f}, err
	case search.Addrs:
		return compileAddrs(x)
	case search.Numbers:
		return compileNumbers(x)
	case search.Names:
		columns := nameColumns(x.Field)
		if columns == nil {
			return nil, fieldError(x.Field, "names")
		}
		ids, err := names(x)
		return numberFilter{either(columns...), single(ids)}, err
	case search.FlagTest:
		columns := flagColumns(x.Field)
		if columns == nil {
			return nil, fieldError(x.Field, "TCP flags")
		}
		return flagFilter{columns, x}, nil
	}
	return nil, fmt.Errorf("the store cannot search for %T", x)
}

// nodeFilter holds for flows that one of the nodes reported, by their ids.
func nodeFilter(ids []int64) filter { return numberFilter{either(colNode), single(ids)} }

// allOf is the condition that all terms hold, which are asked in their order; nil without any.
func allOf(terms ...filter) filter {
	switch len(terms) {
	case 0:
		return nil
	case 1:
		return terms[0]
	}
	return andFilter(terms)
}

// cost orders the terms of an And: what reads little comes first, since what
// comes later reads nothing of a block of which no row is left.
func cost(f filter) int {
	switch f := f.(type) {
	case numberFilter:
		if slices.ContainsFunc(f.values, func(v value) bool { return v.sum[0] >= rowsOnly }) {
			return 4
		}
		return min(len(f.values), 2)
	case flagFilter:
		return 1
	case addrFilter:
		return 2
	}
	return 3
}

func compileAll(xs []search.Expr, names resolver) ([]filter, error) {
	filters := make([]filter, len(xs))
	for i, x := range xs {
		var err error
		if filters[i], err = compileFilter(x, names); err != nil {
			return nil, err
		}
	}
	return filters, nil
}

// fieldError says that a tree is wrong: no text parses to it.
func fieldError(f search.Field, what string) error {
	return fmt.Errorf("field %s does not hold %s", f, what)
}

func compileAddrs(x search.Addrs) (filter, error) {
	columns := addrColumns(x.Field)
	if columns == nil {
		return nil, fieldError(x.Field, "addresses")
	}
	for _, r := range x.Ranges {
		if !r.Lo.IsValid() || r.Lo.Is4() != r.Hi.Is4() {
			return nil, fmt.Errorf("addresses %s to %s are no range: both ends must be IPv4 or both IPv6", r.Lo, r.Hi)
		}
	}
	return addrFilter{columns, x.Ranges}, nil
}

func compileNumbers(x search.Numbers) (filter, error) {
	values := numberValues(x.Field)
	if x.Field == search.FieldOpen {
		return openFilter(x), nil
	}
	if values == nil {
		return nil, fieldError(x.Field, "numbers")
	}
	return numberFilter{values, intervals(x)}, nil
}

// openFilter turns "open" into the end reasons that it stands for.
func openFilter(x search.Numbers) filter {
	var reasons []interval
	list := intervals(x)
	if within(list, 1) {
		reasons = append(reasons, interval{0, 0})
	}
	if within(list, 0) {
		reasons = append(reasons, interval{1, math.MaxInt64})
	}
	return numberFilter{either(colEndReason), merge(reasons)}
}

func intervals(x search.Numbers) []interval {
	list := make([]interval, len(x.Ranges))
	for i, r := range x.Ranges {
		list[i] = interval{r.Lo, r.Hi}
		if r.Lo == 0 { // no bound
			list[i].lo = math.MinInt64
		}
	}
	return merge(list)
}

func single(ids []int64) []interval {
	list := make([]interval, len(ids))
	for i, id := range ids {
		list[i] = interval{id, id}
	}
	return merge(list)
}

type andFilter []filter

func (f andFilter) zones(b zoned) outcome {
	result := everyRow
	for _, term := range f {
		switch term.zones(b) {
		case noRow:
			return noRow
		case someRows:
			result = someRows
		}
	}
	return result
}

func (f andFilter) narrow(b batch, rows bitmap) error {
	for _, term := range f {
		if err := term.narrow(b, rows); err != nil || rows.empty() {
			return err
		}
	}
	return nil
}

type orFilter []filter

func (f orFilter) zones(b zoned) outcome {
	result := noRow
	for _, term := range f {
		switch term.zones(b) {
		case everyRow:
			return everyRow
		case someRows:
			result = someRows
		}
	}
	return result
}

func (f orFilter) narrow(b batch, rows bitmap) error {
	found := make(bitmap, len(rows))
	for _, term := range f {
		rest := rows.clone()
		rest.remove(found)
		if rest.empty() {
			break
		}
		if err := term.narrow(b, rest); err != nil {
			return err
		}
		found.add(rest)
	}
	copy(rows, found)
	return nil
}

type notFilter struct{ of filter }

func (f notFilter) zones(b zoned) outcome {
	return [...]outcome{someRows: someRows, noRow: everyRow, everyRow: noRow}[f.of.zones(b)]
}

func (f notFilter) narrow(b batch, rows bitmap) error {
	hit := rows.clone()
	if err := f.of.narrow(b, hit); err != nil {
		return err
	}
	rows.remove(hit)
	return nil
}

// numberFilter holds if any of the values is in the list.
type numberFilter struct {
	values []value
	list   []interval
}

func (f numberFilter) zones(b zoned) outcome {
	result := noRow
	for _, v := range f.values {
		lo, hi := v.bounds(b)
		for _, x := range f.list {
			switch {
			case hi < x.lo || x.hi < lo:
			case x.lo <= lo && hi <= x.hi && len(v.needs) == 0:
				return everyRow
			default:
				result = someRows
			}
		}
	}
	return result
}

// bounds are the smallest and largest number that a value can be in a batch.
func (v value) bounds(b zoned) (lo, hi int64) {
	z := b.zone(v.sum[0])
	lo, hi = z.min, z.max
	for _, c := range v.sum[1:] {
		z := b.zone(c)
		if lo < 0 || z.min < 0 {
			return math.MinInt64, math.MaxInt64
		}
		lo, hi = plus(lo, z.min), plus(hi, z.max)
	}
	return lo, hi
}

func (f numberFilter) narrow(b batch, rows bitmap) error {
	if len(f.values) == 1 {
		return f.one(f.values[0], b, rows)
	}
	found := make(bitmap, len(rows))
	for _, v := range f.values {
		rest := rows.clone()
		rest.remove(found)
		if err := f.one(v, b, rest); err != nil {
			return err
		}
		found.add(rest)
	}
	copy(rows, found)
	return nil
}

// one narrows rows to those whose value v is in the list.
func (f numberFilter) one(v value, b batch, rows bitmap) error {
	if lo, hi := v.bounds(b); len(f.list) == 0 || hi < f.list[0].lo || f.list[len(f.list)-1].hi < lo {
		rows.clear()
		return nil
	}
	for _, n := range v.needs {
		cells, err := b.some(n.col, rows)
		if err != nil {
			return err
		}
		rows.keep(func(i int) bool { return n.ok(cells.at(i)) })
	}
	if rows.empty() {
		return nil
	}
	cells, err := b.some(v.sum[0], rows)
	if err != nil {
		return err
	}
	switch {
	case len(v.sum) == 2:
		more, err := b.some(v.sum[1], rows)
		if err != nil {
			return err
		}
		rows.keep(func(i int) bool { return within(f.list, plus(cells.at(i), more.at(i))) })
	case len(f.list) == 1:
		cells.keep(rows, f.list[0])
	default:
		rows.keep(func(i int) bool { return within(f.list, cells.at(i)) })
	}
	return nil
}

// addrFilter holds if any of the addresses is in the ranges.
type addrFilter struct {
	columns []column
	ranges  []search.AddrRange
}

func (f addrFilter) zones(zoned) outcome { return someRows }

func (f addrFilter) narrow(b batch, rows bitmap) error { return b.within(f.ranges, f.columns, rows) }

// flagFilter holds for TCP flows whose flags, taken together, pass the test.
type flagFilter struct {
	columns []column
	test    search.FlagTest
}

func (f flagFilter) zones(b zoned) outcome {
	if z := b.zone(colProto); z.min > int64(flow.TCP) || z.max < int64(flow.TCP) {
		return noRow
	}
	return someRows
}

func (f flagFilter) narrow(b batch, rows bitmap) error {
	tcp := interval{int64(flow.TCP), int64(flow.TCP)}
	if err := (numberFilter{either(colProto), []interval{tcp}}).narrow(b, rows); err != nil || rows.empty() {
		return err
	}
	first, err := b.cells(f.columns[0])
	if err != nil {
		return err
	}
	second := first
	if len(f.columns) > 1 {
		if second, err = b.cells(f.columns[1]); err != nil {
			return err
		}
	}
	var passes [256]bool
	for i := range passes {
		flags := flow.Flags(i)
		passes[i] = flags.Has(f.test.All) && flags&f.test.None == 0 && (f.test.Any == 0 || flags&f.test.Any != 0) && (!f.test.Exact || flags&^f.test.All == 0)
	}
	rows.keep(func(i int) bool { return passes[uint8(first.at(i)|second.at(i))] })
	return nil
}
