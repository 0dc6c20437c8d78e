package db

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

// smallBlocks is a store with few flows in a block, which is being written. change is called before that.
func smallBlocks(t testing.TB, o Options, rows int, change ...func(*Writer)) *Writer {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "weir.db"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	s.blockRows = rows
	for _, fn := range change {
		fn(s)
	}
	run(t, s)
	return s
}

// TestWhateverIsWrittenSearchesReturnWhatAPlainMatcherFinds writes new flows, updates of
// open ones and ends, so that blocks are made all the time, and compares searches
// with what was handed over so far; a second reader searches while the writer runs.
func TestWhateverIsWrittenSearchesReturnWhatAPlainMatcherFinds(t *testing.T) {
	t.Run("hits are few in a block", func(t *testing.T) { writeAndCompare(t, 60) })
	t.Run("or many", func(t *testing.T) { writeAndCompare(t, 3*fewHits) })
}

func writeAndCompare(t *testing.T, rows int) {
	s := smallBlocks(t, Options{Now: func() time.Time { return epoch }}, rows)
	declareGroups(t, s.path)
	rng := rand.New(rand.NewPCG(31, 7))
	r, err := OpenReader(t.Context(), s.path, Options{Now: func() time.Time { return epoch }})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() { stopped <- searchOverAndOver(r, stop) }()
	have := map[int64]flow.Record{}
	var open []int64
	for round := range 120 {
		var batch []flow.Record
		for range rng.IntN(40) {
			rec := randomRecord(rng, s.NextID())
			batch, have[rec.ID] = append(batch, rec), rec
			if rec.Open() {
				open = append(open, rec.ID)
			}
		}
		open = slices.DeleteFunc(open, func(id int64) bool {
			if rng.IntN(3) > 0 {
				return false
			}
			rec := randomRecord(rng, id) // may move its start, its node, anything
			batch, have[id] = append(batch, rec), rec
			return !rec.Open()
		})
		store(t, s, batch...)
		if round%4 == 0 {
			compareSome(t, pick(rng, s.Reader, r), rng, have)
		}
	}
	close(stop)
	if err := <-stopped; err != nil {
		t.Errorf("searching beside the writer: %v", err)
	}
	if st, err := s.Stat(t.Context()); err != nil || st.Blocks < 1000/rows || st.Flows != int64(len(have)) || st.Open != int64(len(open)) {
		t.Errorf("stat %+v, %v, want %d flows in many blocks, %d open", st, err, len(have), len(open))
	}
	if n, err := s.Check(t.Context(), func(p string) { t.Error(p) }); err != nil || n != int64(len(have)) {
		t.Errorf("check: %d flows, %v, want %d", n, err, len(have))
	}
}

// compareSome asks a few random queries and compares with a plain matcher.
func compareSome(t *testing.T, s *Reader, rng *rand.Rand, have map[int64]flow.Record) {
	t.Helper()
	recs := make([]flow.Record, 0, len(have))
	for _, r := range have {
		recs = append(recs, r)
	}
	for range 8 {
		q := randomQuery(rng)
		want := expected(recs, q)
		if n, err := s.Count(t.Context(), search.Request{Query: q}, -1); err != nil || n != int64(len(want)) {
			t.Fatalf("count of %s: %d, %v, want %d", describe(q), n, err, len(want))
		}
		var got []flow.Record
		var after search.Cursor
		for more := true; more; {
			page, err := s.Search(t.Context(), search.Request{Query: q}, after, 1+rng.IntN(300))
			if err != nil {
				t.Fatal(err)
			}
			if got, more = append(got, page.Rows...), page.More; more {
				after = search.After(&page.Rows[len(page.Rows)-1])
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s:\ngot ids  %v\nwant ids %v", describe(q), ids(got), ids(want))
		}
		by := search.By(rng.IntN(5))
		if got, err := s.Top(t.Context(), search.Request{Query: q}, by, 10); err != nil || !slices.Equal(got, talkers(want, by, 10)) {
			t.Fatalf("top by %s of %s: %v, %v", by, describe(q), got, err)
		}
	}
}

func searchOverAndOver(s *Reader, stop chan struct{}) error {
	rng := rand.New(rand.NewPCG(8, 8))
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		last := map[int64]bool{}
		err := s.Each(context.Background(), search.Request{Query: search.Query{Filter: randomExpr(rng, 1), Limit: -1}}, func(r *flow.Record) error {
			if last[r.ID] {
				return errors.New("a flow comes twice")
			}
			last[r.ID] = true
			return nil
		})
		if err != nil {
			return err
		}
	}
}

