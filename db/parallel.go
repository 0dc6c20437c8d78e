package db

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"

	"weir/db/block"
)

// crew is the workers of one walk over blocks: the caller, and helpers once it is clear that it takes a while.
type crew struct {
	sn     *snapshot
	n      int
	fn     func(r *partReader, i int) error
	next   atomic.Int64
	ended  atomic.Bool
	over   chan struct{} // closed when there is nothing left to begin
	group  sync.WaitGroup
	mu     sync.Mutex
	enough bool // a worker returned errEnough
	errs   []error
}

// eachBlock calls fn with the blocks, in their order, on all of the workers that there are. One
// that is gone is left out.
func (sn *snapshot) eachBlock(blocks []*block.Header, fn func(b *block.Reader) error) error {
	sn.progress.plan(len(blocks))
	return sn.parallel(len(blocks), func(r *partReader, i int) error {
		err := fn(r.open(blocks[i]))
		sn.progress.step()
		if errors.Is(err, block.ErrVanished) {
			sn.missed.Store(true)
			return nil
		}
		return err
	})
}

// parallel calls fn for the numbers below n, in their order, on all of the workers that
// there are. Each has a reader of its own. The first error ends it. errEnough is returned only if no worker
// had another error: the one that failed may have read a block before the one that had enough.
func (sn *snapshot) parallel(n int, fn func(r *partReader, i int) error) error {
	c := &crew{sn: sn, n: n, fn: fn, over: make(chan struct{})}
	for done := 0; c.step(sn.parts); done++ {
		if done == aloneFor {
			for range min(n-done, workers()) - 1 {
				c.group.Go(c.help)
			}
		}
	}
	close(c.over)
	c.group.Wait()
	if err := errors.Join(c.errs...); err != nil || !c.enough {
		return err
	}
	return errEnough
}

// help works while the writer leaves it a core.
func (c *crew) help() {
	if c.sn.shares.await(c.over) {
		return
	}
	c.fail(withReader(c.sn.ctx, c.sn.helpers, func(r *partReader) error {
		for c.step(r) && !c.sn.shares.await(c.over) {
		}
		return nil
	}))
}

// step does the next piece of work, if there is one.
func (c *crew) step(r *partReader) bool {
	i := int(c.next.Add(1)) - 1
	if i >= c.n || c.ended.Load() {
		return false
	}
	err := c.sn.ctx.Err()
	if err == nil {
		err = r.renew(c.sn.shares)
	}
	if err == nil {
		err = c.fn(r, i)
	}
	c.fail(err)
	return err == nil
}

func (c *crew) fail(err error) {
	if err == nil {
		return
	}
	c.ended.Store(true)
	c.mu.Lock()
	defer c.mu.Unlock()
	if errors.Is(err, errEnough) {
		c.enough = true
		return
	}
	c.errs = append(c.errs, err)
}

// withReader calls fn with a reader over a connection of the pool. Blocks never
// change, so it makes no difference that its snapshot is another one.
func withReader(ctx context.Context, pool *sql.DB, fn func(*partReader) error) error {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() // gives it back to the pool
	return raw(ctx, conn, func(c connection) (err error) {
		end, err := c.begin("BEGIN")
		if err != nil {
			return err
		}
		defer end(&err)
		r, err := newPartReader(c)
		if err != nil {
			return err
		}
		return errors.Join(fn(r), r.close())
	})
}
