package block

import (
	"cmp"
	"slices"

	"weir/search"
)

// Batch is a set of rows that a filter is applied to: a block (Reader) or flows from pieces
// (PieceRows).
type Batch interface {
	Zoned
	Rows() int                      // number of rows
	Cells(Column) (Cells, error)    // the numbers of a column, by row
	Addresses() (*Addresses, error) // the list that the numbers of address columns are indexes of

	// sparseCells is Cells for a caller that reads the cells of the given rows only.
	sparseCells(Column, Bitmap) (Cells, error)
	// narrowToAddresses removes the rows that have no address in any of the merged ranges in these columns.
	narrowToAddresses(ranges []search.AddrRange, columns []Column, rows Bitmap) error
}

// Zoned knows the smallest and largest number of each of its columns.
type Zoned interface{ Zone(Column) Zone }

// Interval is the numbers from Lo to Hi, both included.
type Interval struct{ Lo, Hi int64 }

// mergeIntervals sorts intervals, joins those that overlap and drops empty ones.
func mergeIntervals(in []Interval) []Interval {
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

// inIntervals reports whether a merged list contains v.
func inIntervals(list []Interval, v int64) bool {
	if len(list) > 4 {
		i := firstInterval(list, v)
		return i < len(list) && list[i].Lo <= v
	}
	for _, x := range list {
		if x.Lo <= v && v <= x.Hi {
			return true
		}
	}
	return false
}

// firstInterval returns the index of the first interval of a merged list that does not end before v.
func firstInterval(list []Interval, v int64) int {
	i, _ := slices.BinarySearchFunc(list, v, func(x Interval, v int64) int { return cmp.Compare(x.Hi, v) })
	return i
}
