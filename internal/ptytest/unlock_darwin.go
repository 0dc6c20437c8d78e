package ptytest

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// nameSize is the size of the path buffer of TIOCPTYGNAME; see sys/ttycom.h.
const nameSize = 128

// unlock unlocks the slave of master and returns its path, like grantpt, unlockpt
// and ptsname.
func unlock(master int) (string, error) {
	if err := unix.IoctlSetInt(master, unix.TIOCPTYGRANT, 0); err != nil {
		return "", err
	}
	if err := unix.IoctlSetInt(master, unix.TIOCPTYUNLK, 0); err != nil {
		return "", err
	}
	var name [nameSize]byte
	// Convert the pointer to uintptr only in the call itself: the stack can move.
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(master), unix.TIOCPTYGNAME, uintptr(unsafe.Pointer(&name))); errno != 0 {
		return "", errno
	}
	return unix.ByteSliceToString(name[:]), nil
}
