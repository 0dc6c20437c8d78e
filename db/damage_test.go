package db

import (
	"database/sql/driver"
	"errors"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"weir/db/block"
	"weir/flow"
	"weir/internal/storetest"
	"weir/search"
)

// TestEnoughHidesNoErrorOfAnotherWorker has two workers fail at once, of which one only says that there are enough rows.
func TestEnoughHidesNoErrorOfAnotherWorker(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	w := smallBlocks(t, Options{Now: func() time.Time { return epoch }}, 60)
	err := w.read(t.Context(), nil, func(sn *snapshot) error {
		var calls atomic.Int32
		both := make(chan struct{})
		return sn.parallel(100, func(_ *partReader, i int) error {
			if i <= aloneFor {
				return nil
			}
			n := calls.Add(1)
			if n == 2 {
				close(both)
			}
			<-both
			return map[int32]error{1: block.ErrDamaged, 2: errEnough}[n]
		})
	})
	if !errors.Is(err, block.ErrDamaged) || errors.Is(err, errEnough) {
		t.Errorf("got %v, want %v alone", err, block.ErrDamaged)
	}
}

// TestASearchOverADamagedBlockIsRightOrFails reads 40 blocks whose ranges of time overlap, so that several workers look
// into blocks of one page of results at a time.
func TestASearchOverADamagedBlockIsRightOrFails(t *testing.T) {
	const blocks, rows = 40, 600
	w := smallBlocks(t, Options{Now: func() time.Time { return epoch }}, rows)
	var recs []flow.Record
	for b := range blocks {
		some := make([]flow.Record, rows)
		for i := range some {
			start := epoch.Add(-time.Hour + time.Duration(i*1000+b))
			if i == rows-1 {
				start = epoch.Add(-time.Duration(b) * time.Millisecond) // the order in which blocks are read
			}
			some[i] = flow.Record{ID: int64(b*rows + i + 1), Node: "a", Start: start, Last: start, EndReason: flow.EndOfFlow}
		}
		store(t, w, some...)
		if _, err := w.packNow(); err != nil {
			t.Fatal(err)
		}
		recs = append(recs, some...)
	}
	err := w.transact(t.Context(), func(c connection) error {
		var ids []int64
		err := c.each("SELECT id FROM blocks ORDER BY id", nil, func(row []driver.Value) error {
			id, _ := row[0].(int64)
			ids = append(ids, id)
			return nil
		})
		if err != nil {
			return err
		}
		first := ids[6] * block.PartsPerBlock
		return c.exec("UPDATE parts SET data = CAST(substr(data, 1, length(data)-1) || x'00' AS BLOB) WHERE id BETWEEN ? AND ?", first, first+block.PartsPerBlock-1)
	})
	if err != nil {
		t.Fatal(err)
	}
	newest := storetest.Matching(recs, search.Query{})
	right, failed := 0, 0
	for limit := 1; limit < 60; limit++ {
		for range 4 {
			switch page, err := w.Search(t.Context(), search.Request{}, search.Cursor{}, limit); {
			case errors.Is(err, block.ErrDamaged):
				failed++
			case err != nil:
				t.Fatal(err)
			case !slices.Equal(page.Rows, newest[:limit]):
				t.Fatalf("the newest %d are %v, and nothing is said of the damage", limit, ids(page.Rows))
			default:
				right++
			}
		}
	}
	if right == 0 || failed == 0 {
		t.Errorf("%d searches were right, %d failed: want both", right, failed)
	}
}
