package db

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// sidecarSuffixes are the suffixes of SQLite's other files of a store: the write-ahead log, its shared
// memory, and a rollback journal, which a store has only if another program has changed its journal mode.
var sidecarSuffixes = []string{"-wal", "-shm", "-journal"}

// checkSidecars refuses a store if anything but a regular file has the name of one of SQLite's other files.
// SQLite doesn't follow symbolic links there, but waits forever for a named pipe and reads from devices.
func checkSidecars(path string) error {
	for _, suffix := range sidecarSuffixes {
		info, err := os.Lstat(path + suffix)
		switch {
		case isMissing(err):
		case err != nil:
			return err
		case !info.Mode().IsRegular():
			return notRegular(path+suffix, info.Mode())
		}
	}
	return nil
}

// notRegular is the error if something else has the name of one of weir's files.
func notRegular(name string, mode fs.FileMode) error {
	return fmt.Errorf("%q is %s, not a regular file; it was not changed: move it away, or name another file (--db PATH)", name, kindOf(mode))
}

// kindOf describes a file that is not regular.
func kindOf(mode fs.FileMode) string {
	switch mode.Type() {
	case fs.ModeSymlink:
		return "a symbolic link"
	case fs.ModeNamedPipe:
		return "a named pipe"
	case fs.ModeSocket:
		return "a socket"
	case fs.ModeDir:
		return "a directory"
	case fs.ModeDevice, fs.ModeDevice | fs.ModeCharDevice:
		return "a device"
	}
	return "something else"
}

// openRegular opens a regular file; a new file gets mode 0600. Anything else is an error, and is neither
// waited for nor changed.
func openRegular(name string, flag int) (*os.File, error) {
	info, err := os.Lstat(name) // opening a device can have effects
	if err == nil && !info.Mode().IsRegular() {
		return nil, notRegular(name, info.Mode())
	}
	f, err := os.OpenFile(name, flag|openPlain, 0o600)
	if err != nil {
		return nil, err
	}
	info, err = f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = notRegular(name, info.Mode())
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// isMissing reports whether err means that a file doesn't exist, also because a directory in its path is
// missing or is a file.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}
