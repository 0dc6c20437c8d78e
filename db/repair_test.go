package db

import (
	"bytes"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/storetest"
	"weir/search"
)

// withoutRowsOnly is a record without the values that blocks store once.
func withoutRowsOnly(r flow.Record) flow.Record {
	r.ServerRTT, r.ClientRTT, r.Direction, r.ICMPID = 0, 0, 0, 0
	for _, s := range []*flow.Side{&r.SrcSide, &r.DstSide} {
		*s = flow.Side{Flags: s.Flags, ISN: s.ISN}
	}
	r.Uncounted, r.ReplyInterface = true, ""
	return r
}

func TestRepairRebuildsWhatIsWholeAndDropsTheRestOnDemandOnly(t *testing.T) {
	const twoBits = "UPDATE parts SET data = CAST(x'A5A5A5A5' || substr(data, 5) AS BLOB) WHERE id "
	for _, c := range []struct {
		name, sql string
		kept      int // flows of block 2 after a repair
		unknown   bool
		dropped   int // flows of block 2 after a repair that drops the rest
	}{
		{"its columns", twoBits + "BETWEEN 2049 AND 2175", 40, false, 40},
		{"its columns are gone", "DELETE FROM parts WHERE id BETWEEN 2049 AND 2175", 40, false, 40},
		{"its rows", twoBits + "BETWEEN 2176 AND 3071", 40, true, 40},
		{"its rows are gone", "DELETE FROM parts WHERE id BETWEEN 2176 AND 3071", 40, true, 40},
		{"its list of addresses", twoBits + "= 2048", 0, false, 0},
		{"its rows and a column", twoBits + "> 2060 AND id BETWEEN 2048 AND 3071", 0, false, 0},
		{"its header", "UPDATE blocks SET header = x'00' WHERE id = 2", 0, false, 0},
		{"its row in the list", "DELETE FROM blocks WHERE id = 2", 0, false, 0},
		{"the columns of its row", "UPDATE blocks SET start_min_ns = 5 WHERE id = 2", 40, false, 40},
		{"a part too many", "INSERT INTO parts (id, data) VALUES (3000, x'00')", 40, false, 40},
	} {
		path, recs := storeOfBlocks(t, 3, 40)
		editFile(t, path, func(conn connection) error { return conn.exec(c.sql) })
		rest := slices.Concat(recs[0], recs[2])
		for _, drop := range []bool{false, true} {
			w, err := Open(t.Context(), path, WriterOptions{Now: func() time.Time { return epoch }})
			if err != nil {
				t.Fatal(err)
			}
			var told []string
			done, err := w.Repair(t.Context(), drop, func(what string) { told = append(told, what) })
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			kept := c.kept
			if drop {
				kept = c.dropped
			}
			if !drop && (done.Left != 0) != (c.kept == 0) || drop && done.Left != 0 || !drop && len(told) != 1 || (done.Unknown > 0) != (c.unknown && !drop) {
				t.Errorf("%s, drop %t: %+v, %q", c.name, drop, done, told)
			}
			var got []flow.Record
			err = w.Each(t.Context(), search.Request{Query: search.Query{Limit: -1}}, func(r *flow.Record) error {
				got = append(got, *r)
				return nil
			})
			if (err == nil) != (kept == 40 || drop) || !search.Answered(err) {
				t.Errorf("%s, drop %t: %v", c.name, drop, err)
			}
			want := slices.Clone(rest)
			for _, r := range recs[1][:kept] {
				if c.unknown {
					r = withoutRowsOnly(r)
				}
				want = append(want, r)
			}
			if want := storetest.Matching(want, search.Query{}); !slices.Equal(got, want) {
				t.Errorf("%s, drop %t: %d flows, want %d, or others; %q", c.name, drop, len(got), len(want), told)
			}
			if flows, err := w.Check(t.Context(), func(p string) {
				if drop || kept == 40 {
					t.Errorf("%s, drop %t: a check finds %s", c.name, drop, p)
				}
			}); err != nil || flows != int64(len(got)) {
				t.Errorf("%s, drop %t: a check counts %d flows, %v, a search gives %d", c.name, drop, flows, err, len(got))
			}
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestRepairOfFlippedBitsAndBrokenSectorsIsRight(t *testing.T) {
	file, want := tornStore(t)
	rng := rand.New(rand.NewPCG(*tornSeed, 2))
	path := filepath.Join(t.TempDir(), "weir.db")
	repaired := 0
	for i := range max(*flips/4, 20) {
		at, bit := rng.IntN(len(file)), rng.IntN(8)
		data, what := bytes.Clone(file), fmt.Sprintf("bit %d of byte %d", bit, at)
		if data[at] ^= 1 << bit; i%3 == 0 {
			data, what = broken(rng, file)
		}
		writeTorn(t, path, data)
		w, err := Open(t.Context(), path, WriterOptions{Now: func() time.Time { return epoch }, MaxAge: -1})
		if err != nil {
			continue // refused
		}
		done, err := w.Repair(t.Context(), i%2 == 0, func(string) {})
		switch {
		case errors.Is(err, errTables):
		case err != nil:
			if !strings.Contains(err.Error(), "weir db salvage") {
				t.Errorf("%s: %v", what, err)
			}
		case done.Left == 0 && done.Tables == 0:
			if missing := wantFlows(t, what, flowsByID(t, w), want); int64(missing) != done.Lost {
				t.Errorf("%s: %d flows are missing after a repair, %+v", what, missing, done)
			}
			if done.Blocks > 0 {
				repaired++
			}
		}
		if err := w.Close(); err != nil {
			t.Logf("%s: close: %v", what, err)
		}
	}
	if repaired == 0 {
		t.Error("nothing was repaired")
	}
	t.Logf("%d files were repaired", repaired)
}

// flowsByID returns the flows of a store by id.
func flowsByID(t *testing.T, w *Writer) map[int64]flow.Record {
	t.Helper()
	got := map[int64]flow.Record{}
	err := w.Each(t.Context(), search.Request{Query: search.Query{Limit: -1}}, func(r *flow.Record) error {
		got[r.ID] = *r
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return got
}

func TestRepairKeepsAStoreWithoutDamageAsItIs(t *testing.T) {
	before, _ := tornStore(t)
	path := filepath.Join(t.TempDir(), "weir.db")
	writeTorn(t, path, before)
	w, err := Open(t.Context(), path, WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	done, err := w.Repair(t.Context(), true, func(what string) { t.Errorf("told: %s", what) })
	if err = errors.Join(err, w.Close()); err != nil || done != (Repaired{}) {
		t.Errorf("%+v, %v", done, err)
	}
	same := filepath.Join(t.TempDir(), "before.db")
	writeTorn(t, same, before)
	if rowsOf(t, path) != rowsOf(t, same) {
		t.Error("the flows in the file changed")
	}
}

// rowsOf returns all rows of the tables with flows and names.
func rowsOf(t *testing.T, path string) string {
	t.Helper()
	var text strings.Builder
	onFile(t, path, func(c connection) (err error) {
		for _, table := range []string{"blocks", "parts", "pieces", "superseded", "names"} {
			err = errors.Join(err, c.each("SELECT * FROM "+table+" ORDER BY 1", nil, func(row []driver.Value) error {
				fmt.Fprintf(&text, "%s %x\n", table, row)
				return nil
			}))
		}
		return err
	})
	return text.String()
}
