package db

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// LockedError means that another process has the store open for writing.
type LockedError struct {
	PID       int    // of the process that holds the lock; 0: not known
	Path      string // of the store
	OtherName bool   // the other process uses another name of the file: a hard link, or a mount of the file
}

func (e *LockedError) Error() string {
	holder := "another process"
	if e.PID > 0 {
		holder = fmt.Sprintf("process %d", e.PID)
	}
	if e.OtherName {
		return fmt.Sprintf("flow store %q is being written by %s under another name (a hard link or mount): use that name, or name another file (--db PATH)", e.Path, holder)
	}
	return fmt.Sprintf("flow store %q is being written by %s: stop it first, or name another file (--db PATH); weir query and the screen can still read the store", e.Path, holder)
}

// errHeld is the error of tryLock and of the locks of a store file when another process has the lock.
var errHeld = errors.New("the lock is held")

// nameLock is the lock of a store under one name: a lock of the operating system on PATH.lock, which
// the kernel releases whenever its holder dies. The file stays, because removing it would let two
// processes lock two files of one name. Its text tells people who holds it: process id, host and time.
// fileLock locks the store itself; earlier versions of weir know this lock only.
type nameLock struct{ file *os.File }

// acquire locks PATH.lock. It changes the file only once the lock is held, and only if it is empty or
// holds what an earlier holder wrote.
func acquire(path string, now time.Time) (*nameLock, error) {
	for {
		f, err := openRegular(path+".lock", os.O_RDWR|os.O_CREATE)
		if err != nil {
			return nil, withDirHint(path, err)
		}
		if err := tryLock(f); err != nil {
			if errors.Is(err, errHeld) {
				err = &LockedError{PID: holder(f), Path: path}
			} else {
				err = fmt.Errorf("lock %q: %w; name a file on another disk (--db PATH)", f.Name(), err)
			}
			return nil, errors.Join(err, f.Close())
		}
		// A file that was removed before it was locked is not the one that others lock.
		if placed, err := isAt(f, path+".lock"); err != nil || !placed {
			if err := errors.Join(err, f.Close()); err != nil {
				return nil, err
			}
			continue
		}
		if err := writeHolder(f, now); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		return &nameLock{f}, nil
	}
}

// isAt reports whether f is the file at path.
func isAt(f *os.File, path string) (bool, error) {
	open, err := f.Stat()
	if err != nil {
		return false, err
	}
	placed, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(open, placed), err
}

// holderText matches the content of a lock file, also one that a full disk has cut short.
var holderText = regexp.MustCompile(`^([0-9]+( [^\n]*\n?)?)?$`)

// maxHolderText is more than the longest content of a lock file: a host name has up to 255 bytes.
const maxHolderText = 512

// writeHolder writes the holder of the lock into the lock file.
func writeHolder(f *os.File, now time.Time) error {
	old, err := io.ReadAll(io.LimitReader(f, maxHolderText+1))
	if err != nil {
		return err
	}
	if len(old) > maxHolderText || !holderText.Match(old) {
		return fmt.Errorf("%q is not a lock file of weir; it was not changed: move it away, or name another file (--db PATH)", f.Name())
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	text := fmt.Sprintf("%d %s %s\n", os.Getpid(), host, now.UTC().Format(time.RFC3339))
	if err := f.Truncate(0); err != nil {
		return err
	}
	// On a full disk the text may not fit. It is only for people; the lock is held.
	_, _ = f.WriteAt([]byte(text), 0)
	return nil
}

// holder returns the process id of the lock's holder; 0 if the file doesn't say.
func holder(f *os.File) int {
	text, err := io.ReadAll(io.LimitReader(f, maxHolderText))
	if err != nil {
		return 0
	}
	return holderOf(text)
}

// holderOf returns the process id in the text of a lock file, or 0.
func holderOf(text []byte) int {
	pid, _, _ := strings.Cut(string(text), " ")
	n, err := strconv.Atoi(pid)
	if err != nil {
		return 0
	}
	return n
}

// WriterPID returns the id of the process that has the store open for writing, or had it open when it was killed;
// 0 if there is none. It does not try the lock, which would keep a writer out.
func (r *Reader) WriterPID() int {
	f, err := openRegular(r.path+".lock", os.O_RDONLY)
	if err != nil {
		return 0
	}
	defer f.Close()
	return holder(f)
}

// release releases the lock by closing the file.
func (l *nameLock) release() error {
	_ = l.file.Truncate(0) // the text is only for people
	return l.file.Close()
}
