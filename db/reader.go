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
	"weir/search"
)

// Reader answers queries from a flow store, which a [Writer] of this process or another may be
// writing. Its methods may be called from any goroutine.
type Reader struct {
	path        string
	now         func() time.Time
	readers     *sql.DB
	workerConns *sql.DB // a connection for each further core that a search may use
	known       atomic.Pointer[catalog]
	scheduler   scheduler
	closing     sync.Once
	closed      error
	poll        *poller
	place       place
}

// snapshot is a connection in a read transaction, with what its queries need to know of the file.
type snapshot struct {
	connection
	reader        *Reader // nil in Check, which reads blocks without their list
	state         state
	names         *dictionary
	blocks        []*block.Header
	unreadable    []gap           // blocks without a readable header
	damaged       map[int64]error // blocks that turned out to be damaged while the same answer was made
	gaps          gapSet          // of the answer
	parts         *partReader
	progress      *progress
	blocksMissing atomic.Bool // a block had been removed
	refreshes     int         // of parts when state, names and blocks were read
}

// workerCount returns how many cores a search may use.
func workerCount() int { return min(runtime.GOMAXPROCS(0), maxWorkers) }

// read calls fn with a snapshot of the store, and again if blocks were merged under it. report, which
// may be nil, is called with the progress over blocks. If blocks with flows that fn needs are damaged,
// the error is a *search.IncompleteError, and what fn found is the answer without them.
func (r *Reader) read(ctx context.Context, report func(done, planned int64), fn func(*snapshot) error) error {
	r.scheduler.beginSearch()
	defer r.scheduler.endSearch()
	for tries := 1; ; tries++ {
		err := r.readOnce(ctx, report, fn)
		if search.Answered(err) {
			return err
		}
		if !errors.Is(err, block.ErrVanished) || tries == maxTries {
			return withDamageHint(r.path, err)
		}
	}
}

func (r *Reader) readOnce(ctx context.Context, report func(done, planned int64), fn func(*snapshot) error) error {
	return withConnection(ctx, r.readers, func(c connection) (err error) {
		sn := &snapshot{connection: c, reader: r, progress: newProgress(report)}
		known, err := r.readFrom(sn, fn)
		if err != nil || !sn.blocksMissing.Load() && len(sn.gaps.gaps) == 0 {
			return err
		}
		// Blocks that retention has removed may be missing: the result is that of a moment later. The
		// flows of merged or repaired blocks are in other blocks, so the search must start over.
		now, err := c.state()
		if err == nil && now.merges != known.merges {
			err = block.ErrVanished
		}
		if err != nil {
			return err
		}
		return sn.gaps.incomplete(sn.names)
	})
}

// withConnection calls fn with a connection of the pool.
func withConnection(ctx context.Context, pool *sql.DB, fn func(connection) error) error {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() // returns it to the pool
	return raw(ctx, conn, fn)
}

// readFrom calls fn in a transaction.
func (r *Reader) readFrom(sn *snapshot, fn func(*snapshot) error) (known *catalog, err error) {
	err = sn.transact(func() (err error) {
		if known, err = sn.readCatalog(); err != nil {
			return err
		}
		return fn(sn)
	})
	return known, err
}

// readState reads state and names.
func (sn *snapshot) readState() (err error) {
	if sn.state, err = sn.connection.state(); err != nil {
		return fmt.Errorf("read the state: %w", err)
	}
	names, err := readNames(sn.connection, sn.state)
	if err != nil {
		return fmt.Errorf("read names: %w", err)
	}
	sn.names = names
	return nil
}

// readCatalog reads the list of blocks, as of state.
func (sn *snapshot) readCatalog() (*catalog, error) {
	known, err := sn.reader.catalog(sn.connection, sn.state)
	if err != nil {
		return nil, fmt.Errorf("read the list of blocks: %w", err)
	}
	sn.blocks, sn.unreadable = known.blocks, known.gaps
	return known, nil
}

// align makes state, names and the list of blocks those of the connection's snapshot, which reading blocks
// may have replaced. Pieces belong to that snapshot, and blocks are read after them: a flow that has moved
// into a block meanwhile would be in neither. The groups stay those with which the query was compiled.
func (sn *snapshot) align() error {
	if sn.reader == nil || sn.refreshes == sn.parts.refreshes {
		return nil
	}
	sn.refreshes = sn.parts.refreshes
	before := sn.names
	if err := sn.readState(); err != nil {
		return err
	}
	sn.names.groups, sn.names.groupsErr = before.groups, before.groupsErr
	_, err := sn.readCatalog()
	return err
}

// transact calls fn in a transaction, with everything that reading blocks needs except their list.
func (sn *snapshot) transact(fn func() error) (err error) {
	end, err := sn.begin("BEGIN")
	if err != nil {
		return err
	}
	defer end(&err)
	if err := sn.readState(); err != nil {
		return err
	}
	if sn.names.groups, err = readGroups(sn.connection); isDamage(err) {
		sn.names.groupsErr = err
	} else if err != nil {
		return fmt.Errorf("read groups of nodes: %w", err)
	}
	sn.parts = newPartReader(sn.connection)
	return errors.Join(fn(), sn.parts.close())
}

// Version returns a number that changes when the result of queries may have changed, by a commit of
// any process. It is cheap enough for ten calls a second.
func (r *Reader) Version() uint64 {
	return r.poll.version()
}

// CheckPlace returns a *GoneError if the store was removed, moved or replaced since it was opened: its
// answers no longer change. It is cheap enough for ten calls a second.
func (r *Reader) CheckPlace() error {
	if gone := new(GoneError); errors.As(r.place.check(), &gone) {
		return gone
	}
	return nil // or the check failed: the next query reports why
}

// Close closes the reader. Later calls return the result of the first.
func (r *Reader) Close() error {
	r.closing.Do(func() { r.closed = r.closeFailure(r.close()) })
	return r.closed
}

func (r *Reader) close() error {
	return errors.Join(r.poll.close(), r.workerConns.Close(), r.readers.Close())
}

// closeFailure adds the operation to an error of Close.
func (r *Reader) closeFailure(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("close flow store %q: %w", r.path, err)
}
