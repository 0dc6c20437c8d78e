package block

import (
	"cmp"
	"slices"

	"weir/search"
)

// Batch is rows that a filter is applied to: a block (Reader), or some rows of the table hot (Hot).
type Batch interface {
	Zoned
	Rows() int                      // how many
	Cells(Column) (Cells, error)    // the numbers of a column, by row
	Addresses() (*Addresses, error) // what the numbers of address columns are places in

	// some is Cells, of which only those of these rows will be asked for.
	some(Column, Bitmap) (Cells, error)
	// within takes those rows out of a set of whose addresses none is in the ranges.
	within(ranges []search.AddrRange, columns []Column, rows Bitmap) error
}

// Zoned says between which numbers the cells of its columns lie.
type Zoned interface{ Zone(Column) Zone }

// Interval is the numbers from lo to hi, both included.
type Interval struct{ Lo, Hi int64 }

// merge sorts intervals and joins those that overlap.
func merge(in []Interval) []Interval {
	slices.SortFunc(in, func(a, b Interval) int { return cmp.Compare(a.Lo, b.Lo) })
	var out []Interval
	for _, x := range in {
		switch n := len(out); {
		case x.Lo > x.Hi:
		case n > 0 && x.Lo <= out[n-1].Hi:
			out[n-1].Hi = max(out[n-1].Hi, x.Hi)
		default:
			out = append(out, x)
		}
	}
	return out
}

// within reports whether a merged list has an interval that holds v.
func within(list []Interval, v int64) bool {
	if len(list) > 4 {
		i, _ := slices.BinarySearchFunc(list, v, func(x Interval, v int64) int { return cmp.Compare(x.Hi, v) })
		return i < len(list) && list[i].Lo <= v
	}
	for _, x := range list {
		if x.Lo <= v && v <= x.Hi {
			return true
		}
	}
	return false
}