func TestCompactMakesFullBlocksOutOfSmallOnes(t *testing.T) {
	s := smallBlocks(t, Options{}, 500)
	for i := range int64(30) {
		store(t, s, traffic(i*20+1, 20)...)
		if _, err := s.packNow(); err != nil {
			t.Fatal(err)
		}
	}
	store(t, s, traffic(601, 7)...)
	before := all(t, s)
	if err := s.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	st, err := s.Stat(t.Context())
	if err != nil || st.Blocks > 3 || st.Waiting != 0 || st.Flows != 607 {
		t.Errorf("stat %+v, %v, want all 607 flows in a few blocks", st, err)
	}
	if after := all(t, s); !slices.Equal(before, after) {
		t.Error("the flows are not the same")
	}
	store(t, s, before[3]) // ended long ago, and known in its new place
	if got := all(t, s); len(got) != 607 {
		t.Errorf("%d flows, want 607", len(got))
	}
}

func TestFlowsFromTheFutureComeLastInEitherOrder(t *testing.T) {
	s := smallBlocks(t, Options{Now: func() time.Time { return epoch }}, 10)
	var recs []flow.Record
	for id := int64(1); id <= 100; id++ {
		r := flow.Record{ID: id, Start: epoch.Add(time.Duration(id-100) * time.Second), EndReason: flow.EndOfFlow}
		if id%10 == 0 {
			r.Start = epoch.Add(time.Duration(id) * 24 * time.Hour) // its exporter's clock is ahead
		}
		recs = append(recs, r)
		store(t, s, r)
	}
	for _, order := range []search.Order{search.Newest, search.Oldest} {
		var got []int64
		var after search.Cursor
		for more := true; more; {
			page, err := s.Search(t.Context(), search.Request{Query: search.Query{Order: order}}, after, 7)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, ids(page.Rows)...)
			if more = page.More; more {
				after = search.After(&page.Rows[len(page.Rows)-1])
			}
		}
		want := slices.Clone(recs)
		slices.SortFunc(want, func(a, b flow.Record) int {
			if af, bf := a.ID%10 == 0, b.ID%10 == 0; af != bf {
				return map[bool]int{true: 1, false: -1}[af]
			}
			return a.Start.Compare(b.Start) * map[search.Order]int{search.Newest: -1, search.Oldest: 1}[order]
		})
		if !slices.Equal(got, ids(want)) {
			t.Errorf("%s first:\n%v\nwant\n%v", order, got, ids(want))
		}
	}
	if st, err := s.Stat(t.Context()); err != nil || st.Future != 10 || st.Last.After(epoch) {
		t.Errorf("stat %+v, %v, want 10 flows from the future", st, err)
	}
}

func TestAClockThatStepsBackLosesAndHidesNothing(t *testing.T) {
	var now atomic.Int64
	now.Store(epoch.UnixNano())
	s := smallBlocks(t, Options{Now: func() time.Time { return time.Unix(0, now.Load()) }}, 20)
	var want []flow.Record
	for i := range int64(10) {
		recs := numbered(i*30, 30)
		for j := range recs {
			recs[j].Start = time.Unix(0, now.Load()+int64(j)).UTC()
			recs[j].Last = recs[j].Start
		}
		store(t, s, recs...)
		s.retain()
		want = append(want, recs...)
		now.Add(-int64(time.Hour))
	}
	now.Store(epoch.UnixNano())
	if got := all(t, s); !slices.Equal(got, expected(want, search.Query{Order: search.Oldest})) {
		t.Errorf("%d flows of %d, or in the wrong order", len(got), len(want))
	}
}

func TestAFlippedBitIsFoundAndNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.db")
	s := openAt(t, path)
	stop := run(t, s)
	store(t, s, traffic(1, 20_000)...)
	stop()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for i := range 20 {
		broken := bytes.Clone(content)
		broken[len(broken)*(i+5)/30] ^= 0x10
		if err := os.WriteFile(path, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		found += problems(t, path)
	}
	if found < 15 { // a bit in the rest of a page is nobody's
		t.Errorf("%d of 20 flipped bits were found", found)
	}
}

