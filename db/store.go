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

	"weir/flow"
)

// Options are the choices of a caller. The zero value is right for programs.
type Options struct {
	Now       func() time.Time // what relative ranges count from; nil: time.Now
	QueueRows int              // records that may wait to be written; 0: 128,000, of 344 bytes each
	MaxAge    time.Duration    // flows stored longer ago than this are removed; 0: 7 days, negative: never
	MaxBytes  int64            // the oldest flows are removed when the file holds more than this; 0: 10 GiB, negative: never

	GiveUp    bool                    // Run ends with the first write that fails, instead of trying again: for who can begin anew
	Migrating func(done, total int64) // is told how many flows of a store of the first schema are carried over; nil: nobody
}

// ErrReadOnly is what a Store of OpenReader answers when asked to write.
var ErrReadOnly = errors.New("the flow store is open for reading only")

// Store is an open flow store. All methods may be called from any goroutine.
type Store struct {
	path    string
	now     func() time.Time
	readers *sql.DB
	helpers *sql.DB // a connection for each further core that a search may use
	known   atomic.Pointer[catalog]
	shares  shares
	closing sync.Once
	closed  error

	generation atomic.Uint64
	poll       *poller // of a reading store; nil for the writing one

	*writer // nil for a reading store
}

// snapshot is a connection in a read transaction, with what it needs to know of the file as of then.
type snapshot struct {
	connection
	names    *dictionary
	blocks   []*block
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
func (s *Store) read(ctx context.Context, report func(done, planned int64), fn func(*snapshot) error) error {
	s.shares.enter()
	defer s.shares.leave()
	for tries := 1; ; tries++ {
		err := s.readOnce(ctx, report, fn)
		if !errors.Is(err, errVanished) || tries == maxTries {
			return damaged(s.path, err)
		}
	}
}

func (s *Store) readOnce(ctx context.Context, report func(done, planned int64), fn func(*snapshot) error) error {
	conn, err := s.readers.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() // gives it back to the pool
	return raw(ctx, conn, func(c connection) (err error) {
		sn := &snapshot{connection: c, helpers: s.helpers, shares: &s.shares, progress: newProgress(report)}
		known, err := s.readFrom(sn, fn)
		if err != nil || !sn.missed.Load() {
			return err
		}
		// Blocks were gone. If age or size had them removed, that is an answer too, of a moment
		// later; if they were put together, their flows are in another block now.
		now, err := c.state()
		if err == nil && now.merges != known.merges {
			err = errVanished
		}
		return err
	})
}

// readFrom calls fn in a transaction.
func (s *Store) readFrom(sn *snapshot, fn func(*snapshot) error) (known *catalog, err error) {
	end, err := sn.begin("BEGIN")
	if err != nil {
		return nil, err
	}
	defer end(&err)
	if sn.names, err = readNames(sn.connection); err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	if sn.names.groups, err = readGroups(sn.connection); err != nil {
		return nil, fmt.Errorf("read groups of nodes: %w", err)
	}
	if known, err = s.catalog(sn.connection); err != nil {
		return nil, fmt.Errorf("read the list of blocks: %w", err)
	}
	sn.blocks = known.blocks
	if sn.parts, err = newPartReader(sn.connection); err != nil {
		return nil, err
	}
	return known, errors.Join(fn(sn), sn.parts.close())
}

// Health returns what the store counts: records written (updates included),
// and why it is not writing now. The rest is zero.
func (s *Store) Health() flow.Health {
	if s.writer == nil {
		return flow.Health{}
	}
	return s.writer.health()
}

// Version returns a number that changes when what queries see may have changed, also
// by another process. It is cheap enough to be asked ten times a second.
func (s *Store) Version() uint64 {
	if s.poll != nil && s.poll.changed() {
		s.generation.Add(1)
	}
	return s.generation.Load()
}

// Close ends the store. Run must have returned; what it had not committed is
// lost. It folds the log back into the file, unless another process reads it.
// Calls after the first return the same.
func (s *Store) Close() error {
	s.closing.Do(func() {
		var errs []error
		if s.poll != nil {
			errs = append(errs, s.poll.close())
		}
		errs = append(errs, s.helpers.Close(), s.readers.Close()) // before the writer, which checkpoints as the last one
		if s.writer != nil {
			errs = append(errs, s.writer.close())
		}
		if err := errors.Join(errs...); err != nil {
			s.closed = fmt.Errorf("close flow store %q: %w", s.path, err)
		}
	})
	return s.closed
}

// poller notices commits of other processes.
type poller struct {
	mu   sync.Mutex
	pool *sql.DB
	conn *sql.Conn // of its own: SQLite counts for each connection what others changed
	last int64
}

func newPoller(ctx context.Context, path string, as access) (*poller, error) {
	pool, err := open(path, as, 1)
	if err != nil {
		return nil, err
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return &poller{pool: pool, conn: conn}, nil
}

// changed reports whether the file changed since it was last called. When the
// file can't be asked nothing is known to have changed; the next query says why.
func (p *poller) changed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	version := p.last
	err := raw(context.Background(), p.conn, func(c connection) error {
		return c.ints("PRAGMA data_version", nil, &version)
	})
	if err != nil || version == p.last {
		return false
	}
	p.last = version
	return true
}

func (p *poller) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return errors.Join(p.conn.Close(), p.pool.Close())
}
