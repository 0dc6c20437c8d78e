package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

// randomStore is a store of n random records, and the records. Ids ascend with
// the start nearly, and one in fifty lies anywhere, as after a file from last week.
func randomStore(t testing.TB, seed uint64, n int) (*Writer, []flow.Record) {
	rng := rand.New(rand.NewPCG(seed, 0))
	recs := make([]flow.Record, n)
	for i := range recs {
		recs[i] = randomRecord(rng, 0)
	}
	slices.SortStableFunc(recs, func(a, b flow.Record) int { return a.Start.Compare(b.Start) })
	for i := range recs {
		recs[i].ID = int64(i + 1)
		if rng.IntN(50) == 0 {
			j := rng.IntN(i + 1)
			recs[i].Start, recs[j].Start = recs[j].Start, recs[i].Start
			recs[i].Last, recs[j].Last = recs[j].Last, recs[i].Last
		}
	}
	// Most of them are in blocks of different sizes, the open and the last ones in the table hot.
	s := openTemp(t)
	s.blockRows = 150
	run(t, s)
	declareGroups(t, s.path)
	for rest := recs; len(rest) > 0; {
		n := min(len(rest), 1+rng.IntN(400))
		store(t, s, rest[:n]...)
		rest = rest[n:]
	}
	return s, recs
}

func TestSearchesReturnWhatAPlainMatcherFinds(t *testing.T) {
	s, recs := randomStore(t, 7, 1500)
	rng := rand.New(rand.NewPCG(3, 4))
	found := 0
	for range 400 {
		q := randomQuery(rng)
		want := expected(recs, q)
		found += min(len(want), 1)
		n, err := s.Count(t.Context(), search.Request{Query: q}, -1)
		if err != nil || n != int64(len(want)) {
			t.Fatalf("count of %s: %d, %v, want %d", describe(q), n, err, len(want))
		}
		if rows := q.Rows(); rows >= 0 {
			want = want[:min(rows, len(want))]
		}
		var got []flow.Record
		if err := s.Each(t.Context(), search.Request{Query: q}, func(r *flow.Record) error { got = append(got, *r); return nil }); err != nil {
			t.Fatalf("%s: %v", describe(q), err)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s:\ngot ids  %v\nwant ids %v", describe(q), ids(got), ids(want))
		}
	}
	if found < 130 {
		t.Errorf("only %d of the queries match anything: the test tests little", found)
	}
}

func describe(q search.Query) string {
	return fmt.Sprintf("%v nodes %q %#v %v limit %d", q.Range, q.Nodes, q.Filter, q.Order, q.Limit)
}

func TestPagesFollowEachOtherWithoutGapOrRepeat(t *testing.T) {
	s, recs := randomStore(t, 8, 500)
	rng := rand.New(rand.NewPCG(5, 6))
	for range 60 {
		q := randomQuery(rng)
		want := expected(recs, q)
		size := 1 + rng.IntN(200)
		var got []flow.Record
		var after search.Cursor
		for more := true; more; {
			page, err := s.Search(t.Context(), search.Request{Query: q}, after, size)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, page.Rows...)
			if more = page.More; more != (len(got) < len(want)) {
				t.Fatalf("%s: More is %v after %d of %d rows", describe(q), more, len(got), len(want))
			}
			if more {
				after = search.After(&page.Rows[len(page.Rows)-1])
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s in pages of %d:\ngot ids  %v\nwant ids %v", describe(q), size, ids(got), ids(want))
		}
	}
}

func TestNoRowsAskedForSaysOnlyWhetherThereAreAny(t *testing.T) {
	s, _ := randomStore(t, 9, 10)
	page, err := s.Search(t.Context(), search.Request{}, search.Cursor{}, 0)
	if err != nil || len(page.Rows) != 0 || !page.More {
		t.Errorf("Search for 0 rows = %d rows, more %v, %v", len(page.Rows), page.More, err)
	}
}

func TestACursorWithoutIdIsTheEdgeOfItsTime(t *testing.T) {
	at := func(s int) time.Time { return epoch.Add(time.Duration(s) * time.Second) }
	s := filled(t, flow.Record{ID: 1, Start: at(1)}, flow.Record{ID: 2, Start: at(2)}, flow.Record{ID: 3, Start: at(3)})
	page, err := s.Search(t.Context(), search.Request{}, search.Cursor{Start: at(2)}, 10)
	if err != nil || !slices.Equal(ids(page.Rows), []int64{1}) {
		t.Errorf("rows %v, %v, want those before second 2: [1]", ids(page.Rows), err)
	}
}

func TestCountStopsAboveItsBound(t *testing.T) {
	s, _ := randomStore(t, 10, 100)
	filter := search.Numbers{Field: search.FieldPort, Ranges: []search.Interval{{Lo: 0, Hi: search.MaxNumber}}}
	for max, want := range map[int64]int64{0: 1, 99: 100, 100: 100, 101: 100, -1: 100} {
		for _, q := range []search.Query{{}, {Filter: filter}} {
			if n, err := s.Count(t.Context(), search.Request{Query: q}, max); err != nil || n != want {
				t.Errorf("Count with at most %d = %d, %v, want %d", max, n, err, want)
			}
		}
	}
}

