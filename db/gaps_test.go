package db

import (
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/db/block"
	"weir/flow"
	"weir/search"
)

// storeOfBlocks makes a store of n blocks of some flows each, and returns its path and flows by block.
func storeOfBlocks(t *testing.T, n, rows int) (path string, recs [][]flow.Record) {
	t.Helper()
	path = emptyStore(t)
	rng := rand.New(rand.NewPCG(7, uint64(n)))
	for i := range n {
		some := someRecords(rng, int64(i*rows+1), rows)
		if id := writeBlock(t, path, some, int(block.NumColumns)); id != int64(i+1) {
			t.Fatalf("block %d has number %d", i+1, id)
		}
		recs = append(recs, some)
	}
	return path, recs
}

// damages are ways to lose block 2, with what is known of it then.
var damages = []struct {
	name, sql string
	flows     int64
	unsure    bool
}{
	{"its address list", "UPDATE parts SET data = x'00' WHERE id = 2048", 40, false},
	{"its address list is gone", "DELETE FROM parts WHERE id = 2048", 40, false},
	{"its rows", "UPDATE parts SET data = CAST(substr(data, 1, length(data)-1) || x'00' AS BLOB) WHERE id BETWEEN 2176 AND 3071", 40, false},
	{"its rows are gone", "DELETE FROM parts WHERE id BETWEEN 2176 AND 3071", 40, false},
	{"all parts", "DELETE FROM parts WHERE id BETWEEN 2048 AND 3071", 40, false},
	{"its header", "UPDATE blocks SET header = x'00' WHERE id = 2", 40, true},
	{"its header and number of rows", "UPDATE blocks SET header = x'00', rows = 9000 WHERE id = 2", -1, false},
	{"its header and times", "UPDATE blocks SET header = x'00', start_min_ns = start_max_ns + 1 WHERE id = 2", -1, false},
	{"its row in the list", "DELETE FROM blocks WHERE id = 2", -1, false},
}

func TestADamagedBlockCostsItsOwnFlowsOnly(t *testing.T) {
	for _, d := range damages {
		path, recs := storeOfBlocks(t, 3, 40)
		editFile(t, path, func(c connection) error { return c.exec(d.sql) })
		r := readerOf(t, path)
		rest := slices.Concat(recs[0], recs[2])
		// wantGap checks the gap of an answer with so many flows. Columns alone can answer for all.
		wantGap := func(what string, n int64, err error) {
			t.Helper()
			gaps, ok := search.Incomplete(err)
			switch {
			case !ok:
				t.Errorf("%s: %s: %v", d.name, what, err)
			case len(gaps) == 0 && n == 120 && what != "each":
			case len(gaps) != 1 || gaps[0].Block != 2 || gaps[0].Flows != d.flows || gaps[0].Unsure != d.unsure || n != 80:
				t.Errorf("%s: %s has %d flows and the gaps %+v", d.name, what, n, gaps)
			case d.flows > 0 && gaps[0].From.IsZero(), !strings.Contains(err.Error(), "block 2 is damaged"):
				t.Errorf("%s: %s: %v", d.name, what, err)
			}
		}
		var got []int64
		err := r.Each(t.Context(), search.Request{Query: search.Query{Limit: -1, Order: search.Oldest}}, func(r *flow.Record) error {
			got = append(got, r.ID)
			return nil
		})
		wantGap("each", int64(len(got)), err)
		for _, rec := range rest {
			if !slices.Contains(got, rec.ID) {
				t.Errorf("%s: flow %d is not given", d.name, rec.ID)
			}
		}
		eachSum(t, r, search.BySrc, 1000, wantGap)
		if _, err := r.Stat(t.Context()); !search.Answered(err) {
			t.Errorf("%s: %v", d.name, err)
		}
	}
}

