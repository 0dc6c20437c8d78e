package storetest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"weir/flow"
	"weir/search"
)

func describe(q search.Query) string {
	return fmt.Sprintf("%v nodes %q %#v %v limit %d", q.Range, q.Nodes, q.Filter, q.Order, q.Limit)
}

// randomQuery returns a random query over the values that Record uses.
func randomQuery(rng *rand.Rand) search.Query {
	q := search.Query{Order: randomOrder(rng), Limit: pick(rng, -1, 0, 1, 7, 100)}
	at := func() time.Time { return Now.Add(time.Duration(rng.IntN(2000)) * 50 * time.Millisecond) }
	switch rng.IntN(5) {
	case 0:
		q.Range.From, q.Range.To = at(), at()
	case 1:
		q.Range.From = at()
	case 2:
		q.Range.To = at()
	case 3:
		q.Range.Last = pick(rng, 1, time.Minute, 2*time.Hour)
	}
	if rng.IntN(3) == 0 {
		for range 1 + rng.IntN(3) {
			q.Nodes = append(q.Nodes, pick(rng, "fw-1", "EDGE", "nowhere", "", "*", "EDGES", "all-east"))
		}
	}
	if rng.IntN(8) > 0 {
		q.Filter = randomExpr(rng, 3)
	}
	return q
}

// randomOrder returns an order, each by start as often as all others together.
func randomOrder(rng *rand.Rand) search.Order {
	by := search.FieldStart
	if rng.IntN(2) == 0 {
		by = pick(rng, search.OrderFields()...)
	}
	return search.OrderBy(by, rng.IntN(2) == 0)
}

// randomExpr returns a random filter with at most the given depth.
func randomExpr(rng *rand.Rand, depth int) search.Expr {
	if depth > 0 && rng.IntN(2) == 0 {
		terms := make([]search.Expr, 2+rng.IntN(2))
		for i := range terms {
			terms[i] = randomExpr(rng, depth-1)
		}
		return pick[search.Expr](rng, search.And(terms), search.Or(terms), search.Not{X: terms[0]})
	}
	kinds := [][]search.Field{fieldsOf(search.KindAddr), fieldsOf(search.KindName), fieldsOf(search.KindFlags), numberFields()}
	return randomTerm(rng, pick(rng, pick(rng, kinds...)...))
}

// fieldsOf returns the fields of a kind.
func fieldsOf(kind search.Kind) (fields []search.Field) {
	for _, info := range search.Fields() {
		if info.Kind == kind {
			fields = append(fields, info.Field)
		}
	}
	return fields
}

// numberFields returns the fields with numeric values of any kind.
func numberFields() (fields []search.Field) {
	for _, info := range search.Fields() {
		switch info.Kind {
		case search.KindAddr, search.KindName, search.KindFlags:
		default:
			fields = append(fields, info.Field)
		}
	}
	return fields
}

// randomTerm returns a random term for field f.
func randomTerm(rng *rand.Rand, f search.Field) search.Expr {
	switch f.Info().Kind {
	case search.KindAddr:
		x := search.Addrs{Field: f}
		for range 1 + rng.IntN(3) {
			x.Ranges = append(x.Ranges, randomRange(rng))
		}
		return x
	case search.KindName:
		x := search.Names{Field: f}
		for range 1 + rng.IntN(2) {
			if f == search.FieldGroup {
				x.Patterns = append(x.Patterns, pick(rng, "", "*", "EDGES", "all-east", "*east", "x*"))
				continue
			}
			x.Patterns = append(x.Patterns, pick(rng, "", "*", "fw-1", "FW*", "*7", "*e*", "*-*-*", "any%_", "nowhere", "e*e", "?dge", "edges", "ALL-*"))
		}
		return x
	case search.KindFlags:
		mask := func() flow.Flags { // each flag is set with probability 1/8
			f := ^flow.Flags(0)
			for range 3 {
				f &= flow.Flags(rng.IntN(256))
			}
			return f
		}
		return search.FlagTest{Field: f, All: mask(), None: mask(), Any: mask(), Exact: rng.IntN(4) == 0}
	}
	x := search.Numbers{Field: f}
	for range 1 + rng.IntN(3) {
		bounds := []int64{0, 1, 2, 6, 17, 58, 53, 443, 1000, 1500, 4094, 5001, int64(2 * time.Millisecond), int64(2 * time.Second), 3, 64, 1448, 999, int64(3*time.Millisecond) + 1, 0xffffffff, 1 << 62,
			Now.Add(40 * time.Second).UnixNano(), Now.Add(time.Minute).UnixNano(), search.MaxNumber}
		lo, hi := pick(rng, bounds...), pick(rng, bounds...)
		if rng.IntN(2) == 0 {
			hi = lo
		}
		x.Ranges = append(x.Ranges, search.Interval{Lo: min(lo, hi), Hi: max(lo, hi)})
	}
	return x
}

func randomRange(rng *rand.Rand) search.AddrRange {
	for {
		lo, hi := randomAddr(rng), randomAddr(rng)
		if rng.IntN(2) == 0 {
			hi = lo
		}
		if lo.Is4() == hi.Is4() && lo.Compare(hi) <= 0 {
			return search.AddrRange{Lo: lo, Hi: hi}
		}
	}
}
