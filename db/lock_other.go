//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package db

import (
	"errors"
	"os"
)

// ErrNoLock is the error of Open on this system.
var ErrNoLock = errors.New("this system has no flock, which keeps two programs from writing one flow store")

func tryLock(*os.File) error { return ErrNoLock }
