//go:build linux || darwin

// Package ptytest opens pseudo terminals for tests of full-screen programs.
//
// It replaces creack/pty 1.1.24, which keeps the address of an ioctl buffer as a
// uintptr across a call: if the stack moves in between, it returns the path of
// another terminal.
package ptytest

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// Open opens a new pseudo terminal of the given size: master is the end of the
// terminal emulator, tty the end of the program. It does not become a controlling
// terminal.
func Open(columns, rows int) (master, tty *os.File, err error) {
	m, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	t, err := openTTY(m, columns, rows)
	if err != nil {
		_ = m.Close()
		return nil, nil, err
	}
	return m, t, nil
}

// openTTY opens the other end of master and sets the size, which macOS does not
// accept before that.
func openTTY(master *os.File, columns, rows int) (*os.File, error) {
	name, err := unlock(int(master.Fd()))
	if err != nil {
		return nil, fmt.Errorf("unlock pseudo terminal: %w", err)
	}
	tty, err := os.OpenFile(name, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	if err := Resize(master, columns, rows); err != nil {
		_ = tty.Close()
		return nil, err
	}
	return tty, nil
}

// Resize sets the size of a terminal through either end. Processes that have it
// as their controlling terminal receive SIGWINCH.
func Resize(end *os.File, columns, rows int) error {
	size := unix.Winsize{Col: uint16(columns), Row: uint16(rows)}
	if err := unix.IoctlSetWinsize(int(end.Fd()), unix.TIOCSWINSZ, &size); err != nil {
		return fmt.Errorf("resize terminal: %w", err)
	}
	return nil
}

// Start starts cmd in a new session, with a new pseudo terminal as its standard
// input, output, error and controlling terminal.
func Start(cmd *exec.Cmd, columns, rows int) (master *os.File, err error) {
	master, tty, err := Open(columns, rows)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tty.Close() }()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		_ = master.Close()
		return nil, err
	}
	return master, nil
}
