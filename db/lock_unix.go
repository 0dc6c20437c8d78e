//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package db

import (
	"errors"
	"os"
	"syscall"
)

// openPlain are flags of open(2): a symbolic link is an error, and a named pipe or device does not
// block.
const openPlain = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// tryLock locks f for this process, or returns errHeld.
func tryLock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errHeld
	}
	return err
}
