//go:build !linux && !darwin && !freebsd && !netbsd && !openbsd && !dragonfly

package cli

import (
	"errors"
	"os"
)

// lockDir locks nothing: this system has no locks that end with their process.
func lockDir(string) (*os.File, error) { return nil, nil }

// tryLockDir fails: without locks every store may be in use.
func tryLockDir(string) (*os.File, error) { return nil, errors.ErrUnsupported }
