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

// create makes an empty store that appears at path whole or not at all.
func create(ctx context.Context, path string, now func() time.Time) (err error) {
	for _, log := range []string{path + "-wal", path + "-journal"} {
		if err := removeLog(log); err != nil {
			return err
		}
	}
	removeDrafts(filepath.Dir(path), now())
	f, err := os.CreateTemp(filepath.Dir(path), draftName+"*") // mode 0600
	if err != nil {
		return unwritable(path, err)
	}
	draft := f.Name()
	defer func() {
		if err != nil {
			_ = os.Remove(draft) // it has become the store if only the last step failed
		}
	}()
	if err := f.Close(); err != nil {
		return err
	}
	if err := fill(ctx, draft, now); err != nil {
		return fmt.Errorf("make it: %w", err)
	}
	if err := syncPath(draft); err != nil {
		return err
	}
	if err := os.Rename(draft, path); err != nil {
		return err
	}
	return syncPath(filepath.Dir(path))
}

// draftName begins the name of a store that is being made.
const draftName = ".weir-new-"

// removeDrafts removes what died while a store was being made, which takes
// milliseconds. What can't be removed does no harm.
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

// logMagics are the first bytes of SQLite's write-ahead logs and rollback
// journals (https://www.sqlite.org/fileformat.html, sections 4.1 and 3).
var logMagics = []string{"\x37\x7f\x06\x82", "\x37\x7f\x06\x83", "\xd9\xd5\x05\xf9"}

// removeLog removes the log of a store that was deleted, which SQLite would
// apply to the new one. A file that only has the name of a log is somebody's:
// it stays, and no store is made where SQLite would overwrite it.
func removeLog(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at what is left beside it: %w", err)
	}
	magic := make([]byte, 4)
	n, err := io.ReadFull(f, magic)
	if closeErr := f.Close(); closeErr != nil {
		return closeErr
	}
	if n > 0 && !slices.Contains(logMagics, string(magic[:n])) || n == 0 && err != io.EOF {
		return fmt.Errorf("%q is in the way, and it is no log of a store: give another name, it has not been touched", path)
	}
	return os.Remove(path)
}

// syncPath makes what is in a file, or the names in a folder, outlive a loss of power.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// fill gives an empty file the schema.
func fill(ctx context.Context, path string, now func() time.Time) (err error) {
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
		return c.exec("PRAGMA journal_mode = WAL") // in the file's header, as asWriter needs it
	})
}
