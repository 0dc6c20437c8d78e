package db

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// besides are what SQLite adds to the path of a store for the names of its other files: the
// write-ahead log, its shared memory, and a rollback journal, which a store has only if another program
// has changed its journal mode.
var besides = []string{"-wal", "-shm", "-journal"}

// checkBeside refuses a store with anything but regular files where SQLite has its other files. SQLite
// doesn't follow symbolic links there, but waits for a named pipe for ever and reads from devices.
func checkBeside(path string) error {
	for _, suffix := range besides {
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

// notRegular is the error for a name where weir needs a regular file of its own.
func notRegular(name string, mode fs.FileMode) error {
	return fmt.Errorf("%q is %s, not a regular file; it was not changed: move it away, or name another file (--db PATH)", name, kindOf(mode))
}

// kindOf returns words for what is not a regular file.
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

// openRegular opens a regular file, with mode 0600 if it creates it. Anything else is an error, without
// waiting and without a change.
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

// isMissing reports whether err says that no file has a name, also because a directory of its path is
// gone or has become a file.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}
