package block

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"weir/flow"
	"weir/search"
)

// matching returns the rows of a batch that match an expression.
func matching(t *testing.T, x search.Expr, b Batch) Bitmap {
	t.Helper()
	f, err := Compile(x, func(n search.Names) ([]int64, error) {
		ids := []int64{}
		for id := range int64(10) {
			if slices.Contains(n.Patterns, fmt.Sprint(id)) {
				ids = append(ids, id)
			}
		}
		return ids, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	all := RowRange(b.Rows(), 0, b.Rows())
	rows := all.Clone()
	if err := f.Narrow(b, rows); err != nil {
		t.Fatalf("%s: %v", x, err)
	}
	switch f.Zones(b) {
	case NoRow:
		if !rows.Empty() {
			t.Errorf("%s: the zones exclude %d rows that match", x, rows.Count())
		}
	case EveryRow:
		if !slices.Equal(rows, all) {
			t.Errorf("%s: the zones include rows that don't match", x)
		}
	}
	return rows
}

// randomTerms returns n terms of few fields.
func randomTerms(rng *rand.Rand, n int) []search.Expr {
	addr := func() netip.Addr {
		if rng.IntN(2) == 0 {
			return netip.AddrFrom4([4]byte{10, 0, 0, byte(rng.IntN(50))})
		}
		return netip.AddrFrom16([16]byte{0x20, 1, 15: byte(rng.IntN(50))})
	}
	terms := make([]search.Expr, n)
	for i := range terms {
		switch rng.IntN(6) {
		case 0:
			r := search.AddrRange{Lo: addr()}
			if r.Hi = r.Lo; r.Lo.Is4() && rng.IntN(2) == 0 {
				r.Hi = netip.AddrFrom4([4]byte{10, 0, 0, r.Lo.As4()[3] + byte(rng.IntN(3))})
			}
			terms[i] = search.Addrs{Field: search.FieldIP, Ranges: []search.AddrRange{r}}
		case 1:
			terms[i] = search.Addrs{Field: search.FieldSrc, Ranges: []search.AddrRange{{Lo: addr(), Hi: netip.AddrFrom4([4]byte{10, 0, 0, 255})}}}
			if x, ok := terms[i].(search.Addrs); ok && !x.Ranges[0].Lo.Is4() {
				x.Ranges[0].Hi = x.Ranges[0].Lo
			}
		case 2:
			lo := rng.Int64N(200)
			terms[i] = search.Numbers{Field: search.FieldProto, Ranges: []search.Interval{{Lo: lo, Hi: lo + rng.Int64N(3)}}}
		case 3:
			terms[i] = search.Numbers{Field: search.FieldOpen, Ranges: []search.Interval{{Lo: rng.Int64N(2), Hi: 1}}}
		case 4:
			terms[i] = search.Names{Field: search.FieldSnode, Patterns: []string{fmt.Sprint(rng.IntN(10))}}
		default:
			terms[i] = search.FlagTest{Field: search.FieldSrcFlags, All: flow.Flags(rng.IntN(256)), Exact: rng.IntN(2) == 0}
		}
	}
	return terms
}

func TestAlternativesMatchWhatTheyMatchAlone(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	tuples := randomTuples(rng, 500)
	for _, tuple := range tuples {
		tuple.Nums[ColProto] = rng.Int64N(2) * 6
		tuple.Nums[ColEndReason] = rng.Int64N(6)
		tuple.Nums[ColSrcNode] = rng.Int64N(10)
		tuple.Nums[ColSrcFlags] = rng.Int64N(256)
	}
	_, parts := packed(t, tuples)
	var p Packer
	p.Pack(testKey.ID, testKey.Stored, tuples)
	var stored Reader
	stored.Reset(p.Header(), parts)
	rows := &PieceRows{Tuples: tuples}
	for range 200 {
		terms := randomTerms(rng, 2+rng.IntN(20))
		negated := make([]search.Expr, len(terms))
		for i, x := range terms {
			negated[i] = search.Not{X: x}
		}
		for _, b := range []Batch{&stored, rows} {
			some, none := make(Bitmap, (b.Rows()+63)/64), RowRange(b.Rows(), 0, b.Rows())
			for _, x := range terms {
				rows := matching(t, x, b)
				some.Add(rows)
				none.Remove(rows)
			}
			if got := matching(t, search.Or(terms), b); !slices.Equal(got, some) {
				t.Fatalf("%T: %s: %d rows, want %d", b, search.Or(terms), got.Count(), some.Count())
			}
			var pairs search.Or
			both := make(Bitmap, len(some))
			for _, x := range terms {
				first := search.Addrs{Field: search.FieldSrc, Ranges: []search.AddrRange{{Lo: netip.AddrFrom4([4]byte{10}), Hi: netip.AddrFrom4([4]byte{10, 0, 0, byte(rng.IntN(50))})}}}
				pairs = append(pairs, search.And{first, x})
				rows := matching(t, first, b)
				rows.Remove(matching(t, search.Not{X: x}, b))
				both.Add(rows)
			}
			if got := matching(t, pairs, b); !slices.Equal(got, both) {
				t.Fatalf("%T: %s: %d rows, want %d", b, pairs, got.Count(), both.Count())
			}
			if got := matching(t, search.And(negated), b); !slices.Equal(got, none) {
				t.Fatalf("%T: %s: %d rows, want %d", b, search.And(negated), got.Count(), none.Count())
			}
		}
	}
}

func TestAlternativesOfAFieldAreOneSet(t *testing.T) {
	for _, text := range []string{
		"ip:10.0.0.1 or ip:10.0.0.0/8 or ip:2001:db8::1", "dport:1 or (dport:2 or dport>60000)", "flags:syn or flags:ack or flags=rst", "node:a or node:b",
	} {
		x, err := search.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		before := x.String()
		f, err := Compile(x, func(search.Names) ([]int64, error) { return nil, nil })
		if err != nil {
			t.Fatal(err)
		}
		if list, ok := f.(orFilter); ok {
			t.Errorf("%s: %d alternatives", text, len(list))
		}
		if got := x.String(); got != before {
			t.Errorf("the expression became %s, was %s", got, before)
		}
	}
}
