package db

import (
	"context"
	"sync"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/storetest"
)

// TestStoresFulfilTheContract checks stores with most flows in blocks: one is queried through its
// writer and has many hits in a block, the other through a reader beside the writer and has few.
func TestStoresFulfilTheContract(t *testing.T) {
	t.Run("writer", func(t *testing.T) {
		t.Parallel() // each on one core for most of the time
		storetest.Run(t, func(t *testing.T) storetest.Store {
			w := writtenStore(t, 3*fewHits)
			return struct { // methods of both are those of the first
				*written
				*Inventory
			}{w, inventoryOf(t, w.path)}
		})
	})
	t.Run("reader", func(t *testing.T) {
		t.Parallel()
		storetest.Run(t, func(t *testing.T) storetest.Store {
			w := writtenStore(t, 60)
			return struct { // methods of several are those of the first
				*Reader
				*Inventory
				*written
			}{readerOf(t, w.path), inventoryOf(t, w.path), w}
		})
	})
}

// written is a store that keeps track of what was put.
type written struct {
	*Writer
	mu    sync.Mutex
	open  map[int64]bool // by id: the flow is still open
	ended int
}

func (w *written) Put(ctx context.Context, recs []flow.Record) error {
	w.mu.Lock()
	for i := range recs {
		r := &recs[i]
		if isOpen, known := w.open[r.ID]; known && !isOpen {
			continue
		}
		w.open[r.ID] = r.Open()
		if !r.Open() {
			w.ended++
		}
	}
	w.mu.Unlock()
	return w.Writer.Put(ctx, recs)
}

// writtenStore returns a store with few flows in a block. At the end of the test it checks that the
// file is in order and holds what was put, with almost all ended flows in blocks.
func writtenStore(t *testing.T, rows int) *written {
	w := &written{Writer: smallBlocks(t, WriterOptions{Now: func() time.Time { return storetest.Now }}, rows), open: map[int64]bool{}}
	t.Cleanup(func() {
		ctx := context.Background()
		if err := w.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		flows, open := int64(len(w.open)), int64(len(w.open)-w.ended)
		if st, err := w.Stat(ctx); err != nil || st.Flows != flows || st.Open != open || st.Waiting >= int64(rows) {
			t.Errorf("stat %+v, %v, want %d flows, %d of them open, and less than a block of ended ones not in one", st, err, flows, open)
		}
		if n, err := w.Check(ctx, func(p string) { t.Error(p) }); err != nil || n != flows {
			t.Errorf("check: %d flows, %v, want %d", n, err, flows)
		}
	})
	return w
}

func readerOf(t *testing.T, path string) *Reader {
	r, err := OpenReader(t.Context(), path, ReaderOptions{Now: func() time.Time { return storetest.Now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func inventoryOf(t *testing.T, path string) *Inventory {
	inv, err := OpenInventory(t.Context(), path, WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := inv.Close(); err != nil {
			t.Error(err)
		}
	})
	return inv
}
