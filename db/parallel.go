package db

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"

	"weir/db/block"
)

// workerPool runs one function for many numbers: on the caller's goroutine, and on more workers once
// it is clear that this takes a while.
type workerPool struct {
	sn        *snapshot
	fn        func(r *partReader, i int) error
	nextIndex atomic.Int64
	end       atomic.Int64  // numbers from here on are not needed
	stopped   atomic.Bool   // after an error
	done      chan struct{} // closed when all work has been started
	wg        sync.WaitGroup
	mu        sync.Mutex
	enough    bool // a worker returned errEnough
	errs      []error
}

// eachBlock calls fn with the blocks, in their order, on all workers. It skips blocks that no longer
// exist, and those that fn finds damaged, which it returns, even together with an error. What fn did
// with a block before it failed must have no effect.
func (sn *snapshot) eachBlock(blocks []*block.Header, fn func(b *block.Reader) error) (gaps []gap, err error) {
	blocks, gaps = sn.withoutDamaged(blocks)
	sn.progress.plan(len(blocks))
	var mu sync.Mutex
	err = sn.parallel(len(blocks), func(r *partReader, i int) error {
		err := fn(r.open(blocks[i]))
		sn.progress.step()
		if !isDamage(err) {
			return err
		}
		if gone, err := r.wasRemoved(blocks[i].ID); err != nil || gone {
			sn.blocksMissing.Store(true)
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		gaps = append(gaps, gapOf(blocks[i], err))
		return nil
	})
	return gaps, err
}

// withoutDamaged separates the blocks that are known to be damaged.
func (sn *snapshot) withoutDamaged(blocks []*block.Header) (rest []*block.Header, gaps []gap) {
	if len(sn.damaged) == 0 {
		return blocks, nil
	}
	for _, b := range blocks {
		if err := sn.damaged[b.ID]; err != nil {
			gaps = append(gaps, gapOf(b, err))
		} else {
			rest = append(rest, b)
		}
	}
	return rest, gaps
}

func newWorkerPool(sn *snapshot, n int, fn func(r *partReader, i int) error) *workerPool {
	c := &workerPool{sn: sn, fn: fn, done: make(chan struct{})}
	c.end.Store(int64(n))
	return c
}

// parallel calls fn for the numbers below n, in their order, on all workers, each with its own reader.
// It stops at the first error. errEnough is returned only if no worker had another error: the one that
// failed may have read a block before the one that had enough.
func (sn *snapshot) parallel(n int, fn func(r *partReader, i int) error) error {
	c := newWorkerPool(sn, n, fn)
	for done := 0; c.runNext(sn.parts); done++ {
		if done == singleWorkerBlocks {
			for range min(n-done, workerCount()) - 1 {
				c.wg.Go(c.runWorker)
			}
		}
	}
	close(c.done)
	c.wg.Wait()
	if err := errors.Join(c.errs...); err != nil || !c.enough {
		return err
	}
	return errEnough
}

// runWorker works while the writer leaves it a core.
func (c *workerPool) runWorker() {
	if c.sn.reader.scheduler.waitForWriter(c.done) {
		return
	}
	c.fail(withReader(c.sn.ctx, c.sn.reader.workerConns, func(r *partReader) error {
		more := true
		for more {
			more = c.runNext(r) && !c.sn.reader.scheduler.waitForWriter(c.done)
		}
		return nil
	}))
}

// runNext calls fn for the next number and reports whether there may be more.
func (c *workerPool) runNext(r *partReader) bool {
	return c.run(r, int(c.nextIndex.Add(1))-1)
}

// run calls fn for number i, unless it is not needed, and reports whether there may be more.
func (c *workerPool) run(r *partReader, i int) bool {
	if int64(i) >= c.end.Load() || c.stopped.Load() {
		return false
	}
	err := c.sn.ctx.Err()
	if err == nil {
		err = r.refreshSnapshot(&c.sn.reader.scheduler)
	}
	if err == nil {
		err = c.fn(r, i)
	}
	if errors.Is(err, errEnough) {
		c.endAt(i)
	} else {
		c.fail(err)
	}
	return err == nil
}

// endAt says that number i and those after it are not needed. A worker that took an earlier number, and
// has not begun with it, still has to call fn.
func (c *workerPool) endAt(i int) {
	for {
		end := c.end.Load()
		if int64(i) >= end || c.end.CompareAndSwap(end, int64(i)) {
			break
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.enough = true
}

func (c *workerPool) fail(err error) {
	if err == nil {
		return
	}
	c.stopped.Store(true)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.errs = append(c.errs, err)
}

// withReader calls fn with a reader on a connection of the pool. Its snapshot may differ from the
// caller's, which makes no difference because blocks are immutable.
func withReader(ctx context.Context, pool *sql.DB, fn func(*partReader) error) error {
	return withConnection(ctx, pool, func(c connection) (err error) {
		end, err := c.begin("BEGIN")
		if err != nil {
			return err
		}
		defer end(&err)
		r := newPartReader(c)
		return errors.Join(fn(r), r.close())
	})
}