// problems is 1 if a check of the store finds anything.
func problems(t *testing.T, path string) int {
	r, err := OpenReader(t.Context(), path, Options{})
	if err != nil {
		return 1
	}
	defer r.Close()
	n := 0
	_, err = r.Check(t.Context(), func(string) { n++ })
	if eachErr := r.Each(t.Context(), search.Request{Query: search.Query{Limit: -1}}, func(*flow.Record) error { return nil }); eachErr != nil {
		if !strings.Contains(eachErr.Error(), "is damaged") {
			t.Errorf("a search says %v", eachErr)
		}
		if err == nil && n == 0 {
			t.Errorf("a search finds what a check does not: %v", eachErr)
		}
	}
	if err != nil || n > 0 {
		return 1
	}
	return 0
}

func TestALongSearchTellsHowFarItIs(t *testing.T) {
	s := smallBlocks(t, Options{}, 50)
	store(t, s, traffic(1, 2000)...)
	var calls, last atomic.Int64
	r := search.Request{Query: search.Query{Filter: search.Numbers{Field: search.FieldSport, Ranges: []search.Interval{{Lo: 40_000, Hi: 40_000}}}}}
	r.Progress = func(done, planned int64) {
		calls.Add(1)
		if done == planned {
			last.Store(done)
		}
	}
	if _, err := s.Count(t.Context(), r, -1); err != nil {
		t.Fatal(err)
	}
	if calls.Load() < 30 || last.Load() != calls.Load() {
		t.Errorf("%d reports, the last one of %d", calls.Load(), last.Load())
	}
}

func TestReadingTheRowsThatWereFoundIsNoProgressOfTheSearch(t *testing.T) {
	s := smallBlocks(t, Options{}, 200) // more than fewHits, so that rows are read once it is clear which
	store(t, s, traffic(1, 2000)...)
	var calls atomic.Int64
	r := search.Request{Progress: func(done, planned int64) {
		calls.Add(1)
		if done > planned {
			t.Errorf("%d blocks are read of %d", done, planned)
		}
	}}
	if page, err := s.Search(t.Context(), r, search.Cursor{}, 1500); err != nil || len(page.Rows) != 1500 || calls.Load() == 0 {
		t.Errorf("%d rows, %v, %d reports", len(page.Rows), err, calls.Load())
	}
}

func TestWhatIsLeftAtTheEndBecomesABlockIfItIsWorthOne(t *testing.T) {
	const rows = 800
	for _, c := range []struct{ flows, hot int }{{rows/leavingShare - 1, rows/leavingShare - 1}, {rows / leavingShare, 0}} {
		path := filepath.Join(t.TempDir(), "weir.db")
		s, err := Open(t.Context(), path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		s.blockRows = rows
		stop := run(t, s)
		store(t, s, numbered(0, c.flows-1)...) // while it runs they wait for company
		if err := s.Put(t.Context(), numbered(int64(c.flows-1), 1)); err != nil {
			t.Fatal(err)
		}
		stop()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := OpenReader(t.Context(), path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var hot, packed int
		if err := r.readers.QueryRow("SELECT (SELECT count(*) FROM hot), (SELECT coalesce(sum(rows), 0) FROM blocks)").Scan(&hot, &packed); err != nil {
			t.Fatal(err)
		}
		if hot != c.hot || packed != c.flows-c.hot {
			t.Errorf("of %d flows %d are left in the table hot and %d in blocks", c.flows, hot, packed)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestANewStoreIsOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.db")
	for name, age := range map[string]time.Duration{draftName + "1": 2 * time.Hour, draftName + "2": time.Minute} {
		left := filepath.Join(filepath.Dir(path), name)
		then := time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(left, nil, 0o600), os.Chtimes(left, then, then)); err != nil {
			t.Fatal(err)
		}
	}
	if err := create(t.Context(), path, time.Now); err != nil {
		t.Fatal(err)
	}
	names, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != 2 || names[0].Name() != draftName+"2" || names[1].Name() != "weir.db" {
		t.Errorf("making a store leaves %v, and not somebody's draft of a minute ago and the store", names)
	}
	head, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if head[18] != 2 || head[19] != 2 { // https://www.sqlite.org/fileformat.html, section 1.3.3
		t.Errorf("the file's header says %d and %d, 2 is a write-ahead log", head[18], head[19])
	}
}
