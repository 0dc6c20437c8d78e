package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"

	"weir/db/block"
)

// retention limits what the store keeps. Zero or less means no limit.
type retention struct {
	age   time.Duration
	bytes int64
}

// retain removes the oldest blocks while age or size demand it, a few in each transaction, which is
// more than a transaction of flows adds; while flows wait it runs only one. New blocks reuse the free
// pages, so the file stops growing. It ignores errors: the next write meets them, too, and reports
// them.
func (w *Writer) retain() {
	defer w.scheduler.beginTransaction()()
	if w.packIdle() != nil {
		return
	}
	for {
		more := false
		err := w.transact(context.Background(), func(c connection) (err error) {
			more, err = w.retention.removeOldest(c, w.now())
			return err
		})
		if err != nil || !more {
			return
		}
		if _, urgent := w.queue.due(); urgent {
			return
		}
	}
}

// packIdle packs ended flows that have waited long for a block, so that they can be removed by age one
// day.
func (w *Writer) packIdle() error {
	w.mu.Lock()
	idle := w.ins != nil && (len(w.ins.flows.ended) >= w.ins.maxRows || // left by a dead process
		!w.ins.waitingSince.IsZero() && w.now().Sub(w.ins.waitingSince) >= packDelay)
	w.mu.Unlock()
	if !idle {
		return nil
	}
	_, err := w.packNow()
	return err
}

// packNow packs ended flows that wait for a block, and returns how many are left.
func (w *Writer) packNow() (left int, err error) {
	err = w.transact(context.Background(), func(c connection) error {
		in, err := w.inserter(c)
		if err == nil {
			err = in.pack(c, nil)
		}
		if err == nil {
			err = in.storePending(c)
		}
		if err == nil {
			left, err = len(in.flows.ended), in.saveState(c)
		}
		return err
	})
	return left, err
}

// removeOldest removes a few of the oldest blocks if they are too old or the file is too large. Age
// counts from when flows were stored, not from when they started: a capture of last year that is
// imported today is of interest today.
func (k retention) removeOldest(c connection, now time.Time) (more bool, err error) {
	oldest := int64(block.ZeroTime)
	if k.age > 0 {
		oldest = block.Nanos(now.Add(-k.age))
	}
	used, err := c.usedBytes()
	if err != nil {
		return false, err
	}
	limit := removeBlocks
	if k.bytes > 0 && used > k.bytes {
		oldest = 1<<63 - 1
		var blocks int64
		if err := c.ints("SELECT count(*) FROM blocks", nil, &blocks); err != nil {
			return false, err
		}
		limit = int(min(int64(limit), blocks-1)) // the latest block stays, whatever its size
	}
	var old []int64
	err = c.each("SELECT id FROM (SELECT id, stored_ns FROM blocks ORDER BY id LIMIT ?) WHERE stored_ns < ?",
		[]any{int64(limit), oldest}, func(row []driver.Value) error {
			id, _ := row[0].(int64)
			old = append(old, id)
			return nil
		})
	if err != nil || len(old) == 0 {
		return false, err
	}
	for _, id := range old {
		if err := c.removeBlock(id); err != nil {
			return false, err
		}
	}
	return len(old) == limit, errors.Join(c.recordRemoval(), c.removeOldCoverage())
}

func (c connection) removeBlock(id int64) error {
	err := c.exec("DELETE FROM parts WHERE id >= ? AND id < ?", id*block.PartsPerBlock, (id+1)*block.PartsPerBlock)
	if err == nil {
		err = c.exec("DELETE FROM blocks WHERE id = ?", id)
	}
	return err
}

// recordRemoval tells readers that blocks were removed.
func (c connection) recordRemoval() error { return c.changeState(func(s *state) { s.removals++ }) }

// recordMerge tells readers that the flows of removed blocks are in other blocks.
func (c connection) recordMerge() error { return c.changeState(func(s *state) { s.merges++ }) }

// usedBytes returns the size of the file without its free pages.
func (c connection) usedBytes() (int64, error) {
	var pages, free, size int64
	for name, n := range map[string]*int64{"page_count": &pages, "freelist_count": &free, "page_size": &size} {
		if err := c.ints("PRAGMA "+name, nil, n); err != nil {
			return 0, err
		}
	}
	return (pages - free) * size, nil
}
