package storetest

import (
	"slices"
	"testing"

	"weir/flow"
	"weir/search"
)

var termsContract = []requirement{
	{"every field of the language can be searched", everyFieldCanBeSearched},
	{"long lists can be searched", longListsCanBeSearched},
	{"invalid trees are errors", invalidTreesAreErrors},
}

func everyFieldCanBeSearched(t *testing.T, s Store) {
	rng := newRand(t)
	recs := fill(t, s, rng, 400)
	for _, info := range search.Fields() {
		for range 5 {
			q := search.Query{Filter: randomTerm(rng, info.Field), Limit: -1}
			if got, want := rowsOf(t, s, q), Matching(recs, q); !slices.Equal(got, want) {
				t.Errorf("%s:\ngot ids  %v\nwant ids %v", describe(q), IDs(got), IDs(want))
			}
		}
	}
}

func longListsCanBeSearched(t *testing.T, s Store) {
	recs := fill(t, s, newRand(t), 50)
	ports := search.Numbers{Field: search.FieldPort}
	for i := range int64(3600) {
		ports.Ranges = append(ports.Ranges, search.Interval{Lo: 3 * i, Hi: 3*i + 1})
	}
	q := search.Query{Filter: ports}
	n, err := s.Count(t.Context(), search.Request{Query: q}, -1)
	if want := int64(len(Matching(recs, q))); err != nil || n != want {
		t.Errorf("3,600 intervals: %d, %v, want %d", n, err, want)
	}
}

func invalidTreesAreErrors(t *testing.T, s Store) {
	put(t, s, flow.Record{ID: 1})
	for _, x := range []search.Expr{
		search.Addrs{Field: search.FieldPort}, search.Numbers{Field: search.FieldSrc}, search.Names{Field: search.FieldVLAN},
		search.FlagTest{Field: search.FieldNode}, search.Not{}, search.Addrs{Field: search.FieldSrc, Ranges: []search.AddrRange{{}}},
	} {
		if _, err := s.Search(t.Context(), search.Request{Query: search.Query{Filter: x}}, search.Cursor{}, 1); err == nil {
			t.Errorf("%#v is accepted", x)
		}
	}
}
