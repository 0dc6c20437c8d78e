package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"weir/db/block"
)

// fileMark is what the first page says about the file.
type fileMark struct {
	application int64
	version     int64 // schema version
}

// inspect looks at path without changing anything. A file that is not a flow store is an error in one
// sentence. exists is false if there is nothing at path, or an empty file.
//
// It reads through SQLite: closing any other descriptor of a SQLite file drops the locks that this
// process holds on it (https://www.sqlite.org/howtocorrupt.html, section 2.2).
func inspect(ctx context.Context, path string) (exists bool, _ error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case info.IsDir():
		return false, errors.New("it is a folder: give the name of a file in it")
	case !info.Mode().IsRegular():
		return false, fmt.Errorf("it is no regular file (%s): give the name of a file", info.Mode().Type())
	case info.Size() == 0:
		return false, nil
	}
	h, err := readFileMark(ctx, path)
	switch {
	case code(err) == sqlite3.SQLITE_CORRUPT && hasLog(path):
		// After a crash in a checkpoint the file is incomplete by itself: its first page may refer to
		// pages that are still in the WAL. The next open reads both, and checks the mark again.
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

func readFileMark(ctx context.Context, path string) (h fileMark, err error) {
	pool, err := open(path, asImmutable, 1)
	if err != nil {
		return h, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	conn, err := pool.Conn(ctx)
	if err == nil {
		defer conn.Close()
		err = raw(ctx, conn, func(c connection) (err error) {
			h, err = c.fileMark()
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

func (c connection) fileMark() (h fileMark, err error) {
	err = errors.Join(c.ints("PRAGMA application_id", nil, &h.application), c.ints("PRAGMA user_version", nil, &h.version))
	return h, err
}

// Reasons to refuse a file.
var (
	errForeign = errors.New("it is some other file, not a flow store: give another name, it has not been touched")
	errNewer   = errors.New("it was written by a newer weir")
	errOlder   = errors.New("it was written by an older weir")
)

// check refuses files that this version can't write.
func (h fileMark) check() error {
	steps, err := migrations(migrationFiles)
	switch {
	case err != nil:
		return err
	case h.application != applicationID:
		return errForeign
	case h.version > int64(len(steps)):
		return fmt.Errorf("%w (schema version %d, this one knows up to %d): use that version, or another file", errNewer, h.version, len(steps))
	}
	return nil
}

// checkReader refuses files that this version can't read without a migration.
func (h fileMark) checkReader() error {
	if err := h.check(); err != nil {
		return err
	}
	if steps, err := migrations(migrationFiles); err != nil || h.version < int64(len(steps)) {
		return errors.Join(err, fmt.Errorf("%w (schema version %d): weir db compact brings it up to date", errOlder, h.version))
	}
	return nil
}

// openError replaces SQLite's error for a file that can't be opened by the system's, if the system
// can't open it either.
func openError(path string, flag int, err error) error {
	f, osErr := os.OpenFile(path, flag, 0)
	if errors.Is(osErr, fs.ErrPermission) {
		return fmt.Errorf("%w: run weir as the user whose file it is, or give another name", bareError(osErr))
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
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY:
		return fmt.Errorf("%s: %w", explain(path, err), err)
	}
	if errors.Is(err, block.ErrDamaged) {
		return fmt.Errorf("%s is damaged, weir db check says where: %w", path, err)
	}
	return err
}

// explain describes why a write failed and what to do about it.
func explain(path string, err error) string {
	full := fmt.Sprintf("the disk is full: free some space in %s", filepath.Dir(path))
	if e := new(sqlite.Error); errors.As(err, &e) && e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE {
		return full // no room for the shared memory of the WAL
	}
	switch code(err) {
	case sqlite3.SQLITE_FULL:
		return full
	case sqlite3.SQLITE_IOERR:
		return fmt.Sprintf("the disk with %s does not take the data, it may be full or broken: %v", path, err)
	case sqlite3.SQLITE_READONLY:
		return fmt.Sprintf("%s can't be written any more: check its permissions and how the disk is mounted", path)
	case sqlite3.SQLITE_BUSY:
		return fmt.Sprintf("another program keeps %s locked: end it", path)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Sprintf("%s is damaged: move it away and start again, or repair it with the sqlite3 shell's .recover", path)
	}
	return err.Error()
}
