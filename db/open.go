package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"weir/db/block"
	"weir/flow"
)

// Options are the choices of a caller. The zero value is right for programs.
type Options struct {
	Now       func() time.Time // the clock of relative ranges, age and what is stored when; nil: time.Now
	QueueRows int              // records that may wait to be written; 0: 128,000, of 344 bytes each
	MaxAge    time.Duration    // flows stored longer ago than this are removed; 0: 7 days, negative: never
	MaxBytes  int64            // the oldest flows are removed when the file holds more than this; 0: 10 GiB, negative: never

	GiveUp    bool                    // Run ends with the first write that fails, instead of trying again: for who can begin anew
	Migrating func(done, total int64) // is told how many flows of a store of the first schema are carried over; nil: nobody
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Migrating == nil {
		o.Migrating = func(_, _ int64) {}
	}
	if o.QueueRows == 0 {
		o.QueueRows = queueRows
	}
	if o.MaxAge == 0 {
		o.MaxAge = defaultAge
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultBytes
	}
	return o
}

// Open opens the store at path for writing and reading. It makes the file
// (0600) and its folder (0700) if they are missing, and brings an older schema
// up to date. Only one process can have a store open so: *LockedError says who has it.
// A file that is no flow store, or one of a newer weir, is refused untouched.
func Open(ctx context.Context, path string, o Options) (*Writer, error) {
	w, err := openWriter(ctx, resolve(path), o.withDefaults())
	if err != nil {
		if locked := new(LockedError); errors.As(err, &locked) {
			return nil, locked // a sentence of its own
		}
		return nil, fmt.Errorf("open flow store %q: %w", path, damaged(path, err))
	}
	return w, nil
}

func openWriter(ctx context.Context, path string, o Options) (_ *Writer, err error) {
	if _, err := inspect(ctx, path); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make its folder: %w; name a file elsewhere (--db PATH)", err)
	}
	lock, err := acquire(path, o.Now())
	if err != nil {
		return nil, unwritable(path, err)
	}
	w := &Writer{Reader: &Reader{path: path, now: o.Now}, lock: lock, keep: retention{o.MaxAge, o.MaxBytes}, giveUp: o.GiveUp, blockRows: block.MaxRows, queue: newQueue(o.QueueRows),
		limits: logLimits{foldPause, foldBytes, restartPages}}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.abandon())
		}
	}()
	// Only now nobody else can be making it.
	if exists, err := inspect(ctx, path); err != nil {
		return nil, err
	} else if !exists {
		if err := create(ctx, path, o.Now); err != nil {
			return nil, err
		}
	}
	if err := w.connect(ctx, o.Migrating); err != nil {
		return nil, err
	}
	pool, err := open(path, asReader, readers)
	if err != nil {
		return nil, err
	}
	if w.Reader, err = newReader(ctx, path, asReader, pool, o.Now); err != nil {
		return nil, err
	}
	return w, nil
}

// newReader returns a reader over a pool of read connections, which it closes if it fails.
func newReader(ctx context.Context, path string, as access, pool *sql.DB, now func() time.Time) (*Reader, error) {
	poll, err := newPoller(ctx, path, as)
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	r := &Reader{path: path, now: now, readers: pool, poll: poll}
	if r.helpers, err = open(path, as, max(1, workers()-1)); err != nil {
		return nil, errors.Join(err, poll.close(), pool.Close())
	}
	return r, nil
}

// resolve follows links, so that one file has one lock whatever it is called. A link to a file that is not there
// yet leads to where it will be made.
func resolve(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	for range maxLinks {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			return real
		}
		target, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(dir, filepath.Base(path))
	}
	return path
}

// unwritable adds what to do to the error of a folder that takes no file.
func unwritable(path string, err error) error {
	if locked := new(LockedError); errors.As(err, &locked) {
		return err
	}
	return fmt.Errorf("its folder %q can't be written: %w; name a file in another one (--db PATH), or read the store with weir query", filepath.Dir(path), plain(err))
}

