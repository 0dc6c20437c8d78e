package db

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// LockedError means that another process has the store open for writing.
type LockedError struct {
	PID  int    // of the process that holds the lock; 0: not recorded yet
	Path string // of the store
}

func (e *LockedError) Error() string {
	holder := "another process"
	if e.PID > 0 {
		holder = fmt.Sprintf("process %d", e.PID)
	}
	return fmt.Sprintf("flow store %q is being written by %s: stop that first, or name another file (--db PATH); weir query and the screen can read it meanwhile", e.Path, holder)
}

// errHeld is the error of tryLock when another process has the lock.
var errHeld = errors.New("the lock is held")

// fileLock is the right to write a store: a lock of the operating system on PATH.lock, which the
// kernel releases whenever its holder dies. The file stays, because removing it would let two
// processes lock two files of one name. For people, it names the holder: process id, host and time.
type fileLock struct{ file *os.File }

func acquire(path string, now time.Time) (*fileLock, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := tryLock(f); err != nil {
		if errors.Is(err, errHeld) {
			err = &LockedError{PID: holder(f), Path: path}
		}
		return nil, errors.Join(err, f.Close())
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	text := fmt.Sprintf("%d %s %s\n", os.Getpid(), host, now.UTC().Format(time.RFC3339))
	if err := f.Truncate(0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	// On a full disk the text may not fit. It is only for people; the lock is held.
	_, _ = f.WriteAt([]byte(text), 0)
	return &fileLock{f}, nil
}

// holder returns the process id of the lock's holder; 0 if the file doesn't say.
func holder(f *os.File) int {
	text, err := io.ReadAll(io.LimitReader(f, 256))
	if err != nil {
		return 0
	}
	pid, _, _ := strings.Cut(string(text), " ")
	n, err := strconv.Atoi(pid)
	if err != nil {
		return 0
	}
	return n
}

// release releases the lock by closing the file.
func (l *fileLock) release() error {
	if err := l.file.Truncate(0); err != nil {
		return errors.Join(err, l.file.Close())
	}
	return l.file.Close()
}
