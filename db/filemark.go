package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"weir/db/block"
)

// sqliteHeader has the application id and schema version from SQLite's file header.
type sqliteHeader struct {
	application int64
	version     int64 // schema version
}

// inspect looks at path without changing anything. A file that is not a flow store is an error in one
// sentence. exists is false if there is nothing at path, or an empty file.
//
// It reads through SQLite: closing any other descriptor of a SQLite file drops the locks that this
// process holds on it (https://www.sqlite.org/howtocorrupt.html, section 2.2).
func inspect(ctx context.Context, path string) (exists bool, _ error) {
	if err := checkSidecars(path); err != nil {
		return false, err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case info.IsDir():
		return false, errors.New("it is a directory; name a file in it")
	case !info.Mode().IsRegular():
		return false, fmt.Errorf("not a regular file (%s); name another file", kindOf(info.Mode()))
	case info.Size() == 0:
		return false, nil
	}
	h, err := readSQLiteHeader(ctx, path)
	switch {
	case code(err) == sqlite3.SQLITE_CORRUPT && hasLog(path):
		// After a crash in a checkpoint the file is incomplete by itself: its first page may refer to
		// pages that are still in the WAL. The next open reads both, and checks the header again.
		return true, nil
	case err != nil:
		return false, err
	}
	return true, h.check()
}

// hasLog reports whether the file has a write-ahead log that is not empty.
func hasLog(path string) bool {
	info, err := os.Stat(path + "-wal")
	return err == nil && info.Size() > 0
}

func readSQLiteHeader(ctx context.Context, path string) (h sqliteHeader, err error) {
	pool, err := open(path, asImmutable, 1)
	if err != nil {
		return h, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	conn, err := pool.Conn(ctx)
	if err == nil {
		defer conn.Close()
		err = raw(ctx, conn, func(c connection) (err error) {
			h, err = c.sqliteHeader()
			return err
		})
	}
	switch code(err) {
	case sqlite3.SQLITE_NOTADB:
		return h, errForeign
	case sqlite3.SQLITE_CANTOPEN:
		return h, openError(path, os.O_RDONLY, err)
	}
	return h, err
}

func (c connection) sqliteHeader() (h sqliteHeader, err error) {
	err = errors.Join(c.ints("PRAGMA application_id", nil, &h.application), c.ints("PRAGMA user_version", nil, &h.version))
	return h, err
}

// Reasons to refuse a file.
var (
	errForeign = errors.New("not a flow store; it was not changed: name another file (if it is a damaged store: weir db salvage)")
	errNewer   = errors.New("written by a newer weir")
	errOlder   = errors.New("written by an older weir")
)

// check refuses files that this version can't write.
func (h sqliteHeader) check() error {
	steps, err := migrations(migrationFiles)
	switch {
	case err != nil:
		return err
	case h.application != applicationID:
		return errForeign
	case h.version > int64(len(steps)):
		return fmt.Errorf("%w (schema version %d, this one supports up to %d); use that version, or another file", errNewer, h.version, len(steps))
	}
	return nil
}

// checkReader refuses files that this version can't read without a migration.
func (h sqliteHeader) checkReader() error {
	if err := h.check(); err != nil {
		return err
	}
	if steps, err := migrations(migrationFiles); err != nil || h.version < int64(len(steps)) {
		return errors.Join(err, fmt.Errorf("%w (schema version %d); weir db compact migrates it", errOlder, h.version))
	}
	return nil
}

// openError replaces SQLite's error for a file that can't be opened by the system's, if the system
// can't open it either.
func openError(path string, flag int, err error) error {
	f, osErr := os.OpenFile(path, flag, 0)
	if errors.Is(osErr, fs.ErrPermission) {
		return fmt.Errorf("%w; run weir as the owner of the file, or name another file", bareError(osErr))
	}
	if osErr != nil {
		return bareError(osErr)
	}
	return errors.Join(err, f.Close())
}

// bareError drops the operation and path of an error of package os, for messages that name them
// already. errors.Is still finds fs.ErrPermission and the like.
func bareError(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}

// code returns SQLite's primary result code of an error, 0 if it is not an error of SQLite.
func code(err error) int {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return sqlite3.SQLITE_OK
	}
	return e.Code() & 0xff
}

// withDamageHint adds what to do to an error that comes from a damaged file, or from a full or broken
// disk. It returns other errors as they are.
func withDamageHint(path string, err error) error {
	switch code(err) {
	case sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY:
		return fmt.Errorf("%s: %w", explain(path, err), err)
	}
	if errors.Is(err, errEssential) {
		return fmt.Errorf("%q is damaged: %w", path, err)
	}
	if errors.Is(err, block.ErrDamaged) {
		return fmt.Errorf("%q is damaged; weir db check lists the damage: %w", path, err)
	}
	return withFault(path, err)
}

// explain describes why an operation on the store failed and what to do about it.
func explain(path string, err error) string {
	switch code(err) {
	case sqlite3.SQLITE_FULL:
		return systemFault(filepath.Dir(path), syscall.ENOSPC)
	case sqlite3.SQLITE_IOERR:
		return ioFault(path, err)
	case sqlite3.SQLITE_READONLY:
		if why := systemFault(filepath.Dir(path), tryWriting(filepath.Dir(path))); why != "" {
			return why
		}
		return fmt.Sprintf("%q is no longer writable: check its permissions and how the disk is mounted", path)
	case sqlite3.SQLITE_CANTOPEN:
		if why := systemFault(filepath.Dir(path), tryWriting(filepath.Dir(path))); why != "" {
			return why
		}
		return fmt.Sprintf("can't open %q or its log: check the permissions of both", path)
	case sqlite3.SQLITE_BUSY: // also of a file system without locks
		if why := systemFault(filepath.Dir(path), tryLocking(filepath.Dir(path))); why != "" {
			return why
		}
		return fmt.Sprintf("%q is locked by another program: stop that program", path)
	case sqlite3.SQLITE_ERROR: // a table or column is missing from a file with the application id and version of a store
		return fmt.Sprintf("%q does not have the tables of a flow store and may be damaged: weir db salvage copies what can be read into a new store", path)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB: // also of an unreadable page, which SQLite takes for damage
		if readFault(path) != nil {
			return unreadable(path)
		}
		return fmt.Sprintf("%q is damaged: weir db salvage copies what can be read into a new store", path)
	}
	return withFault(path, err).Error()
}
