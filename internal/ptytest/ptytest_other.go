//go:build !linux && !darwin

package ptytest

import (
	"errors"
	"os"
	"os/exec"
)

// Open returns errors.ErrUnsupported.
func Open(columns, rows int) (master, tty *os.File, err error) {
	return nil, nil, errors.ErrUnsupported
}

// Resize returns errors.ErrUnsupported.
func Resize(*os.File, int, int) error { return errors.ErrUnsupported }

// Start returns errors.ErrUnsupported.
func Start(*exec.Cmd, int, int) (*os.File, error) { return nil, errors.ErrUnsupported }
