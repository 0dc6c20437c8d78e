package db

import (
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"weir/db/block"
	"weir/flow"
	"weir/internal/blocktest"
	"weir/internal/storetest"
	"weir/search"
)

// TestEnoughDoesNotSkipEarlierNumbers is about a worker that has taken a number when another one, with a
// later number, has enough.
func TestEnoughDoesNotSkipEarlierNumbers(t *testing.T) {
	w := filled(t, flow.Record{ID: 1, Node: "a", Start: epoch})
	err := w.read(t.Context(), nil, func(sn *snapshot) error {
		var called []int
		c := newWorkerPool(sn, 8, func(_ *partReader, i int) error {
			called = append(called, i)
			if i == 6 {
				return errEnough
			}
			return nil
		})
		for _, i := range []int{6, 5, 7} { // 5 was taken before 6
			c.run(sn.parts, i)
		}
		if !slices.Equal(called, []int{6, 5}) || !c.enough {
			t.Errorf("called for %d, enough: %v; want 6 and 5", called, c.enough)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestEnoughDoesNotHideAnErrorOfAnotherWorker stops two workers at once, one of them with errEnough.
func TestEnoughDoesNotHideAnErrorOfAnotherWorker(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	w := smallBlocks(t, WriterOptions{Now: func() time.Time { return epoch }}, 60)
	err := w.read(t.Context(), nil, func(sn *snapshot) error {
		var calls atomic.Int32
		both := make(chan struct{})
		return sn.parallel(100, func(_ *partReader, i int) error {
			if i <= singleWorkerBlocks {
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

// TestASearchOverADamagedBlockIsRightOrFails searches 40 blocks with overlapping ranges of time, so
// that several workers read blocks for one page at a time.
func TestASearchOverADamagedBlockIsRightOrFails(t *testing.T) {
	const blocks, rows = 40, 600
	w := smallBlocks(t, WriterOptions{Now: func() time.Time { return epoch }}, rows)
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
				t.Fatalf("the newest %d are %v, without an error for the damaged block", limit, storetest.IDs(page.Rows))
			default:
				right++
			}
		}
	}
	if right == 0 || failed == 0 {
		t.Errorf("%d searches were right, %d failed: want both", right, failed)
	}
}

// narrowZone returns a header with a valid checksum in which the range of a column is too small.
func narrowZone(t *testing.T, header []byte, column block.Column, from, to uint64) []byte {
	t.Helper()
	data := header[:len(header)-4]
	at := 0
	next := func() uint64 {
		v, n := binary.Uvarint(data[at:])
		at += n
		return v
	}
	next() // rows
	next() // columns
	for range column {
		next()
		next()
	}
	next() // the smallest number
	before := at
	if reach := next(); reach != from {
		t.Fatalf("column %d has a range of %d, want %d", column, reach, from)
	}
	return blocktest.HeaderSum(keyOf(1), append(binary.AppendUvarint(slices.Clone(data[:before]), to), data[at:]...))
}

func TestANumberOutsideItsZoneIsDamage(t *testing.T) {
	recs := make([]flow.Record, 8)
	for i := range recs {
		n := byte(i)
		recs[i] = flow.Record{ID: int64(i + 1), Node: string(rune('a' + i)), Start: epoch, Last: epoch, EndReason: flow.EndOfFlow,
			Src: flow.Endpoint{Addr: netip.AddrFrom4([4]byte{10, 0, 0, n})}, Dst: flow.Endpoint{Addr: netip.AddrFrom4([4]byte{10, 0, 1, n})}}
	}
	for column, by := range map[block.Column]search.By{block.ColNode: search.ByNode, block.ColSrc: search.BySrc, block.ColDst: search.ByDst} {
		path := emptyStore(t)
		id := writeBlock(t, path, recs, int(block.NumColumns))
		editFile(t, path, func(c connection) error {
			var header []byte
			err := c.each("SELECT header FROM blocks WHERE id = ?", []any{id}, func(row []driver.Value) error {
				stored, _ := row[0].([]byte)
				header = narrowZone(t, stored, column, 7, 4) // both need three bits
				return nil
			})
			return errors.Join(err, c.exec("UPDATE blocks SET header = ? WHERE id = ?", header, id))
		})
		r := readerOf(t, path)
		if top, err := r.Top(t.Context(), search.TopRequest{By: search.Grouping{by}, N: 10}); !errors.Is(err, block.ErrDamaged) {
			t.Errorf("by %s: %v, %v, want %v", by, top, err, block.ErrDamaged)
		}
		var problems []string
		flows, err := r.Check(t.Context(), func(p string) { problems = append(problems, p) })
		if err != nil || flows != 0 || len(problems) != 1 || !strings.Contains(problems[0], "block 1 ") {
			t.Errorf("by %s: a check finds %d flows in order, problems %q, %v, want one problem of block 1", by, flows, problems, err)
		}
	}
}

func TestACheckFindsAllDamageAndTheRestInOrder(t *testing.T) {
	path := emptyStore(t)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range int64(5) {
		writeBlock(t, path, someRecords(rng, 1+40*i, 40), int(block.NumColumns))
	}
	writePiece(t, path, someRecords(rng, 201, 6), int(block.NumColumns))
	editFile(t, path, func(c connection) error {
		return errors.Join(c.exec("UPDATE blocks SET header = x'00' WHERE id IN (2, 4)"), c.exec("UPDATE pieces SET data = x'0100'"))
	})
	var problems []string
	flows, err := readerOf(t, path).Check(t.Context(), func(p string) { problems = append(problems, p) })
	if err != nil || flows != 3*40 {
		t.Errorf("%d flows are in order, %v, want 120", flows, err)
	}
	for _, what := range []string{"block 2:", "block 4:", "piece 1:", "flows that are not in a block: found 0, expected 6"} {
		if !slices.ContainsFunc(problems, func(p string) bool { return strings.HasPrefix(p, what) }) {
			t.Errorf("%q is not among the problems: %q", what, problems)
		}
	}
	if len(problems) != 4 {
		t.Errorf("%d problems, want 4: %q", len(problems), problems)
	}
}
