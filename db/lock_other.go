//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package db

import (
	"errors"
	"os"
)

// ErrNoLock is why a store can't be opened for writing on this system.
var ErrNoLock = errors.New("this system has no flock, which keeps two programs from writing one flow store")

func tryLock(*os.File) error { return ErrNoLock }
