package db

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"weir/db/block"
)

// Stat is what a store holds.
type Stat struct {
	Flows     int64     // all of them
	Open      int64     // of these, not ended
	Waiting   int64     // of these, ended and not yet in a block
	Future    int64     // of these, beginning more than five minutes from now: some clock is wrong
	Blocks    int       // how many blocks hold the rest
	First     time.Time // start of the earliest flow; zero: there is none
	Last      time.Time // start of the latest flow that is not from the future
	Stored    time.Time // when the oldest block was stored; zero: there is none
	FileBytes int64     // size of the file, without its log
	FreeBytes int64     // of these, free for what comes
	LogBytes  int64     // size of the log
	Schema    int64     // version
}

// Stat looks at what the store holds. It reads no block but those with flows from the future.
func (r *Reader) Stat(ctx context.Context) (Stat, error) {
	var st Stat
	err := r.read(ctx, nil, func(sn *snapshot) error {
		st = Stat{Blocks: len(sn.blocks)}
		horizon := block.Nanos(r.now().Add(futureSlack))
		first, last := int64(1<<63-1), int64(block.ZeroTime)
		note := func(lo, hi int64) {
			if lo != block.ZeroTime {
				first = min(first, lo)
			}
			if hi <= horizon {
				last = max(last, hi)
			}
		}
		for _, b := range sn.blocks {
			st.Flows += int64(b.Rows)
			note(b.Zone(block.ColStart).Min, b.Zone(block.ColStart).Max)
			if at := block.TimeOf(b.Stored); st.Stored.IsZero() || at.Before(st.Stored) {
				st.Stored = at
			}
		}
		err := sn.hot(allTime, func(b *block.Hot) error {
			for _, t := range b.Tuples {
				st.Flows++
				if t.Nums[block.ColEndReason] == 0 {
					st.Open++
				} else {
					st.Waiting++
				}
				note(t.Nums[block.ColStart], t.Nums[block.ColStart])
			}
			return nil
		})
		if err != nil {
			return err
		}
		if first <= horizon {
			st.First = block.TimeOf(first)
		}
		st.Last = block.TimeOf(last)
		late := selection{span: span{horizon + 1, 1<<63 - 1}}
		var future atomic.Int64
		err = sn.visit(late, func(_ block.Batch, rows block.Bitmap) error {
			future.Add(int64(rows.Count()))
			return nil
		})
		if err != nil {
			return err
		}
		st.Future = future.Load()
		return sn.sizes(&st, r.path)
	})
	if err != nil {
		return Stat{}, fmt.Errorf("look at the flow store: %w", err)
	}
	return st, nil
}

func (sn *snapshot) sizes(st *Stat, path string) error {
	var pages, free, size int64
	err := errors.Join(sn.ints("PRAGMA page_count", nil, &pages), sn.ints("PRAGMA freelist_count", nil, &free),
		sn.ints("PRAGMA page_size", nil, &size), sn.ints("PRAGMA user_version", nil, &st.Schema))
	st.FileBytes, st.FreeBytes = pages*size, free*size
	if info, err := os.Stat(path + "-wal"); err == nil {
		st.LogBytes = info.Size()
	}
	return err
}

// Compact makes blocks of all ended flows that wait for one, and full blocks
// out of small ones.
func (w *Writer) Compact(ctx context.Context) error {
	left, err := w.packNow()
	for err == nil && left > 0 {
		left, err = w.packNow()
	}
	if err == nil {
		err = w.transact(ctx, func(c connection) error {
			in, err := w.inserter(c)
			if err != nil {
				return err
			}
			return in.mergeBlocks(c)
		})
	}
	if err != nil {
		return fmt.Errorf("compact the flow store: %w", err)
	}
	return w.checkpoint(ctx)
}

// mergeBlocks writes the flows of blocks that are less than half full anew, together. Blocks with columns that
// this program does not know stay as they are.
func (in *inserter) mergeBlocks(c connection) (err error) {
	blocks, err := readHeaders(c, nil, 0)
	if err != nil {
		return err
	}
	blocks = slices.DeleteFunc(blocks, func(b *block.Header) bool { return b.Rows >= in.rows/2 || b.HasUnknownColumns() })
	if len(blocks) < 2 {
		return nil
	}
	r, err := newPartReader(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	var tuples []*block.Tuple
	stored := int64(block.ZeroTime)
	for i, b := range blocks {
		stored = max(stored, b.Stored)
		more, err := r.open(b).All()
		if err == nil {
			err = c.removeBlock(b.ID)
		}
		if err != nil {
			return fmt.Errorf("block %d: %w", b.ID, err)
		}
		if tuples = append(tuples, more...); len(tuples) >= in.rows || i == len(blocks)-1 {
			if err := in.writeBlocks(c, tuples, stored); err != nil {
				return err
			}
			tuples = nil
		}
	}
	return errors.Join(in.saveState(c), c.noteRemoval(), c.exec("UPDATE state SET merges = merges + 1"))
}

// Vacuum writes the file anew without its free pages. It needs as much space
// again while it runs.
func (w *Writer) Vacuum(ctx context.Context) error {
	w.mu.Lock()
	err := raw(ctx, w.conn, func(c connection) error {
		if w.ins != nil {
			err := w.ins.close()
			w.ins = nil
			if err != nil {
				return err
			}
		}
		return c.exec("VACUUM")
	})
	w.mu.Unlock()
	if err != nil {
		return fmt.Errorf("write the flow store anew: %s: %w", explain(w.path, err), err)
	}
	return w.checkpoint(ctx)
}

// checkpoint folds the log into the file.
func (w *Writer) checkpoint(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := raw(ctx, w.conn, func(c connection) error { return c.exec("PRAGMA wal_checkpoint(TRUNCATE)") })
	if err != nil {
		return fmt.Errorf("fold the log into the flow store: %w", err)
	}
	return nil
}
