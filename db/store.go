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
	MaxBytes  int64            // the oldest flows are removed when the file holds more than this; 0: 10 GB, negative: never
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
	workers  int // cores to use
	progress *progress
}

// workers is how many cores a search may use.
func workers() int { return min(runtime.GOMAXPROCS(0), maxWorkers) }

// freeWorkers is how many cores a search uses now: one less, but one, while the writer needs it.
func (s *Store) freeWorkers() int {
	if s.writer == nil {
		return workers()
	}
	if _, busy := s.queue.due(); busy {
		return max(1, workers()-1)
	}
	return workers()
}

// read calls fn with a snapshot of the store, again if a block went away under it.
func (s *Store) read(ctx context.Context, fn func(*snapshot) error) error {
	for tries := 1; ; tries++ {
		err := s.readOnce(ctx, fn)
		if !errors.Is(err, errVanished) || tries == maxTries {
			return damaged(s.path, err)
		}
	}
}

func (s *Store) readOnce(ctx context.Context, fn func(*snapshot) error) error {
	conn, err := s.readers.Conn(ctx)
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
		sn := &snapshot{connection: c, helpers: s.helpers, workers: s.freeWorkers(), progress: progressOf(ctx)}
		if sn.names, err = readNames(c); err != nil {
			return fmt.Errorf("read names: %w", err)
		}
		if sn.names.groups, err = readGroups(c); err != nil {
			return fmt.Errorf("read groups of nodes: %w", err)
		}
		known, err := s.catalog(c)
		if err != nil {
			return fmt.Errorf("read the list of blocks: %w", err)
		}
		sn.blocks = known.blocks
		if sn.parts, err = newPartReader(c); err != nil {
			return err
		}
		return errors.Join(fn(sn), sn.parts.close())
	})
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
