package db

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// This file describes errors of the operating system on disks and permissions: the reason, then what to do.
// SQLite reports most of them under a single code.

const checkDisk = "check the disk and the kernel log (dmesg)"

func unreadable(path string) string {
	return fmt.Sprintf("disk error: can't read %q: %s", path, checkDisk)
}

// systemFault describes an error of the operating system on a file in a directory. It is empty for errors
// that don't concern the disk.
func systemFault(dir string, err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		if noInodes(dir) {
			return fmt.Sprintf("the disk has no inodes left: remove some files from the file system of %q", dir)
		}
		return fmt.Sprintf("the disk is full: free some space in %q", dir)
	case errors.Is(err, syscall.EDQUOT):
		return fmt.Sprintf("the disk quota is exceeded: free some space in %q, or ask for a larger quota", dir)
	case errors.Is(err, syscall.EROFS):
		return fmt.Sprintf("the file system of %q is mounted read-only: mount it read-write, or name a file elsewhere (--db PATH); weir query can still read it", dir)
	case errors.Is(err, syscall.ENOLCK):
		return fmt.Sprintf("can't lock files in %q: name a file on a local disk (--db PATH)", dir)
	case errors.Is(err, syscall.EIO):
		return fmt.Sprintf("disk error in %q: %s", dir, checkDisk)
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "too many files are open: raise the limit (ulimit -n), or close other programs"
	}
	return ""
}

// ioFault describes an error of SQLite with the primary code SQLITE_IOERR. The extended code says which
// operation failed (https://www.sqlite.org/rescode.html), but not why, so a failed write is repeated with
// another file.
func ioFault(path string, err error) string {
	dir := filepath.Dir(path)
	extended := 0
	if e := new(sqlite.Error); errors.As(err, &e) {
		extended = e.Code()
	}
	switch extended {
	case sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_CORRUPTFS, sqlite3.SQLITE_IOERR_FSTAT, sqlite3.SQLITE_IOERR_ACCESS, sqlite3.SQLITE_IOERR_SEEK:
		return unreadable(path)
	case sqlite3.SQLITE_IOERR_LOCK, sqlite3.SQLITE_IOERR_RDLOCK, sqlite3.SQLITE_IOERR_UNLOCK, sqlite3.SQLITE_IOERR_CHECKRESERVEDLOCK, sqlite3.SQLITE_IOERR_SHMLOCK:
		return systemFault(dir, syscall.ENOLCK)
	case sqlite3.SQLITE_IOERR_NOMEM:
		return "out of memory: close other programs"
	}
	if why := systemFault(dir, tryWriting(dir)); why != "" {
		return why
	}
	switch extended {
	case sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMOPEN:
		if nearlyFull(dir) { // the log's shared memory needs 32 KiB
			return systemFault(dir, syscall.ENOSPC)
		}
		return fmt.Sprintf("disk error: can't write to %q: %s", path+"-shm", checkDisk)
	case sqlite3.SQLITE_IOERR_SHMMAP, sqlite3.SQLITE_IOERR_MMAP:
		return fmt.Sprintf("can't map %q into memory: check that enough memory is free and that the disk is local", path+"-shm")
	case sqlite3.SQLITE_IOERR: // in a read or a write
		return fmt.Sprintf("disk error: can't read or write %q: %s", path, checkDisk)
	}
	return fmt.Sprintf("disk error: can't write to %q: %s", path, checkDisk)
}

// tryWriting returns the error of writing a file in a directory to the disk.
func tryWriting(dir string) error {
	return withDraft(dir, func(f *os.File) error {
		if _, err := f.Write(make([]byte, 4096)); err != nil {
			return err
		}
		return f.Sync()
	})
}

// tryLocking returns the error of locking a file in a directory.
func tryLocking(dir string) error { return withDraft(dir, lockAsSQLite) }

// withDraft calls fn with a new file, which it removes.
func withDraft(dir string, fn func(*os.File) error) error {
	f, err := os.CreateTemp(dir, draftName+"*")
	if err != nil {
		return err
	}
	return errors.Join(fn(f), f.Close(), os.Remove(f.Name()))
}

// faultError is a system error with a description.
type faultError struct {
	words string
	err   error
}

func (e *faultError) Error() string { return e.words + ": " + e.err.Error() }
func (e *faultError) Unwrap() error { return e.err }

// withFault adds a description to a system error, once. Other errors are returned unchanged.
func withFault(path string, err error) error {
	if code(err) != sqlite3.SQLITE_OK || errors.As(err, new(*faultError)) {
		return err
	}
	if why := systemFault(filepath.Dir(path), err); why != "" {
		return &faultError{why, bareError(err)}
	}
	return err
}
