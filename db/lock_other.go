//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package db

import (
	"errors"
	"os"
)

// ErrNoLock is the error of Open on this system.
var ErrNoLock = errors.New("flow stores can't be written on this system: it has no flock")

// openPlain are flags of open(2): this system has none that we know of.
const openPlain = 0

func tryLock(*os.File) error { return ErrNoLock }