func TestLongListsAreSearched(t *testing.T) {
	s, recs := randomStore(t, 11, 50)
	ports := search.Numbers{Field: search.FieldPort}
	for i := range int64(3600) {
		ports.Ranges = append(ports.Ranges, search.Interval{Lo: 3 * i, Hi: 3*i + 1})
	}
	q := search.Query{Filter: ports}
	n, err := s.Count(t.Context(), search.Request{Query: q}, -1)
	if want := int64(len(expected(recs, q))); err != nil || n != want {
		t.Errorf("3,600 intervals: %d, %v, want %d", n, err, want)
	}
}

func TestEveryFieldOfTheLanguageCanBeSearched(t *testing.T) {
	for f := search.FieldNone + 1; !strings.HasPrefix(f.String(), "field-"); f++ {
		if numberValues(f) == nil && addrColumns(f) == nil && nameColumns(f) == nil && flagColumns(f) == nil && f != search.FieldOpen {
			t.Errorf("the store does not know the field %s", f)
		}
	}
}

func TestTreesThatNoTextParsesToAreErrors(t *testing.T) {
	s := filled(t, flow.Record{ID: 1})
	for _, x := range []search.Expr{
		search.Addrs{Field: search.FieldPort}, search.Numbers{Field: search.FieldSrc}, search.Names{Field: search.FieldVLAN},
		search.FlagTest{Field: search.FieldNode}, search.Not{}, search.Addrs{Field: search.FieldSrc, Ranges: []search.AddrRange{{}}},
	} {
		if _, err := s.Search(t.Context(), search.Request{Query: search.Query{Filter: x}}, search.Cursor{}, 1); err == nil {
			t.Errorf("%#v is searched for", x)
		}
	}
}

// TestSearchesStopWhenTheirContextEnds runs a search that looks at every flow
// a thousand times and finds nothing.
func TestSearchesStopWhenTheirContextEnds(t *testing.T) {
	s, _ := randomStore(t, 12, 60_000)
	var slow search.Or
	for i := range int64(1000) { // to prepare 3,000 takes 5 s under the race detector beside other work
		never := search.Numbers{Field: search.FieldBytes, Ranges: []search.Interval{{Lo: 7 + i + 1<<40, Hi: 7 + i + 1<<40}}}
		slow = append(slow, never)
	}
	for name, call := range map[string]func(context.Context, search.Query) error{
		"search": func(ctx context.Context, q search.Query) error {
			_, err := s.Search(ctx, search.Request{Query: q}, search.Cursor{}, 1000)
			return err
		},
		"count": func(ctx context.Context, q search.Query) error {
			_, err := s.Count(ctx, search.Request{Query: q}, -1)
			return err
		},
		"each": func(ctx context.Context, q search.Query) error {
			return s.Each(ctx, search.Request{Query: q}, func(*flow.Record) error { return nil })
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		begun := time.Now()
		err := call(ctx, search.Query{Filter: slow})
		took := time.Since(begun)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v after %v, want the context's error", name, err, took)
		}
		if took > 5*time.Second { // generous, for machines with other work; BenchmarkCancel measures
			t.Errorf("%s went on for %v", name, took)
		}
	}
	if _, err := s.Search(t.Context(), search.Request{}, search.Cursor{}, 1); err != nil {
		t.Errorf("the search after the canceled ones: %v", err)
	}
}

func TestWildcards(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "a", true}, {"a", "A", true}, {"a*", "abc", true}, {"*c", "abc", true},
		{"a*c", "abc", true}, {"a*a", "a", false}, {"ab*ba", "aba", false}, {"*a*b*", "xaybz", true}, {"*b*a*", "xaybz", false},
		{"**", "x", true}, {"%", "a", false}, {"_", "a", false}, {"?", "a", false}, {"é*", "Étage", true},
	} {
		if got := wildcard(c.pattern, c.name); got != c.want {
			t.Errorf("wildcard(%q, %q) = %v", c.pattern, c.name, got)
		}
	}
}

// TestPlansAreFixed holds the plans of the queries that depend on an index.
func TestPlansAreFixed(t *testing.T) {
	s := filled(t, flow.Record{ID: 1, Node: "a", Start: epoch}, flow.Record{ID: 2, Node: "b", Start: epoch})
	err := s.read(t.Context(), nil, func(sn *snapshot) error {
		where, args := hotRange(selection{}, span{1, 2})
		for query, want := range map[string]string{
			selectHot + " INDEXED BY hot_start WHERE " + where + " ORDER BY start_ns DESC, id DESC LIMIT 3": "SEARCH hot USING INDEX hot_start (start_ns>? AND start_ns<?)",
			selectHot + " NOT INDEXED WHERE " + where:                                                       "SCAN hot",
		} {
			plan, err := sn.plan(query, args)
			if err != nil {
				return err
			}
			if plan[0] != want {
				t.Errorf("%s: %q, want %q", query, plan, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (sn *snapshot) plan(query string, args []any) ([]string, error) {
	var steps []string
	err := sn.each("EXPLAIN QUERY PLAN "+query, args, func(row []driver.Value) error {
		steps = append(steps, fmt.Sprint(row[3]))
		return nil
	})
	return steps, err
}
