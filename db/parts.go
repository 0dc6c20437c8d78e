package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
)

// errVanished is what reading a part of a block answers that is not there any more: retention
// or a compaction took the block away after the reader learned of it.
var errVanished = errors.New("a block of flows is gone")

// partReader reads parts of blocks over one connection.
type partReader struct {
	one, some driver.Stmt
	row       []driver.Value
}

func newPartReader(c connection) (*partReader, error) {
	r := &partReader{row: make([]driver.Value, 1)}
	var err error
	if r.one, err = c.PrepareContext(context.Background(), "SELECT data FROM parts WHERE id = ?"); err != nil {
		return nil, err
	}
	if r.some, err = c.PrepareContext(context.Background(), "SELECT data FROM parts WHERE id BETWEEN ? AND ?"); err != nil {
		return nil, errors.Join(err, r.one.Close())
	}
	return r, nil
}

// part returns a part, without its checksum.
func (r *partReader) part(block int64, number int) (data []byte, err error) {
	err = r.query(r.one, func(part []byte) error {
		data = part
		return nil
	}, block*partsPerBlock+int64(number))
	if err == nil && data == nil {
		err = errVanished
	}
	return data, err
}

// eachPart calls fn with the parts from one number to another.
func (r *partReader) eachPart(block int64, from, to int, fn func([]byte) error) error {
	return r.query(r.some, fn, block*partsPerBlock+int64(from), block*partsPerBlock+int64(to))
}

// query has no context: it takes microseconds, and the driver starts a goroutine for each statement
// that has one.
func (r *partReader) query(stmt driver.Stmt, fn func([]byte) error, ids ...any) (err error) {
	q, ok := stmt.(driver.StmtQueryContext)
	if !ok {
		return fmt.Errorf("the driver %q has no contexts", driverName)
	}
	rows, err := q.QueryContext(context.Background(), named(ids))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for {
		if err := rows.Next(r.row); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		data, ok := r.row[0].([]byte)
		if !ok {
			return errDamaged
		}
		if data, err = checkSum(data); err != nil {
			return err
		}
		if err := fn(data); err != nil {
			return err
		}
	}
}

func (r *partReader) close() error { return errors.Join(r.one.Close(), r.some.Close()) }

// parallel calls fn for the numbers below n, on all of the workers that there are.
// Each has a reader of its own; the caller's connection is the first one's.
func (sn *snapshot) parallel(n int, fn func(r *partReader, i int) error) error {
	var next atomic.Int64
	var failed atomic.Bool
	work := func(r *partReader) error {
		for !failed.Load() {
			i := int(next.Add(1)) - 1
			if i >= n {
				return nil
			}
			err := sn.ctx.Err()
			if err == nil {
				err = fn(r, i)
			}
			if err != nil {
				failed.Store(true)
				return err
			}
			sn.progress.step()
		}
		return nil
	}
	var wg sync.WaitGroup
	workers := min(n, sn.workers)
	errs := make([]error, workers)
	for w := 1; w < workers; w++ {
		wg.Go(func() { errs[w] = withReader(sn.ctx, sn.helpers, work) })
	}
	if workers > 0 {
		errs[0] = work(sn.parts)
	}
	wg.Wait()
	return errors.Join(errs...)
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
