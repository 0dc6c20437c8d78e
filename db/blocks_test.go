package db

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/storetest"
	"weir/search"
)

// smallBlocks returns a store with few flows in a block, whose writer runs. change is called before
// Run.
func smallBlocks(t testing.TB, o WriterOptions, rows int, change ...func(*Writer)) *Writer {
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

func TestCompactMakesFullBlocksOutOfSmallOnes(t *testing.T) {
	s := smallBlocks(t, WriterOptions{}, 500)
	for i := range int64(30) {
		store(t, s, traffic(i*20+1, 20)...)
		if _, err := s.packNow(); err != nil {
			t.Fatal(err)
		}
	}
	store(t, s, traffic(601, 7)...)
	before := storetest.All(t, s)
	if err := s.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	st, err := s.Stat(t.Context())
	if err != nil || st.Blocks > 3 || st.Waiting != 0 || st.Flows != 607 {
		t.Errorf("stat %+v, %v, want all 607 flows in a few blocks", st, err)
	}
	if after := storetest.All(t, s); !slices.Equal(before, after) {
		t.Error("the flows are not the same")
	}
	store(t, s, before[3]) // ended long ago, and known in its new block
	if got := storetest.All(t, s); len(got) != 607 {
		t.Errorf("%d flows, want 607", len(got))
	}
}

func TestFlowsFromTheFutureAreCounted(t *testing.T) {
	s := smallBlocks(t, WriterOptions{Now: func() time.Time { return epoch }}, 10)
	for id := int64(1); id <= 100; id++ {
		r := flow.Record{ID: id, Start: epoch.Add(time.Duration(id-100) * time.Second), EndReason: flow.EndOfFlow}
		if id%10 == 0 {
			r.Start = epoch.Add(time.Duration(id) * 24 * time.Hour) // its exporter's clock is ahead
		}
		store(t, s, r)
	}
	if st, err := s.Stat(t.Context()); err != nil || st.Future != 10 || st.Last.After(epoch) {
		t.Errorf("stat %+v, %v, want 10 flows from the future", st, err)
	}
}

func TestAClockThatStepsBackLosesAndHidesNothing(t *testing.T) {
	var now atomic.Int64
	now.Store(epoch.UnixNano())
	s := smallBlocks(t, WriterOptions{Now: func() time.Time { return time.Unix(0, now.Load()) }}, 20)
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
	if got := storetest.All(t, s); !slices.Equal(got, storetest.Matching(want, search.Query{Order: search.Oldest})) {
		t.Errorf("%d flows of %d, or in the wrong order", len(got), len(want))
	}
}

func TestCheckFindsFlippedBits(t *testing.T) {
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
	if found < 15 { // some bits are in unused parts of pages
		t.Errorf("%d of 20 flipped bits were found", found)
	}
}

// problems returns 1 if a check of the store finds anything.
func problems(t *testing.T, path string) int {
	r, err := OpenReader(t.Context(), path, ReaderOptions{})
	if err != nil {
		return 1
	}
	defer r.Close()
	n := 0
	_, err = r.Check(t.Context(), func(string) { n++ })
	if eachErr := r.Each(t.Context(), search.Request{Query: search.Query{Limit: -1}}, func(*flow.Record) error { return nil }); eachErr != nil {
		if !strings.Contains(eachErr.Error(), "is damaged") {
			t.Errorf("a search fails with %v", eachErr)
		}
		if err == nil && n == 0 {
			t.Errorf("a search finds damage that a check does not: %v", eachErr)
		}
	}
	if err != nil || n > 0 {
		return 1
	}
	return 0
}

func TestALongSearchReportsProgress(t *testing.T) {
	s := smallBlocks(t, WriterOptions{}, 50)
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

func TestReadingFoundRowsReportsNoProgress(t *testing.T) {
	s := smallBlocks(t, WriterOptions{}, 200) // more than fewHits, so that rows are read after all hits are known
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

func TestShutdownPacksWaitingFlowsIfThereAreEnough(t *testing.T) {
	const rows = 800
	for _, c := range []struct{ flows, inPieces int }{{rows/drainShare - 1, rows/drainShare - 1}, {rows / drainShare, 0}} {
		path := filepath.Join(t.TempDir(), "weir.db")
		s, err := Open(t.Context(), path, WriterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		s.blockRows = rows
		stop := run(t, s)
		store(t, s, numbered(0, c.flows-1)...) // not packed before shutdown
		if err := s.Put(t.Context(), numbered(int64(c.flows-1), 1)); err != nil {
			t.Fatal(err)
		}
		stop()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := OpenReader(t.Context(), path, ReaderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var packed int
		if err := r.readers.QueryRow("SELECT coalesce(sum(rows), 0) FROM blocks").Scan(&packed); err != nil {
			t.Fatal(err)
		}
		if inPieces := len(flowsInPieces(t, r)); inPieces != c.inPieces || packed != c.flows-c.inPieces {
			t.Errorf("of %d flows %d are left in pieces and %d in blocks", c.flows, inPieces, packed)
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
		t.Errorf("creating a store leaves %v, want the draft of a minute ago and the store", names)
	}
	head, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if head[18] != 2 || head[19] != 2 { // https://www.sqlite.org/fileformat.html, section 1.3.3
		t.Errorf("the file's header says %d and %d, 2 is a write-ahead log", head[18], head[19])
	}
}

func TestAStoreThatCannotGetItsNameLeavesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.db")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := create(t.Context(), path, time.Now); err == nil {
		t.Error("a directory was replaced by a store")
	}
	names, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != 1 || !names[0].IsDir() {
		t.Errorf("left behind: %v, want the directory alone", names)
	}
}
