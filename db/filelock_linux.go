package db

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// The locks on a store file are open-file-description locks (F_OFD_SETLK of fcntl(2)) on bytes far
// beyond its end. They apply to the file under all of its names. Unlike SQLite's POSIX locks, they are not
// dropped when the process closes another descriptor of the file. flock(2) can't be used: on NFS Linux
// emulates it by a lock on the whole file, which would conflict with SQLite's locks in the same process.
//
// The order of closing matters: closing a descriptor of the file drops the POSIX locks that this
// process holds on it (https://www.sqlite.org/howtocorrupt.html, section 2.2). So a fileLock is
// released after all SQLite connections of its Writer or Inventory have been closed.
const (
	writerByte = int64(1) << 62 // locked exclusively by the Writer
	firstName  = writerByte + 1 // each name of the file has one of the bytes from here on; its writers hold a shared lock on it
	numNames   = int64(1) << 32
)

// fileLock is the right to write to the file of a store under one of its names. Each name has its own
// write-ahead log, and SQLite reads only that one: writers under two names would destroy the store.
type fileLock struct{ file *os.File }

// lockFile locks the store file at path, for a Writer or for changes of the inventory while a Writer runs.
func lockFile(path string, writer bool) (*fileLock, error) {
	f, err := openRegular(path, os.O_RDWR)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return nil, fmt.Errorf("it is not writable: %w; change its permissions, or read it with weir query", bareError(err))
	}
	if err != nil {
		return nil, err
	}
	switch err := lockBytes(f, path, writer); {
	case errors.Is(err, unix.EINVAL):
		// An emulation of Linux without these locks: no process can hold one.
		return nil, f.Close()
	case err != nil:
		return nil, errors.Join(err, f.Close())
	}
	if err := checkMark(f, path); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	markName(f, path)
	return &fileLock{f}, nil
}

func lockBytes(f *os.File, path string, writer bool) error {
	name, err := nameByte(path)
	if err != nil {
		return err
	}
	// Lock this name before checking the others: if two processes do so concurrently under different
	// names, at least one is refused.
	if err := lockRange(f, unix.F_RDLCK, name, 1); err != nil {
		return lockFailure(err)
	}
	if err := checkNames(f, path, name); err != nil || !writer {
		return err
	}
	err = lockRange(f, unix.F_WRLCK, writerByte, 1)
	if errors.Is(err, errHeld) {
		return &LockedError{Path: path} // the same name: PATH.lock was removed
	}
	return lockFailure(err)
}

// checkNames fails if the file is being written under a name other than the one of path.
func checkNames(f *os.File, path string, name int64) error {
	for _, r := range [][2]int64{{firstName, name - firstName}, {name + 1, firstName + numNames - name - 1}} {
		held, err := isLocked(f, r[0], r[1])
		if err != nil {
			return lockFailure(err)
		}
		if held {
			return &LockedError{Path: path, OtherName: true}
		}
	}
	return nil
}

// checkName fails if the file at path is being written under another name, or was last written under one
// by a writer that died: a reader would not see the log of that name. It ignores other errors, which
// opening the file reports. No connection of this process may be open, because closing the file here
// would drop its locks.
func checkName(path string) error {
	f, err := openRegular(path, os.O_RDONLY)
	if err != nil {
		return nil //nolint:nilerr // opening the file reports it
	}
	locked := new(LockedError)
	if name, err := nameByte(path); err == nil && errors.As(checkNames(f, path, name), &locked) {
		return errors.Join(locked, f.Close())
	}
	return errors.Join(checkMark(f, path), f.Close())
}

// lockFailure explains why locking failed although no other process holds the lock.
func lockFailure(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("lock the file: %w; name a file on another disk (--db PATH)", err)
}

// nameByte returns the byte of a name of the store file. Like the write-ahead log, it depends on the
// directory, not on the path to the directory.
func nameByte(path string) (int64, error) {
	var dir unix.Stat_t
	if err := unix.Stat(filepath.Dir(path), &dir); err != nil {
		return 0, fmt.Errorf("inspect %q: %w", filepath.Dir(path), err)
	}
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%d %d %s", dir.Dev, dir.Ino, filepath.Base(path))
	return firstName + 1 + int64(hash.Sum64()%uint64(numNames-2)), nil // both neighbours are valid bytes
}

// lockRange locks bytes of f, or returns errHeld.
func lockRange(f *os.File, kind int16, start, length int64) error {
	err := unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: kind, Start: start, Len: length})
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		return errHeld
	}
	return err
}

// isLocked reports whether others have locks on bytes of f.
func isLocked(f *os.File, start, length int64) (bool, error) {
	l := unix.Flock_t{Type: unix.F_WRLCK, Start: start, Len: length}
	err := unix.FcntlFlock(f.Fd(), unix.F_OFD_GETLK, &l)
	return l.Type != unix.F_UNLCK, err
}

// isAt reports whether the locked file is the one at path.
func (l *fileLock) isAt(path string) (bool, error) {
	if l == nil {
		return true, nil
	}
	return isAt(l.file, path)
}

// release releases the locks by closing the file.
func (l *fileLock) release() error {
	if l == nil {
		return nil
	}
	return l.file.Close()
}
