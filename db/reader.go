package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"weir/db/block"
)

// Reader answers queries from a flow store, which a [Writer] of this process or another may
// be writing. All methods may be called from any goroutine.
type Reader struct {
	path    string
	now     func() time.Time
	readers *sql.DB
	helpers *sql.DB // a connection for each further core that a search may use
	known   atomic.Pointer[catalog]
	shares  shares
	closing sync.Once
	closed  error
	poll    *poller
}

// snapshot is a connection in a read transaction, with what it needs to know of the file as of then.
type snapshot struct {
	connection
	names    *dictionary
	blocks   []*block.Header
	parts    *partReader
	helpers  *sql.DB
	shares   *shares
	progress *progress
	missed   atomic.Bool // a block was gone
}

// workers is how many cores a search may use.
func workers() int { return min(runtime.GOMAXPROCS(0), maxWorkers) }

// read calls fn with a snapshot of the store, again if blocks went away under it in a way that matters. Its walks
// over blocks are reported to report, which may be nil.
func (r *Reader) read(ctx context.Context, report func(done, planned int64), fn func(*snapshot) error) error {
	r.shares.enter()
	defer r.shares.leave()
	for tries := 1; ; tries++ {
		err := r.readOnce(ctx, report, fn)
		if !errors.Is(err, block.ErrVanished) || tries == maxTries {
			return damaged(r.path, err)
		}
	}
}

func (r *Reader) readOnce(ctx context.Context, report func(done, planned int64), fn func(*snapshot) error) error {
	return r.withConnection(ctx, func(c connection) (err error) {
		sn := &snapshot{connection: c, helpers: r.helpers, shares: &r.shares, progress: newProgress(report)}
		known, err := r.readFrom(sn, fn)
		if err != nil || !sn.missed.Load() {
			return err
		}
		// Blocks were gone. If age or size had them removed, that is an answer too, of a moment
		// later; if they were put together, their flows are in another block now.
		now, err := c.state()
		if err == nil && now.merges != known.merges {
			err = block.ErrVanished
		}
		return err
	})
}

func (r *Reader) withConnection(ctx context.Context, fn func(connection) error) error {
	conn, err := r.readers.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() // gives it back to the pool
	return raw(ctx, conn, fn)
}

// readFrom calls fn in a transaction.
func (r *Reader) readFrom(sn *snapshot, fn func(*snapshot) error) (known *catalog, err error) {
	err = sn.transact(func() (err error) {
		if known, err = r.catalog(sn.connection); err != nil {
			return fmt.Errorf("read the list of blocks: %w", err)
		}
		sn.blocks = known.blocks
		return fn(sn)
	})
	return known, err
}

// transact calls fn in a transaction, with what it needs to read blocks except their list.
func (sn *snapshot) transact(fn func() error) (err error) {
	end, err := sn.begin("BEGIN")
	if err != nil {
		return err
	}
	defer end(&err)
	if sn.names, err = readNames(sn.connection); err != nil {
		return fmt.Errorf("read names: %w", err)
	}
	if sn.names.groups, err = readGroups(sn.connection); err != nil {
		return fmt.Errorf("read groups of nodes: %w", err)
	}
	if sn.parts, err = newPartReader(sn.connection); err != nil {
		return err
	}
	return errors.Join(fn(), sn.parts.close())
}

// Version returns a number that changes when what queries see may have changed, also
// by another process. It is cheap enough to be asked ten times a second.
func (r *Reader) Version() uint64 {
	return r.poll.version()
}

// Close ends the reader. Calls after the first return the same.
func (r *Reader) Close() error {
	r.closing.Do(func() { r.closed = r.closeFailure(r.close()) })
	return r.closed
}

func (r *Reader) close() error {
	return errors.Join(r.poll.close(), r.helpers.Close(), r.readers.Close())
}

// closeFailure says of what err, unless it is nil, is the error.
func (r *Reader) closeFailure(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("close flow store %q: %w", r.path, err)
}
