package db

import (
	"slices"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/storetest"
	"weir/search"
)

// TestRowsInThePlaceOfOthersAreDamage changes the numbers of rows as flipped bits, or a write to the wrong
// place, do. Nothing else of block 2 is damaged, so that repair or salvage bring it back.
func TestRowsInThePlaceOfOthersAreDamage(t *testing.T) {
	for sql, c := range map[string]struct{ read, repaired, salvaged int }{ // flows of 120, unknown values included
		"UPDATE blocks SET id = 10 WHERE id = 2":                           {80, 120, 120},
		"UPDATE blocks SET id = 13 WHERE id = 2":                           {80, 80, 120}, // not one bit
		"UPDATE blocks SET stored_ns = stored_ns | (1 << 62) WHERE id = 2": {80, 120, 120},
		"UPDATE blocks SET format = 0 WHERE id = 2":                        {80, 120, 120},
		"UPDATE blocks SET format = 3 WHERE id = 2":                        {80, 120, 120},
		"UPDATE parts SET id = id + 8 * 1024 WHERE id / 1024 = 2":          {80, 80, 120},
		"UPDATE parts SET data = (SELECT data FROM parts WHERE id = 3200)" +
			" WHERE id = 2176": {80, 120, 120}, // rows of block 3 in block 2
		"UPDATE blocks SET header = (SELECT header FROM blocks WHERE id = 3) WHERE id = 2": {80, 80, 80},
	} {
		path, recs := storeOfBlocks(t, 3, 40)
		all := slices.Concat(recs...)
		want := map[int64]flow.Record{}
		for _, r := range all {
			want[r.ID] = r
		}
		editFile(t, path, func(conn connection) error { return conn.exec(sql) })
		count := func(r *Reader) (rows, missing int, unknown bool) {
			err := r.Each(t.Context(), search.Request{Query: search.Query{Limit: -1}}, func(got *flow.Record) error {
				if full := want[got.ID]; *got != full && *got != withoutRowsOnly(full) {
					t.Errorf("%s: flow %d is %+v, want %+v", sql, got.ID, got, full)
				}
				rows++
				return nil
			})
			gaps, ok := search.Incomplete(err)
			if !ok {
				t.Fatalf("%s: %v", sql, err)
			}
			for _, g := range gaps {
				missing += int(max(g.Flows, 0))
				unknown = unknown || g.Flows < 0
			}
			return rows, missing, unknown
		}
		r := readerOf(t, path)
		if rows, missing, unknown := count(r); rows != c.read || rows+missing != 120 && !unknown {
			t.Errorf("%s: %d flows, %d missing, unknown %t, want %d", sql, rows, missing, unknown, c.read)
		}
		got, done := salvaged(t, path)
		if wantFlows(t, sql, got, want); len(got) != c.salvaged {
			t.Errorf("%s: %d flows are salvaged, want %d: %+v", sql, len(got), c.salvaged, done)
		}
		w, err := Open(t.Context(), path, WriterOptions{Now: func() time.Time { return epoch }})
		if err != nil {
			t.Fatal(err)
		}
		repaired, err := w.Repair(t.Context(), false, func(string) {})
		if rows, missing, unknown := count(w.Reader); err != nil || rows != c.repaired || rows+missing != 120 && !unknown || (rows == 120) != (repaired.Left == 0) {
			t.Errorf("%s: after a repair %d flows, unknown %t, %v, want %d: %+v", sql, rows, unknown, err, c.repaired, repaired)
		}
		if c.repaired == 120 {
			checkIntegrity(t, w)
			if n := len(storetest.All(t, w)); n != 120 {
				t.Errorf("%s: %d flows", sql, n)
			}
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
}
