package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// create makes an empty store, which appears at path complete or not at all.
func create(ctx context.Context, path string, now func() time.Time) (err error) {
	for _, log := range []string{path + "-wal", path + "-journal"} {
		if err := removeLog(log); err != nil {
			return err
		}
	}
	removeDrafts(filepath.Dir(path), now())
	f, err := os.CreateTemp(filepath.Dir(path), draftName+"*") // mode 0600
	if err != nil {
		return withDirHint(path, err)
	}
	draft := f.Name()
	defer func() {
		if err != nil {
			_ = os.Remove(draft) // gone already if only the sync of the directory failed
		}
	}()
	if err := f.Close(); err != nil {
		return err
	}
	if err := initialize(ctx, draft, now); err != nil {
		return fmt.Errorf("create it: %w", err)
	}
	if err := syncPath(draft); err != nil {
		return err
	}
	if err := os.Rename(draft, path); err != nil {
		return err
	}
	return syncPath(filepath.Dir(path))
}

// draftName is the prefix of a store that is being created.
const draftName = ".weir-new-"

// removeDrafts removes drafts left by a crash: those older than an hour, since creating a store takes
// milliseconds. Drafts that can't be removed do no harm.
func removeDrafts(folder string, now time.Time) {
	names, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, n := range names {
		if !strings.HasPrefix(n.Name(), draftName) {
			continue
		}
		if info, err := n.Info(); err == nil && info.Mode().IsRegular() && now.Sub(info.ModTime()) > time.Hour {
			_ = os.Remove(filepath.Join(folder, n.Name()))
		}
	}
}

// logMagics are the first bytes of SQLite's write-ahead logs and rollback journals
// (https://www.sqlite.org/fileformat.html, sections 4.1 and 3).
var logMagics = []string{"\x37\x7f\x06\x82", "\x37\x7f\x06\x83", "\xd9\xd5\x05\xf9"}

// removeLog removes the log of a deleted store, which SQLite would apply to the new one. Any other
// file with the name of a log stays, and no store is created where SQLite would overwrite it.
func removeLog(path string) error {
	isLog, err := hasLogMagic(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil && !errors.Is(err, io.EOF):
		return fmt.Errorf("inspect an old log: %w", err)
	case err == nil && !isLog:
		return fmt.Errorf("%q exists and is not the log of a store; it was not changed: name another file", path)
	}
	return os.Remove(path)
}

// hasLogMagic reports whether a file begins like an SQLite log. For an empty file the error is io.EOF.
func hasLogMagic(path string) (bool, error) {
	f, err := openRegular(path, os.O_RDONLY)
	if err != nil {
		return false, err
	}
	magic := make([]byte, 4)
	n, err := io.ReadFull(f, magic)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return slices.Contains(logMagics, string(magic[:n])), errors.Join(err, f.Close())
}

// syncPath syncs a file, or the names in a directory, to disk.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// initialize creates the schema in an empty file.
func initialize(ctx context.Context, path string, now func() time.Time) (err error) {
	steps, err := migrations(migrationFiles)
	if err != nil {
		return err
	}
	pool, err := open(path, asCreator, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return raw(ctx, conn, func(c connection) error {
		if err := migrate(c, steps, now, func(_, _ int64) {}); err != nil {
			return err
		}
		return c.exec("PRAGMA journal_mode = WAL") // stored in the file's header, as asWriter expects
	})
}
