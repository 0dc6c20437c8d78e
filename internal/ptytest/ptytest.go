//go:build linux || darwin

// Package ptytest opens pseudo terminals, for tests of programs with a screen.
//
// creack/pty 1.1.24 keeps the address that an ioctl writes to as a number over
// a call: if the collector moves the stack meanwhile, the path of another
// terminal comes out.
package ptytest

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// Open returns the two ends of a new pseudo terminal of so many columns and
// rows: master is the end of a terminal emulator, tty that of a program. It
// does not become anybody's controlling terminal.
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

// openTTY opens the other end of master and gives both their size: macOS takes
// none before.
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

// Resize gives the terminal of either end another size. Who has it as the
// controlling terminal is told by SIGWINCH.
func Resize(end *os.File, columns, rows int) error {
	size := unix.Winsize{Col: uint16(columns), Row: uint16(rows)}
	if err := unix.IoctlSetWinsize(int(end.Fd()), unix.TIOCSWINSZ, &size); err != nil {
		return fmt.Errorf("resize terminal: %w", err)
	}
	return nil
}

// Start starts cmd in a session of its own, with a new pseudo terminal as its
// input, output and controlling terminal.
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
