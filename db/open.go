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
)

// WriterOptions configures Open. The zero value selects the defaults.
type WriterOptions struct {
	Now       func() time.Time // the clock of relative ranges, age and what is stored when; nil: time.Now
	QueueRows int              // records that may wait to be written; 0: 128,000, of 464 bytes each
	MaxAge    time.Duration    // flows stored longer ago than this are removed; 0: 7 days, negative: never
	MaxBytes  int64            // the oldest flows are removed when the file is larger than this; 0: 10 GiB, negative: never

	FailFast  bool                    // Run returns at the first failed write instead of retrying: for callers that can start over
	Migrating func(done, total int64) // called with the progress of a migration from schema 1, in flows; nil: not called
	Warn      func(problem string)    // called if something that a dead writer stored is lost, or declarations are damaged; nil: not called
}

// ReaderOptions configures OpenReader. The zero value selects the defaults.
type ReaderOptions struct {
	Now  func() time.Time     // the clock of relative ranges and age; nil: time.Now
	Warn func(problem string) // called if something that a dead writer stored is lost; nil: not called
}

func (o WriterOptions) withDefaults() WriterOptions {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Migrating == nil {
		o.Migrating = func(_, _ int64) {}
	}
	if o.Warn == nil {
		o.Warn = func(string) {}
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

// Open opens the store at path for writing and reading. It creates the file (0600) and its directory
// (0700) if they are missing, and migrates an older schema. Only one process at a time can open a
// store for writing: the error *LockedError names the other one. A file that is not a flow store, or
// belongs to a newer weir, is an error and stays untouched.
func Open(ctx context.Context, path string, o WriterOptions) (*Writer, error) {
	w, err := untilDone(ctx, func() (*Writer, error) { return openWriter(ctx, resolve(path), o.withDefaults()) })
	if err != nil {
		if locked := new(LockedError); errors.As(err, &locked) {
			return nil, locked // complete without a prefix
		}
		return nil, fmt.Errorf("open flow store %q: %w", path, withDamageHint(path, err))
	}
	return w, nil
}

func openWriter(ctx context.Context, path string, o WriterOptions) (_ *Writer, err error) {
	if _, err := inspect(ctx, path); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("create its directory: %w; name a file elsewhere (--db PATH)", err)
	}
	lock, err := acquire(path, o.Now())
	if err != nil {
		return nil, err
	}
	w := &Writer{Reader: &Reader{path: path, now: o.Now}, nameLock: lock, retention: retention{o.MaxAge, o.MaxBytes}, retentionPause: retentionPause, failFast: o.FailFast, blockRows: block.MaxRows, queue: newQueue(o.QueueRows),
		checkpoints: checkpointLimits{checkpointInterval, checkpointBytes, restartPages}, gone: make(chan struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.abandon())
		}
	}()
	// With the lock held no other process can be creating it.
	if exists, err := inspect(ctx, path); err != nil {
		return nil, err
	} else if !exists {
		if err := create(ctx, path, o.Now); err != nil {
			return nil, err
		}
	}
	if w.fileLock, err = lockFile(path, true); err != nil {
		return nil, err
	}
	// Before SQLite reads the log: no other process writes to it now.
	warning, err := checkLog(path)
	if err != nil {
		return nil, err
	}
	if warning != "" {
		o.Warn(warning)
	}
	if err := w.connect(ctx, o.Migrating, o.Warn); err != nil {
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

// newReader returns a reader that uses a pool of read connections. It closes the pool if it fails.
func newReader(ctx context.Context, path string, as access, pool *sql.DB, now func() time.Time) (*Reader, error) {
	poll, err := newPoller(ctx, path, as)
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	r := &Reader{path: path, now: now, readers: pool, poll: poll}
	if r.place, err = newPlace(path); err == nil { // SQLite has its log open now
		r.workerConns, err = open(path, as, max(1, workerCount()-1))
	}
	if err != nil {
		return nil, errors.Join(err, poll.close(), pool.Close())
	}
	return r, nil
}

// resolve follows symbolic links, so that one file has one lock under every name. A dangling link
// resolves to the path where the file will be created.
func resolve(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	for range maxLinks {
		if target, err := filepath.EvalSymlinks(path); err == nil {
			return target
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

// withDirHint adds to an error of the system that the directory is not writable, and what to do.
func withDirHint(path string, err error) error {
	if pathErr := new(fs.PathError); !errors.As(err, &pathErr) {
		return err
	}
	if err := withFault(path, err); errors.As(err, new(*faultError)) {
		return err
	}
	return fmt.Errorf("directory %q is not writable: %w; name a file elsewhere (--db PATH), or read the store with weir query", filepath.Dir(path), bareError(err))
}

// connect opens the write connection, and checks and migrates the file.
func (w *Writer) connect(ctx context.Context, report func(done, total int64), warn func(string)) (err error) {
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
	return raw(ctx, w.conn, func(c connection) error {
		if err := writable(c, w.path); err != nil {
			return err
		}
		if err := w.checkLocked(); err != nil {
			return err
		}
		// The WAL may hold a newer first page than the one that inspect read.
		h, err := c.sqliteHeader()
		if err == nil {
			err = h.check()
		}
		if err == nil {
			err = migrate(c, steps, w.now, report)
		}
		if err != nil {
			return err
		}
		if err := c.wantDeclarations(); isDamage(err) {
			warn(err.Error())
		} else if err != nil {
			return err
		}
		return w.beginSession(c)
	})
}

// checkLocked fails if the file at the path, which SQLite has opened, is not the locked one.
func (w *Writer) checkLocked() error {
	placed, err := w.fileLock.isAt(w.path)
	if err == nil && !placed {
		err = errors.New("it was replaced by another file while weir opened it: start weir again")
	}
	return err
}

// beginSession begins a session, which ends the flows that earlier ones left open.
func (w *Writer) beginSession(c connection) (err error) {
	end, err := c.begin("BEGIN IMMEDIATE")
	if err != nil {
		return err
	}
	defer end(&err)
	return c.changeState(func(s *state) {
		s.session++
		w.nextID.Store(s.lastID)
	})
}

// writable fails if SQLite has silently opened the file for reading only.
func writable(c connection, path string) error {
	asker, ok := c.driverConn.(interface{ IsReadOnly(string) (bool, error) })
	if !ok {
		return nil
	}
	readOnly, err := asker.IsReadOnly("main")
	if err == nil && readOnly {
		err = fmt.Errorf("it is not writable: %w; change its permissions, or read it with weir query", openError(path, os.O_RDWR, fs.ErrPermission))
	}
	return err
}

// openFailure replaces SQLite's "unable to open" by the error of the system.
func openFailure(path string, flag int, err error) error {
	if c := code(err); c == sqlite3.SQLITE_CANTOPEN || c == sqlite3.SQLITE_READONLY {
		return openError(path, flag, err)
	}
	return err
}

// abandon undoes an Open that has failed halfway.
func (w *Writer) abandon() error {
	var errs []error
	if w.conn != nil {
		errs = append(errs, w.conn.Close())
	}
	if w.pool != nil {
		errs = append(errs, w.pool.Close())
	}
	return errors.Join(append(errs, w.releaseLocks())...)
}

// releaseLocks ends the right to write. All connections to the file must have been closed.
func (w *Writer) releaseLocks() error { return errors.Join(w.fileLock.release(), w.nameLock.release()) }

// OpenReader opens the store at path for reading only, while another program may be writing it. Where
// the directory can't be written, so that SQLite can't create its shared memory, it reads the file as
// its writer left it when it closed the store. A store that is being written under another name of the
// file can't be read: the error is a *LockedError.
func OpenReader(ctx context.Context, path string, o ReaderOptions) (*Reader, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	r, err := untilDone(ctx, func() (*Reader, error) { return openReader(ctx, resolve(path), o) })
	if locked := new(LockedError); errors.As(err, &locked) {
		return nil, locked // complete without a prefix
	}
	if err != nil {
		return nil, fmt.Errorf("open flow store %q: %w", path, withDamageHint(path, err))
	}
	return r, nil
}

func openReader(ctx context.Context, path string, o ReaderOptions) (*Reader, error) {
	exists, err := inspect(ctx, path)
	if err == nil && !exists {
		err = fmt.Errorf("%w; capture something first, or name another file", fs.ErrNotExist)
	}
	if err == nil {
		err = checkName(path)
	}
	if err != nil {
		return nil, err
	}
	as := asReader
	if !writerLives(path) {
		warning, err := checkLog(path)
		if errors.Is(err, errOtherLog) {
			return nil, err
		}
		if warning != "" && o.Warn != nil { // the checks below report what can't be read
			o.Warn(warning)
		}
	}
	pool, err := openChecked(ctx, path, as)
	if c := code(err); c == sqlite3.SQLITE_CANTOPEN || c == sqlite3.SQLITE_READONLY {
		if info, statErr := os.Stat(path + "-wal"); statErr == nil && info.Size() > 0 {
			return nil, fmt.Errorf("can't read its log %q: %w; end the program that writes it, or make the directory writable", path+"-wal", fs.ErrPermission)
		}
		as = asImmutable
		pool, err = openChecked(ctx, path, as)
	}
	if err != nil {
		return nil, err
	}
	return newReader(ctx, path, as, pool, o.Now)
}

// openChecked opens the readers' pool and checks the file with it.
func openChecked(ctx context.Context, path string, as access) (*sql.DB, error) {
	pool, err := open(path, as, readers)
	if err != nil {
		return nil, err
	}
	conn, err := pool.Conn(ctx)
	if err == nil {
		err = raw(ctx, conn, func(c connection) error {
			h, err := c.sqliteHeader()
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
