package db

import (
	"context"
	"sync"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/storetest"
)

// TestStoresKeepTheContract checks stores of which most flows are in blocks: one that is asked through
// its writer, where hits are many in a block, and one through a reader beside the writer, where they are few.
func TestStoresKeepTheContract(t *testing.T) {
	t.Run("writer", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) storetest.Store {
			w := writtenStore(t, 3*fewHits)
			return struct { // a method that both have is that of the first one
				*written
				*Inventory
			}{w, inventoryOf(t, w.path)}
		})
	})
	t.Run("reader", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) storetest.Store {
			w := writtenStore(t, 60)
			return struct { // a method that several of them have is that of the first one
				*Reader
				*Inventory
				*written
			}{readerOf(t, w.path), inventoryOf(t, w.path), w}
		})
	})
}

// written is a store that knows what was put into it.
type written struct {
	*Writer
	mu    sync.Mutex
	open  map[int64]bool // by id: whether the flow is still open
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

// writtenStore is a store with few flows in a block. In the end it is checked that the file is whole
// and holds what was put, almost all of what has ended in blocks.
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
