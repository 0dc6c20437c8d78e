package ptytest

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// unlock unlocks the slave of master and returns its path; see pts(4).
func unlock(master int) (string, error) {
	if err := unix.IoctlSetPointerInt(master, unix.TIOCSPTLCK, 0); err != nil {
		return "", err
	}
	n, err := unix.IoctlGetUint32(master, unix.TIOCGPTN)
	return fmt.Sprintf("/dev/pts/%d", n), err
}
