//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package cli

import (
	"errors"
	"os"
	"syscall"
)

// lockDir opens a directory and locks it as long as it is open.
func lockDir(dir string) (*os.File, error) { return openLocked(dir, syscall.LOCK_EX) }

// tryLockDir is lockDir for a directory or file of this user that no other process
// has locked.
func tryLockDir(path string) (*os.File, error) {
	f, err := openLocked(path, syscall.LOCK_EX|syscall.LOCK_NB)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		if owner, ok := info.Sys().(*syscall.Stat_t); !ok || int(owner.Uid) != os.Geteuid() {
			err = errors.New("it belongs to another user")
		}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func openLocked(path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