// connect opens the connection that writes, and checks and migrates the file.
func (w *Writer) connect(ctx context.Context, report func(done, total int64)) (err error) {
	steps, err := migrations(migrationFiles)
	if err != nil {
		return err
	}
	if w.pool, err = open(w.path, asWriter, 1); err != nil {
		return err
	}
	if w.conn, err = w.pool.Conn(ctx); err != nil {
		return openFailure(w.path, os.O_RDWR, err)
	}
	if w.file, err = os.Stat(w.path); err != nil {
		return err
	}
	return raw(ctx, w.conn, func(c connection) error {
		if err := writable(c, w.path); err != nil {
			return err
		}
		// The log may hold a newer first page than the one that inspect saw.
		h, err := c.header()
		if err == nil {
			err = h.check()
		}
		if err == nil {
			err = migrate(c, steps, w.now, report)
		}
		if err == nil {
			err = endForgotten(c, w.now)
		}
		if err != nil {
			return err
		}
		s, err := c.state()
		w.nextID.Store(s.lastID)
		return err
	})
}

// endForgotten ends the flows that are open although nobody meters them any more:
// the process that did has died. They keep what was last known of them.
func endForgotten(c connection, now func() time.Time) (err error) {
	flows, err := newTracker(c)
	if err != nil || len(flows.open) == 0 {
		return err
	}
	end, err := c.begin("BEGIN IMMEDIATE")
	if err != nil {
		return err
	}
	defer end(&err)
	in, err := newInserter(c, now, block.MaxRows)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	for id := range flows.open {
		t, err := in.fetch(c, id)
		if err == nil {
			t.Nums[block.ColEndReason] = int64(flow.ForcedEnd)
			err = in.store(c, t)
		}
		if err != nil {
			return fmt.Errorf("end flow %d, which was open: %w", id, err)
		}
	}
	return nil
}

// writable refuses a file that SQLite silently opened for reading only.
func writable(c connection, path string) error {
	asker, ok := c.driverConn.(interface{ IsReadOnly(string) (bool, error) })
	if !ok {
		return nil
	}
	readOnly, err := asker.IsReadOnly("main")
	if err == nil && readOnly {
		err = fmt.Errorf("it can't be written: %w; change its permissions, or read it with weir query", openError(path, os.O_RDWR, fs.ErrPermission))
	}
	return err
}

// openFailure puts what the system says in the place of SQLite's "unable to open".
func openFailure(path string, flag int, err error) error {
	if c := code(err); c == sqlite3.SQLITE_CANTOPEN || c == sqlite3.SQLITE_READONLY {
		return openError(path, flag, err)
	}
	return err
}

// abandon undoes a half-done Open.
func (w *Writer) abandon() error {
	var errs []error
	if w.conn != nil {
		errs = append(errs, w.conn.Close())
	}
	if w.pool != nil {
		errs = append(errs, w.pool.Close())
	}
	return errors.Join(append(errs, w.lock.release())...)
}

// OpenReader opens the store at path for reading only, whether or not a
// program is writing it. In a folder that can't be written, where SQLite can't
// make its shared memory, it reads the file as it stood when its writer closed it.
func OpenReader(ctx context.Context, path string, o Options) (*Reader, error) {
	r, err := openReader(ctx, resolve(path), o.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("open flow store %q: %w", path, damaged(path, err))
	}
	return r, nil
}

func openReader(ctx context.Context, path string, o Options) (*Reader, error) {
	exists, err := inspect(ctx, path)
	if err == nil && !exists {
		err = fmt.Errorf("there is none: %w; capture something first, or give the name of another file", fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	as := asReader
	pool, err := openChecked(ctx, path, as)
	if c := code(err); c == sqlite3.SQLITE_CANTOPEN || c == sqlite3.SQLITE_READONLY {
		if info, statErr := os.Stat(path + "-wal"); statErr == nil && info.Size() > 0 {
			return nil, fmt.Errorf("its log %q can't be read here: %w; let its writer close it, or make the folder writable", path+"-wal", fs.ErrPermission)
		}
		as = asImmutable
		pool, err = openChecked(ctx, path, as)
	}
	if err != nil {
		return nil, err
	}
	return newReader(ctx, path, as, pool, o.Now)
}

// openChecked opens the readers' pool and reads the header through it.
func openChecked(ctx context.Context, path string, as access) (*sql.DB, error) {
	pool, err := open(path, as, readers)
	if err != nil {
		return nil, err
	}
	conn, err := pool.Conn(ctx)
	if err == nil {
		err = raw(ctx, conn, func(c connection) error {
			h, err := c.header()
			if err != nil {
				return err
			}
			return h.checkReader()
		})
		err = errors.Join(err, conn.Close())
	}
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return pool, nil
}
