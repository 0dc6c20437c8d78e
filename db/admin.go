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
	"weir/search"
)

// Stat is the content and size of a store.
type Stat struct {
	Flows     int64     // number of flows
	Open      int64     // of these, not ended
	Waiting   int64     // of these, ended and not in a block yet
	Future    int64     // of these, starting more than five minutes from now: some clock is ahead
	Blocks    int       // number of blocks
	First     time.Time // start of the earliest flow; zero: no flows
	Last      time.Time // start of the latest flow that does not start in the future
	Stored    time.Time // when the oldest block was stored; zero: no blocks
	FileBytes int64     // size of the file, without its WAL
	FreeBytes int64     // of these, in free pages
	WALBytes  int64     // size of the WAL
	Schema    int64     // schema version
}

// Stat returns the content and size of the store. It reads no blocks except those with flows that
// start in the future.
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
		err := sn.pieces(allTime.whole, func(b *block.PieceRows) error {
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
		late := selectStarted(span{horizon + 1, 1<<63 - 1})
		var future atomic.Int64
		err = sn.visit(late, func(_ block.Batch, rows block.Bitmap) error {
			future.Add(int64(rows.Count()))
			return nil
		})
		if err != nil {
			return err
		}
		st.Future = future.Load()
		sn.gaps.add(sn.unreadable, allTime, allTime)
		return sn.sizes(&st, r.path)
	})
	if !search.Answered(err) {
		return Stat{}, fmt.Errorf("inspect the flow store: %w", err)
	}
	return st, err
}

func (sn *snapshot) sizes(st *Stat, path string) error {
	var pages, free, size int64
	err := errors.Join(sn.ints("PRAGMA page_count", nil, &pages), sn.ints("PRAGMA freelist_count", nil, &free),
		sn.ints("PRAGMA page_size", nil, &size), sn.ints("PRAGMA user_version", nil, &st.Schema))
	st.FileBytes, st.FreeBytes = pages*size, free*size
	if info, err := os.Stat(path + "-wal"); err == nil {
		st.WALBytes = info.Size()
	}
	return err
}

// Compact packs all ended flows that wait for a block, and merges small blocks into full ones. It
// leaves damaged blocks as they are; the error is then a *PartlyError, and the rest is done.
func (w *Writer) Compact(ctx context.Context) error {
	damaged := 0
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
			damaged, err = in.mergeBlocks(c)
			return err
		})
	}
	if err == nil {
		err = w.checkpoint(ctx)
	}
	switch {
	case err != nil:
		return fmt.Errorf("compact the flow store: %w", err)
	case damaged > 0:
		return &PartlyError{damaged}
	}
	return nil
}

// PartlyError says that Compact has done its work, except on damaged blocks.
type PartlyError struct{ Blocks int } // number of damaged blocks

func (e *PartlyError) Error() string {
	blocks, were := "blocks are", "were"
	if e.Blocks == 1 {
		blocks, were = "block is", "was"
	}
	return fmt.Sprintf("%d %s damaged and %s not changed: run weir db check, then weir db repair", e.Blocks, blocks, were)
}

// mergeBlocks packs the flows of blocks that are less than half full into new blocks. Blocks with
// columns that this program does not know are left alone, and so are damaged ones, whose number it
// returns.
func (in *inserter) mergeBlocks(c connection) (damaged int, err error) {
	blocks, gaps, err := readHeaders(c, 0)
	if err != nil {
		return 0, err
	}
	damaged = len(gaps)
	blocks = slices.DeleteFunc(blocks, func(b *block.Header) bool { return b.Rows >= in.maxRows/2 || b.HasUnknownColumns() })
	if len(blocks) < 2 {
		return damaged, nil
	}
	r := newPartReader(c)
	defer func() { err = errors.Join(err, r.close()) }()
	var tuples []*block.Tuple
	stored := int64(block.ZeroTime)
	for i, b := range blocks {
		more, err := r.open(b).All()
		switch {
		case err == nil:
			stored = max(stored, b.Stored)
			err = c.removeBlock(b.ID)
		case isDamage(err):
			damaged++
			more, err = nil, nil
		}
		if err != nil {
			return damaged, fmt.Errorf("block %d: %w", b.ID, err)
		}
		if tuples = append(tuples, more...); len(tuples) >= in.maxRows || i == len(blocks)-1 && len(tuples) > 0 {
			if err := in.writeBlocks(c, tuples, stored); err != nil {
				return damaged, err
			}
			tuples = nil
		}
	}
	return damaged, errors.Join(in.saveState(c), c.recordRemoval(), c.recordMerge())
}

// Vacuum rewrites the file without its free pages. Meanwhile it needs as much space again.
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
		return fmt.Errorf("rewrite the flow store: %s: %w", explain(w.path, err), err)
	}
	return w.checkpoint(ctx)
}

// checkpoint copies the WAL into the file and truncates it. The error is a *GoneError if the file is not
// at its path any more.
func (w *Writer) checkpoint(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := raw(ctx, w.conn, func(c connection) error { return c.exec("PRAGMA wal_checkpoint(TRUNCATE)") })
	if err != nil {
		return fmt.Errorf("checkpoint the flow store: %w", err)
	}
	return w.checkPlace()
}
