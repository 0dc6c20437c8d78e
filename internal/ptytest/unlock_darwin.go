package ptytest

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// nameSize is how long the path of a terminal may be, see sys/ttycom.h.
const nameSize = 128

// unlock lets the other end of master be opened and returns its path, as
// grantpt, unlockpt and ptsname do.
func unlock(master int) (string, error) {
	if err := unix.IoctlSetInt(master, unix.TIOCPTYGRANT, 0); err != nil {
		return "", err
	}
	if err := unix.IoctlSetInt(master, unix.TIOCPTYUNLK, 0); err != nil {
		return "", err
	}
	var name [nameSize]byte
	// The pointer becomes a number here and not earlier: a stack may move.
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(master), unix.TIOCPTYGNAME, uintptr(unsafe.Pointer(&name))); errno != 0 {
		return "", errno
	}
	return unix.ByteSliceToString(name[:]), nil
}
