package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// tempStore is the directory of a flow store that lives as long as the command. A
// process that is killed leaves it behind; the next one finds it by its lock, which
// the kernel releases with the process, and removes it.
type tempStore struct {
	dir  string
	lock *os.File // the locked directory; nil on systems without such locks
}

// tempPrefix begins the names of these directories; digits follow (os.MkdirTemp).
const tempPrefix = "weir-"

// tempName is the store in such a directory.
const tempName = "weir.db"

// newTempStore makes a directory for a temporary store, and removes those that dead
// processes have left.
func newTempStore() (*tempStore, error) {
	removeDeadStores(os.TempDir())
	for {
		dir, err := os.MkdirTemp("", tempPrefix)
		if err != nil {
			return nil, fmt.Errorf("make a temporary flow store: %w", err)
		}
		lock, err := lockDir(dir)
		if err == nil && sameDir(lock, dir) {
			return &tempStore{dir, lock}, nil
		}
		if lock != nil {
			_ = lock.Close()
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, errors.Join(fmt.Errorf("lock a temporary flow store: %w", err), os.Remove(dir))
		}
		// Another process took it for a dead one before it was locked.
	}
}

func (t *tempStore) path() string { return filepath.Join(t.dir, tempName) }

// remove removes the store. It does nothing for a nil one.
func (t *tempStore) remove() error {
	if t == nil {
		return nil
	}
	err := os.RemoveAll(t.dir)
	if t.lock != nil {
		err = errors.Join(err, t.lock.Close())
	}
	return err
}

// removeDeadStores removes the temporary stores in parent whose process has ended.
// What it can't remove, or doesn't know, stays.
func removeDeadStores(parent string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range entries {
		digits, ok := strings.CutPrefix(e.Name(), tempPrefix)
		if ok && e.IsDir() && digits != "" && strings.Trim(digits, "0123456789") == "" {
			removeDeadStore(filepath.Join(parent, e.Name()))
		}
	}
}

func removeDeadStore(dir string) {
	lock, err := tryLockDir(dir)
	if err != nil {
		return // it lives, or belongs to another user
	}
	defer lock.Close() // after the removal, so that its maker can't lock it before
	entries, err := os.ReadDir(dir)
	if err != nil || !sameDir(lock, dir) || !isStoreDir(entries) {
		return
	}
	// Versions that don't lock the directory lock this file.
	if file, err := tryLockDir(filepath.Join(dir, tempName+".lock")); err == nil {
		defer file.Close()
	} else if !errors.Is(err, os.ErrNotExist) {
		return
	}
	for _, e := range entries {
		_ = os.Remove(filepath.Join(dir, e.Name()))
	}
	_ = os.Remove(dir)
}

// isStoreDir reports whether there are only files of a store, at least one.
func isStoreDir(entries []os.DirEntry) bool {
	ours := func(e os.DirEntry) bool {
		return e.Type().IsRegular() && (strings.HasPrefix(e.Name(), tempName) || strings.HasPrefix(e.Name(), "."+tempPrefix))
	}
	return len(entries) > 0 && !slices.ContainsFunc(entries, func(e os.DirEntry) bool { return !ours(e) })
}

// sameDir reports whether the directory at path is the open one. Without locks
// nothing can have replaced it.
func sameDir(open *os.File, path string) bool {
	if open == nil {
		return true
	}
	had, err := open.Stat()
	now, nowErr := os.Lstat(path)
	return err == nil && nowErr == nil && os.SameFile(had, now)
}
