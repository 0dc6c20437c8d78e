package block

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"weir/search"
)

// Names returns the ids of the names that match a term, in ascending order.
type Names func(search.Names) ([]int64, error)

// Compile turns an expression into a filter, with names resolved to their ids. It fails on trees that
// no query text parses to, and with the errors of names.
func Compile(x search.Expr, names Names) (Filter, error) {
	switch x := x.(type) {
	case search.And:
		terms, err := compileAll(joinNegations(x), names)
		slices.SortStableFunc(terms, func(a, b Filter) int { return cmp.Compare(cost(a), cost(b)) })
		return andFilter(terms), err
	case search.Or:
		return compileOr(union(x), names)
	case search.Not:
		f, err := Compile(x.X, names)
		return notFilter{f}, err
	case search.Addrs:
		return compileAddrs(x)
	case search.Numbers:
		return compileNumbers(x)
	case search.Names:
		values := nameValues(x.Field)
		if values == nil {
			return nil, fieldError(x.Field, "names")
		}
		ids, err := names(x)
		return numberFilter{values, single(ids)}, err
	case search.FlagTest:
		columns := flagColumns(x.Field)
		if columns == nil {
			return nil, fieldError(x.Field, "TCP flags")
		}
		return newFlagFilter(columns, x), nil
	}
	return nil, fmt.Errorf("unsupported term %T", x)
}

// compileOr compiles alternatives, after the conditions that all of them imply: on the few rows that meet
// these, each alternative is cheap.
func compileOr(xs []search.Expr, names Names) (Filter, error) {
	implied, err := compileAll(common(xs), names)
	if err != nil {
		return nil, err
	}
	terms, err := compileAll(xs, names)
	if err != nil {
		return nil, err
	}
	if terms = uniteFlags(terms); len(terms) == 1 {
		return terms[0], nil
	}
	return And(append(implied, orFilter(terms))...), nil
}

// ByNode matches flows reported by one of the nodes, given by the ids of their names.
func ByNode(ids []int64) Filter { return numberFilter{anyColumn(ColNode), single(ids)} }

// And matches rows that match all terms, which are applied in order. Without terms it is nil.
func And(terms ...Filter) Filter {
	switch len(terms) {
	case 0:
		return nil
	case 1:
		return terms[0]
	}
	return andFilter(terms)
}

// cost orders the terms of an And: cheap ones first, because the others then skip a block that has no
// rows left.
func cost(f Filter) int {
	switch f := f.(type) {
	case numberFilter:
		if slices.ContainsFunc(f.values, func(v value) bool { return v.sum[0] >= rowsOnly }) {
			return 4
		}
		return min(len(f.values), 2)
	case flagFilter:
		return 1
	case addrFilter, verdictFilter:
		return 2
	}
	return 3
}

func compileAll(xs []search.Expr, names Names) ([]Filter, error) {
	filters := make([]Filter, len(xs))
	for i, x := range xs {
		var err error
		if filters[i], err = Compile(x, names); err != nil {
			return nil, err
		}
	}
	return filters, nil
}

// fieldError is the error for a tree that no query text parses to.
func fieldError(f search.Field, what string) error {
	return fmt.Errorf("field %s holds no %s", f, what)
}

func compileAddrs(x search.Addrs) (Filter, error) {
	columns := addrColumns(x.Field)
	if columns == nil {
		return nil, fieldError(x.Field, "addresses")
	}
	for _, r := range x.Ranges {
		if !r.Lo.IsValid() || r.Lo.Is4() != r.Hi.Is4() {
			return nil, fmt.Errorf("invalid address range %s to %s: expected both ends IPv4 or both IPv6", r.Lo, r.Hi)
		}
	}
	return addrFilter{columns, mergeRanges(x.Ranges)}, nil
}

func compileNumbers(x search.Numbers) (Filter, error) {
	values := numberValues(x.Field)
	switch x.Field {
	case search.FieldOpen:
		return openFilter(x), nil
	case search.FieldVerdict:
		return newVerdictFilter(x), nil
	}
	if values == nil {
		return nil, fieldError(x.Field, "numbers")
	}
	list := intervals(x)
	switch x.Field {
	case search.FieldRTTMin, search.FieldRTTMean:
		list = inMicros(list)
	}
	if bit := seenIfNotZero(x.Field); bit != 0 && !inIntervals(list, 0) {
		values[0].conditions = append(values[0].conditions, seen(bit))
	}
	return numberFilter{values, list}, nil
}

// inMicros converts intervals of ns to those of the round trips that are stored in µs, of which 0 is
// not one.
func inMicros(list []Interval) (micros []Interval) {
	const us = int64(time.Microsecond)
	for _, i := range list {
		if lo, hi := (max(i.Lo, 1)-1)/us+1, i.Hi/us; lo <= hi {
			micros = append(micros, Interval{lo, hi})
		}
	}
	return mergeIntervals(micros)
}

// openFilter replaces "open" by the end reasons that it means.
func openFilter(x search.Numbers) Filter {
	var reasons []Interval
	list := intervals(x)
	if inIntervals(list, 1) {
		reasons = append(reasons, Interval{0, 0})
	}
	if inIntervals(list, 0) {
		reasons = append(reasons, Interval{1, math.MaxInt64})
	}
	return numberFilter{anyColumn(ColEndReason), mergeIntervals(reasons)}
}

func intervals(x search.Numbers) []Interval {
	list := make([]Interval, len(x.Ranges))
	for i, r := range x.Ranges {
		list[i] = Interval{r.Lo, r.Hi}
		if r.Lo == 0 { // no bound
			list[i].Lo = math.MinInt64
		}
	}
	return mergeIntervals(list)
}

func single(ids []int64) []Interval {
	list := make([]Interval, len(ids))
	for i, id := range ids {
		list[i] = Interval{id, id}
	}
	return mergeIntervals(list)
}