func TestAGapOutsideOfTheTimeOfAQueryIsNotNamed(t *testing.T) {
	for _, d := range damages {
		if d.flows < 0 {
			continue // of unknown time: it is named with every answer
		}
		path := filepath.Join(t.TempDir(), "weir.db")
		w := openAt(t, path)
		w.blockRows = 40
		stop := run(t, w)
		recs := numbered(0, 120)
		for i := range recs {
			recs[i].Last = recs[i].Start.Add(10)
		}
		for i := range 3 {
			store(t, w, recs[40*i:40*i+40]...)
		}
		stop()
		editFile(t, path, func(c connection) error { return c.exec(d.sql) })
		started := search.Numbers{Field: search.FieldStart, Ranges: []search.Interval{{Lo: recs[80].Start.UnixNano(), Hi: search.MaxNumber}}}
		page, err := w.Search(t.Context(), search.Request{Query: search.Query{Filter: started}}, search.Cursor{}, 100)
		if err != nil || len(page.Rows) != 40 {
			t.Errorf("%s: after it %d flows, %v", d.name, len(page.Rows), err)
		}
		last := search.Query{Range: search.Range{From: recs[79].Last.Add(1)}}
		page, err = w.Search(t.Context(), search.Request{Query: last}, search.Cursor{}, 100)
		if unsure := err != nil; unsure != d.unsure || len(page.Rows) != 40 { // a damaged header does not say how long flows lasted
			t.Errorf("%s: since its end %d flows, %v", d.name, len(page.Rows), err)
		}
		if page, err = w.Search(t.Context(), search.Request{}, search.Cursor{}, 30); err != nil || len(page.Rows) != 30 || !page.More {
			t.Errorf("%s: the newest 30 are %d flows, %v", d.name, len(page.Rows), err)
		}
		if page, err = w.Search(t.Context(), search.Request{}, search.Cursor{}, 60); !errors.Is(err, block.ErrDamaged) || len(page.Rows) != 60 || page.Rows[59].ID > 40 {
			t.Errorf("%s: the newest 60 are %d flows, %v", d.name, len(page.Rows), err)
		}
	}
}

func TestADamagedColumnIsReadFromTheRows(t *testing.T) {
	path, _ := storeOfBlocks(t, 2, 40)
	editFile(t, path, func(c connection) error {
		return c.exec("UPDATE parts SET data = x'00' WHERE id > 2048 AND id < 2176")
	})
	r := readerOf(t, path)
	n, err := r.Count(t.Context(), search.Request{Query: search.Query{Filter: search.Numbers{Field: search.FieldDport, Ranges: []search.Interval{{Lo: 0, Hi: 65535}}}}}, -1)
	if err != nil || n != 80 {
		t.Errorf("%d flows, %v, want all 80", n, err)
	}
	var problems []string
	if _, err := r.Check(t.Context(), func(p string) { problems = append(problems, p) }); err != nil || len(problems) == 0 {
		t.Errorf("a check finds %q, %v", problems, err)
	}
}

func TestDamageDoesNotEndACapture(t *testing.T) {
	for _, d := range damages {
		path, recs := storeOfBlocks(t, 3, 40)
		editFile(t, path, func(c connection) error {
			return errors.Join(c.exec(d.sql), c.changeState(func(s *state) { s.lastID = 1000 }))
		})
		w := openAt(t, path)
		stop := run(t, w)
		store(t, w, recs[0][5]) // known as ended
		late := recs[0][0]
		late.ID = 500 // an id below the last one: the writer looks for it in the blocks
		store(t, w, late)
		stop()
		n, err := w.Count(t.Context(), search.Request{}, -1)
		if !search.Answered(err) || n != 81 && n != 121 {
			t.Errorf("%s: %d flows, %v", d.name, n, err)
		}
		err = w.Compact(t.Context())
		if partly := new(PartlyError); err != nil && (!errors.As(err, &partly) || partly.Blocks != 1) {
			t.Errorf("%s: compact: %v", d.name, err)
		}
		if after, _ := w.Count(t.Context(), search.Request{}, -1); after != n {
			t.Errorf("%s: %d flows after a compaction, %d before", d.name, after, n)
		}
	}
}
