//go:build !linux && !darwin

package ptytest

import (
	"errors"
	"os"
	"os/exec"
)

// Open, Resize and Start report that there are no pseudo terminals here.
func Open(columns, rows int) (master, tty *os.File, err error) {
	return nil, nil, errors.ErrUnsupported
}

func Resize(*os.File, int, int) error { return errors.ErrUnsupported }

func Start(*exec.Cmd, int, int) (*os.File, error) { return nil, errors.ErrUnsupported }
