package block

import (
	"net/netip"
	"slices"

	"weir/search"
)

// A filter of 64 KiB has room for thousands of alternatives. Those of one field are one set, which takes
// a look-up for each row or address, not a pass over the rows for each alternative.

// union returns alternatives that match the same rows as terms: one for each field of addresses, numbers
// or names, and the others as they are.
func union(terms []search.Expr) []search.Expr {
	var u alternatives
	u.add(terms)
	return u.terms
}

type alternatives struct {
	terms []search.Expr
	known []int // indexes in terms of those that others are added to
}

func (u *alternatives) add(terms []search.Expr) {
	for _, x := range terms {
		if inner, ok := x.(search.Or); ok {
			u.add(inner)
			continue
		}
		if !u.extend(x) {
			u.terms = append(u.terms, x)
		}
	}
}

// extend adds x to a known alternative, or makes it a known one. It reports whether it could.
func (u *alternatives) extend(x search.Expr) bool {
	for _, i := range u.known {
		switch t := u.terms[i].(type) {
		case search.Addrs:
			if x, ok := x.(search.Addrs); ok && x.Field == t.Field {
				t.Ranges = append(t.Ranges, x.Ranges...)
				u.terms[i] = t
				return true
			}
		case search.Numbers:
			if x, ok := x.(search.Numbers); ok && x.Field == t.Field {
				t.Ranges = append(t.Ranges, x.Ranges...)
				u.terms[i] = t
				return true
			}
		case search.Names:
			if x, ok := x.(search.Names); ok && x.Field == t.Field {
				t.Patterns = append(t.Patterns, x.Patterns...)
				u.terms[i] = t
				return true
			}
		}
	}
	switch t := x.(type) { // the lists are copied, because they grow
	case search.Addrs:
		t.Ranges = slices.Clone(t.Ranges)
		x = t
	case search.Numbers:
		t.Ranges = slices.Clone(t.Ranges)
		x = t
	case search.Names:
		t.Patterns = slices.Clone(t.Patterns)
		x = t
	default:
		return false
	}
	u.known = append(u.known, len(u.terms))
	u.terms = append(u.terms, x)
	return true
}

// common returns, for each field of addresses, numbers or names that every alternative restricts, the
// union of its restrictions: conditions that all matching rows meet. There are none for few alternatives,
// for which they would cost more than they save.
func common(terms []search.Expr) []search.Expr {
	if len(terms) < fewAlternatives {
		return nil
	}
	restrictions := map[search.Field][]search.Expr{}
	var fields []search.Field // in the order of the first alternative
	for i, x := range terms {
		for _, term := range search.Conjuncts(x) {
			f := restricted(term)
			if i == 0 && restrictions[f] == nil {
				fields = append(fields, f)
			}
			// A second restriction of the field by the same alternative could only be added to the first.
			if f != search.FieldNone && len(restrictions[f]) == i {
				restrictions[f] = append(restrictions[f], term)
			}
		}
	}
	var out []search.Expr
	for _, f := range fields {
		if list := restrictions[f]; f != search.FieldNone && len(list) == len(terms) {
			out = append(out, union(list)...)
		}
	}
	return out
}

// restricted returns the field of a term of addresses, numbers or names; FieldNone for others.
func restricted(term search.Expr) search.Field {
	switch t := term.(type) {
	case search.Addrs:
		return t.Field
	case search.Numbers:
		return t.Field
	case search.Names:
		return t.Field
	}
	return search.FieldNone
}

// joinNegations replaces the negated terms of an And by the negation of their union.
func joinNegations(terms []search.Expr) []search.Expr {
	var others, negated []search.Expr
	for _, x := range terms {
		if not, ok := x.(search.Not); ok {
			negated = append(negated, not.X)
		} else {
			others = append(others, x)
		}
	}
	if len(negated) < 2 {
		return terms
	}
	return append(others, search.Not{X: search.Or(negated)})
}

// uniteFlags joins the flag filters of the same columns among the alternatives of an Or.
func uniteFlags(filters []Filter) []Filter {
	var out []Filter
	for _, f := range filters {
		flags, ok := f.(flagFilter)
		if !ok {
			out = append(out, f)
			continue
		}
		at := slices.IndexFunc(out, func(have Filter) bool {
			h, ok := have.(flagFilter)
			return ok && slices.Equal(h.columns, flags.columns)
		})
		if at < 0 {
			out = append(out, flags)
			continue
		}
		if had, ok := out[at].(flagFilter); ok {
			for i := range had.passes {
				had.passes[i] = had.passes[i] || flags.passes[i]
			}
			out[at] = had
		}
	}
	return out
}

// mergeRanges sorts ranges, IPv4 before IPv6, and joins those that overlap.
func mergeRanges(in []search.AddrRange) []search.AddrRange {
	sorted := slices.SortedFunc(slices.Values(in), func(a, b search.AddrRange) int { return a.Lo.Compare(b.Lo) })
	out := sorted[:0]
	for _, r := range sorted {
		switch n := len(out); {
		case r.Lo.Compare(r.Hi) > 0: // empty
		case n > 0 && r.Lo.Compare(out[n-1].Hi) <= 0:
			if out[n-1].Hi.Compare(r.Hi) < 0 {
				out[n-1].Hi = r.Hi
			}
		default:
			out = append(out, r)
		}
	}
	return out
}

// inRanges reports whether a merged list contains an address.
func inRanges(list []search.AddrRange, a netip.Addr) bool {
	i, _ := slices.BinarySearchFunc(list, a, func(r search.AddrRange, a netip.Addr) int { return r.Hi.Compare(a) })
	return i < len(list) && list[i].Lo.Compare(a) <= 0
}
