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

// header is what the first page of a store says of it.
type header struct {
	application int64
	version     int64 // of the schema
}

// inspect looks at what is at path without changing anything, and refuses in
// one sentence what is no flow store. exists is false if there is nothing, or
// an empty file.
//
// It reads through SQLite, not by itself: closing any other descriptor of a
// SQLite file takes away the locks that this process holds on it
// (https://www.sqlite.org/howtocorrupt.html, section 2.2).
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
	h, err := readHeader(ctx, path)
	switch {
	case code(err) == sqlite3.SQLITE_CORRUPT && hasLog(path):
		// In the middle of a checkpoint the file alone is not whole: its first
		// page may tell of pages that are still in the log. Whoever opens it
		// next reads both, and checks the header again.
		return true, nil
	case err != nil:
		return false, err
	}
	return true, h.check()
}

// hasLog reports whether a write-ahead log with something in it lies beside the file.
func hasLog(path string) bool {
	info, err := os.Stat(path + "-wal")
	return err == nil && info.Size() > 0
}

func readHeader(ctx context.Context, path string) (h header, err error) {
	pool, err := open(path, asImmutable, 1)
	if err != nil {
		return h, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	conn, err := pool.Conn(ctx)
	if err == nil {
		defer conn.Close()
		err = raw(ctx, conn, func(c connection) (err error) {
			h, err = c.header()
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

func (c connection) header() (h header, err error) {
	err = errors.Join(c.ints("PRAGMA application_id", nil, &h.application), c.ints("PRAGMA user_version", nil, &h.version))
	return h, err
}

// The files that are refused.
var (
	errForeign = errors.New("it is some other file, not a flow store: give another name, it has not been touched")
	errNewer   = errors.New("it was written by a newer weir")
	errOlder   = errors.New("it was written by an older weir")
)

// check refuses what this version can't write.
func (h header) check() error {
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

// checkReader refuses what this version can't read as it stands.
func (h header) checkReader() error {
	if err := h.check(); err != nil {
		return err
	}
	if steps, err := migrations(migrationFiles); err != nil || h.version < int64(len(steps)) {
		return errors.Join(err, fmt.Errorf("%w (schema version %d): weir db compact brings it up to date", errOlder, h.version))
	}
	return nil
}

// openError says why the system doesn't open a file that SQLite could not open,
// and what SQLite said if it does.
func openError(path string, flag int, err error) error {
	f, osErr := os.OpenFile(path, flag, 0)
	if errors.Is(osErr, fs.ErrPermission) {
		return fmt.Errorf("%w: run weir as the user whose file it is, or give another name", plain(osErr))
	}
	if osErr != nil {
		return plain(osErr)
	}
	return errors.Join(err, f.Close())
}

// plain drops the operation and path from an error of package os, which the
// caller's words have already. errors.Is still finds fs.ErrPermission and the like.
func plain(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}

// code is SQLite's primary result code of an error, 0 if it is none of SQLite's.
func code(err error) int {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return sqlite3.SQLITE_OK
	}
	return e.Code() & 0xff
}

// damaged adds what to do to an error that comes from a damaged file or a disk
// that is full or broken, and returns any other as it is.
func damaged(path string, err error) error {
	switch code(err) {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY:
		return fmt.Errorf("%s: %w", explain(path, err), err)
	}
	if errors.Is(err, block.ErrDamaged) {
		return fmt.Errorf("%s is damaged, weir db check says where: %w", path, err)
	}
	return err
}

// explain says in words why a write failed and what to do about it.
func explain(path string, err error) string {
	full := fmt.Sprintf("the disk is full: free some space in %s", filepath.Dir(path))
	if e := new(sqlite.Error); errors.As(err, &e) && e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE {
		return full // the index of the log has no room
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
