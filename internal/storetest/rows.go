package storetest

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

var rowsContract = []requirement{
	{"records round-trip", recordsRoundTrip},
	{"searches match the reference", searchesMatchTheReference},
	{"pages have no gaps or duplicates", pagesAreContiguous},
	{"every field that can be an order orders all flows", everyOrderOrdersAllFlows},
	{"ranges select the flows that were active in them", rangesSelectActiveFlows},
	{"flows with equal start times are ordered by id", equalStartsAreOrderedByID},
	{"a cursor need not be at a flow", cursorNeedNotBeAtAFlow},
	{"a cursor without id excludes its time", cursorWithoutIDExcludesItsTime},
	{"a search for zero rows only reports whether there are any", searchForZeroRows},
	{"flows from the future come last in either order", futureFlowsComeLast},
	{"relative ranges are relative to now", relativeRangesAreRelativeToNow},
	{"each returns an error of its callback", eachReturnsCallbackErrors},
	{"count stops above its limit", countStopsAboveItsLimit},
}

func recordsRoundTrip(t *testing.T, s Store) {
	want := map[int64]flow.Record{
		1: {ID: 1}, // every field is zero, including times and addresses
		2: {ID: 2, Start: time.Unix(0, 0).UTC(), Last: time.Unix(0, 0).UTC()},
		3: {ID: 3, Start: time.Unix(0, math.MinInt64+1).UTC(), Last: time.Unix(0, math.MaxInt64).UTC()},
		4: {ID: 4, Start: Now}, // a Start without a Last
		math.MaxInt64 - 1: {ID: math.MaxInt64 - 1, ICMP: flow.ICMPType{Type: 255, Code: 255}, Verdict: 255, Direction: 255, EndReason: 255,
			Sent: flow.Counters{Packets: math.MaxInt64, Octets: math.MaxInt64}, Node: "a\x00b'\"%_*é"},
	}
	rng := newRand(t)
	for id := int64(5); id < 1000; id++ {
		want[id] = Record(rng, id)
	}
	for _, r := range want {
		if err := s.Put(t.Context(), []flow.Record{r}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	sameRecords(t, All(t, s), want)
}

// sameRecords compares rows in any order with the expected records by id.
func sameRecords(t *testing.T, got []flow.Record, want map[int64]flow.Record) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	for _, r := range got {
		if r != want[r.ID] {
			t.Fatalf("row\n%+v\nwant\n%+v", r, want[r.ID])
		}
	}
}

// fill writes n random records and their groups to a store and returns the
// records.
func fill(t *testing.T, s Store, rng *rand.Rand, n int) []flow.Record {
	t.Helper()
	recs := population(rng, n)
	clearSomeTimes(rng, recs)
	DeclareGroups(t, s)
	putAll(t, s, rng, recs)
	return recs
}

// compareRows compares the rows of a query and their number with the flows that match it.
func compareRows(t *testing.T, s Store, q search.Query, want []flow.Record) {
	t.Helper()
	n, err := s.Count(t.Context(), request(t, q), -1)
	if err != nil || n != int64(len(want)) {
		t.Fatalf("count of %s: %d, %v, want %d", describe(q), n, err, len(want))
	}
	if rows := q.Rows(); rows >= 0 {
		want = want[:min(rows, len(want))]
	}
	if got := rowsOf(t, s, q); !slices.Equal(got, want) {
		t.Fatalf("%s:\ngot ids  %v\nwant ids %v", describe(q), IDs(got), IDs(want))
	}
}

func searchesMatchTheReference(t *testing.T, s Store) {
	rng := newRand(t)
	recs := fill(t, s, rng, 1500)
	found := 0
	for range 400 {
		q := randomQuery(rng)
		want := Matching(recs, q)
		found += min(len(want), 1)
		compareRows(t, s, q, want)
	}
	if found < 190 {
		t.Errorf("only %d of 400 queries have results, which makes the test ineffective", found)
	}
}

// comparePages compares the pages of a search with the expected records. next
// returns the size of each page.
func comparePages(t testing.TB, s Searcher, q search.Query, want []flow.Record, next func() int) {
	t.Helper()
	var got []flow.Record
	var after search.Cursor
	for more := true; more; {
		n := next()
		page, err := s.Search(t.Context(), request(t, q), after, n)
		if err != nil {
			t.Fatalf("search of %s: %v", describe(q), err)
		}
		got = append(got, page.Rows...)
		if more = page.More; more != (len(got) < len(want)) || more && len(page.Rows) != n {
			t.Fatalf("%s: More = %v after %d of %d rows, the last page has %d of %d", describe(q), more, len(got), len(want), len(page.Rows), n)
		}
		if more {
			after = q.Order.After(&page.Rows[len(page.Rows)-1])
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%s in pages:\ngot ids  %v\nwant ids %v", describe(q), IDs(got), IDs(want))
	}
}

func pagesAreContiguous(t *testing.T, s Store) {
	rng := newRand(t)
	recs := fill(t, s, rng, 500)
	for range 60 {
		q := randomQuery(rng)
		want := Matching(recs, q)
		size := 1 + rng.IntN(200)
		if len(want) > 0 && rng.IntN(3) == 0 {
			size = len(want) // exactly one page
		}
		comparePages(t, s, q, want, func() int { return size })
	}
}

func everyOrderOrdersAllFlows(t *testing.T, s Store) {
	rng := newRand(t)
	recs := fill(t, s, rng, 700)
	for _, f := range search.OrderFields() {
		for _, order := range []search.Order{search.OrderBy(f, false), search.OrderBy(f, true)} {
			q := search.Query{Order: order, Limit: -1}
			if got, want := rowsOf(t, s, q), Matching(recs, q); !slices.Equal(got, want) {
				t.Errorf("%s:\ngot ids  %v\nwant ids %v", order, IDs(got), IDs(want))
			}
			comparePages(t, s, q, Matching(recs, q), func() int { return 1 + rng.IntN(90) })
		}
	}
	for _, f := range []search.Field{search.FieldNone, search.FieldSrc, search.FieldNode, search.FieldPort, search.FieldVLAN} {
		if order := search.OrderBy(f, false); !order.ByStart() {
			if _, err := s.Search(t.Context(), search.Request{Query: search.Query{Order: order}}, search.Cursor{}, 1); err == nil {
				t.Errorf("the order by %s is accepted", f)
			}
		}
	}
}

// rangesSelectActiveFlows writes flows around a range of ten minutes: ended and open ones.
func rangesSelectActiveFlows(t *testing.T, s Store) {
	from, to := Now.Add(-20*time.Minute), Now.Add(-10*time.Minute)
	var recs []flow.Record
	add := func(start, last time.Time, reason flow.EndReason) int64 {
		id := int64(len(recs) + 1)
		recs = append(recs, flow.Record{ID: id, Start: start, Last: last, EndReason: reason, Sent: flow.Counters{Packets: 1, Octets: uint64(id)}})
		return id
	}
	day := 24 * time.Hour
	var want []int64
	add(from.Add(-day), from.Add(-1), flow.EndOfFlow)
	want = append(want, add(from.Add(-day), from, flow.EndOfFlow))
	want = append(want, add(from.Add(-day), to.Add(time.Minute), flow.IdleTimeout))
	want = append(want, add(from.Add(-3*time.Hour), from.Add(-2*time.Hour), flow.StillOpen))
	want = append(want, add(from, from, flow.EndOfFlow))
	want = append(want, add(to.Add(-1), Now, flow.EndOfFlow))
	add(to, to.Add(1), flow.EndOfFlow)
	add(to, to, flow.StillOpen)
	put(t, s, recs...)
	for range 300 { // so that some are in blocks with others
		recs = append(recs, flow.Record{ID: int64(len(recs) + 1), Start: from.Add(-2 * day), Last: from.Add(-2 * day), EndReason: flow.EndOfFlow})
	}
	put(t, s, recs...)
	q := search.Query{Range: search.Range{From: from, To: to}, Order: search.OrderBy(search.FieldID, true)}
	if got := IDs(rowsOf(t, s, q)); !slices.Equal(got, want) {
		t.Errorf("ids %v, want %v", got, want)
	}
	q.Range = search.Range{From: from}
	if got := IDs(rowsOf(t, s, q)); !slices.Equal(got, []int64{2, 3, 4, 5, 6, 7, 8}) {
		t.Errorf("without an end: ids %v, want all but the first", got)
	}
	q.Range.From, q.Range.To = to, from
	if got := IDs(rowsOf(t, s, q)); len(got) > 0 {
		t.Errorf("a range that ends before it begins has the flows %v", got)
	}
}

// equalStartsAreOrderedByID writes many flows with few distinct start times in
// random order, so that flows with equal start times are spread over the batches
// that a store combines.
func equalStartsAreOrderedByID(t *testing.T, s Store) {
	rng := newRand(t)
	recs := make([]flow.Record, 600)
	for i := range recs {
		recs[i] = Record(rng, int64(i+1))
		move(&recs[i], Now.Add(time.Duration(rng.IntN(5))*time.Second))
	}
	rng.Shuffle(len(recs), func(i, j int) { recs[i], recs[j] = recs[j], recs[i] })
	DeclareGroups(t, s)
	putAll(t, s, rng, recs)
	for range 4 { // in more than a hundred pages each, if all flows match
		q := search.Query{Order: search.Order(rng.IntN(2)), Filter: pick(rng, nil, randomExpr(rng, 1))}
		size := 1 + rng.IntN(20)
		comparePages(t, s, q, Matching(recs, q), func() int { return size })
	}
}

// cursorNeedNotBeAtAFlow uses arbitrary cursors: the last flow of a page may have
// a new start time by now, or be removed.
func cursorNeedNotBeAtAFlow(t *testing.T, s Store) {
	rng := newRand(t)
	recs := fill(t, s, rng, 500)
	for range 200 {
		q := randomQuery(rng)
		at := pick(rng, recs...)
		if !at.Start.IsZero() {
			at.Start = at.Start.Add(pick(rng, time.Duration(-1), 0, 0, 1))
		}
		at.ID = max(at.ID+rng.Int64N(5)-2, 1)
		var want []flow.Record
		for _, r := range Matching(recs, q) {
			if compare(q.Order, &at, &r) < 0 {
				want = append(want, r)
			}
		}
		n := rng.IntN(100)
		page, err := s.Search(t.Context(), request(t, q), q.Order.After(&at), n)
		if first := want[:min(n, len(want))]; err != nil || !slices.Equal(page.Rows, first) || page.More != (len(want) > n) {
			t.Fatalf("%d rows after %v, id %d, of %s:\ngot ids  %v, more %v, %v\nwant ids %v", n, at.Start, at.ID, describe(q), IDs(page.Rows), page.More, err, IDs(want))
		}
	}
}

func cursorWithoutIDExcludesItsTime(t *testing.T, s Store) {
	at := func(s int) time.Time { return Now.Add(time.Duration(s) * time.Second) }
	put(t, s, flow.Record{ID: 1, Start: at(1)}, flow.Record{ID: 2, Start: at(2)}, flow.Record{ID: 3, Start: at(3)})
	page, err := s.Search(t.Context(), search.Request{}, search.Cursor{Start: at(2)}, 10)
	if err != nil || !slices.Equal(IDs(page.Rows), []int64{1}) {
		t.Errorf("rows %v, %v, want those before second 2: [1]", IDs(page.Rows), err)
	}
}

func searchForZeroRows(t *testing.T, s Store) {
	empty, err := s.Search(t.Context(), search.Request{}, search.Cursor{}, 0)
	if err != nil || len(empty.Rows) != 0 || empty.More {
		t.Errorf("Search for 0 rows in an empty store = %d rows, more %v, %v", len(empty.Rows), empty.More, err)
	}
	fill(t, s, newRand(t), 10)
	page, err := s.Search(t.Context(), search.Request{}, search.Cursor{}, 0)
	if err != nil || len(page.Rows) != 0 || !page.More {
		t.Errorf("Search for 0 rows = %d rows, more %v, %v", len(page.Rows), page.More, err)
	}
}

func futureFlowsComeLast(t *testing.T, s Store) {
	var recs []flow.Record
	for id := int64(1); id <= 100; id++ {
		r := flow.Record{ID: id, Start: Now.Add(time.Duration(id-100) * time.Second), EndReason: flow.EndOfFlow}
		if id%10 == 0 {
			r.Start = Now.Add(time.Duration(id) * 24 * time.Hour) // the exporter's clock is ahead
		}
		recs = append(recs, r)
		put(t, s, r)
	}
	for _, order := range []search.Order{search.Newest, search.Oldest} {
		want := slices.Clone(recs)
		slices.SortFunc(want, func(a, b flow.Record) int {
			if af, bf := a.ID%10 == 0, b.ID%10 == 0; af != bf {
				return map[bool]int{true: 1, false: -1}[af]
			}
			return a.Start.Compare(b.Start) * map[search.Order]int{search.Newest: -1, search.Oldest: 1}[order]
		})
		comparePages(t, s, search.Query{Order: order}, want, func() int { return 7 })
	}
}

func relativeRangesAreRelativeToNow(t *testing.T, s Store) {
	put(t, s, flow.Record{ID: 1, Start: Now.Add(-time.Hour), EndReason: flow.IdleTimeout}, flow.Record{ID: 2, Start: Now.Add(-time.Minute)}, flow.Record{ID: 3, Start: Now.Add(time.Minute)})
	n, err := s.Count(t.Context(), search.Request{Query: search.Query{Range: search.Range{Last: 30 * time.Minute}}}, -1)
	if err != nil || n != 2 {
		t.Errorf("%d flows of the last 30 minutes and later, %v, want 2", n, err)
	}
}

func eachReturnsCallbackErrors(t *testing.T, s Store) {
	fill(t, s, newRand(t), 100)
	enough, rows := errors.New("enough"), 0
	err := s.Each(t.Context(), search.Request{Query: search.Query{Limit: -1}}, func(*flow.Record) error {
		rows++
		if rows == 3 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || rows != 3 {
		t.Errorf("Each = %v after %d rows, want the error of the third row", err, rows)
	}
}

func countStopsAboveItsLimit(t *testing.T, s Store) {
	const flows = 100
	fill(t, s, newRand(t), flows)
	filter := search.Numbers{Field: search.FieldPort, Ranges: []search.Interval{{Lo: 0, Hi: search.MaxNumber}}}
	for limit := int64(-1); limit <= flows+1; limit++ {
		want := min(limit+1, flows)
		if limit < 0 { // no limit
			want = flows
		}
		for _, q := range []search.Query{{}, {Filter: filter}} {
			if n, err := s.Count(t.Context(), search.Request{Query: q}, limit); err != nil || n != want {
				t.Errorf("Count with limit %d = %d, %v, want %d", limit, n, err, want)
			}
		}
	}
}

// Compare runs n random queries on a store with the records recs and the groups
// of DeclareGroups, and compares counts, pages and top talkers with the
// reference implementation.
func Compare(t testing.TB, s Searcher, rng *rand.Rand, n int, recs []flow.Record) {
	t.Helper()
	for range n {
		q := randomQuery(rng)
		want := Matching(recs, q)
		if n, err := s.Count(t.Context(), request(t, q), -1); err != nil || n != int64(len(want)) {
			t.Fatalf("count of %s: %d, %v, want %d", describe(q), n, err, len(want))
		}
		comparePages(t, s, q, want, func() int { return 1 + rng.IntN(300) })
		compareTop(t, s, randomTop(rng, request(t, q)), want)
	}
}
