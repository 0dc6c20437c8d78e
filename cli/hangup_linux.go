package cli

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// hangupOf returns a function that reports whether w has lost its reader: the
// other end of a pipe was closed. Writing would say so too, but with nothing to
// write a program behind `| head` would stay for ever.
func hangupOf(w io.Writer) func() bool {
	file, ok := w.(*os.File)
	if !ok {
		return func() bool { return false }
	}
	return func() bool {
		fds := []unix.PollFd{{Fd: int32(file.Fd())}} // errors and hangups are always reported
		n, err := unix.Poll(fds, 0)
		return err == nil && n > 0 && fds[0].Revents&(unix.POLLERR|unix.POLLHUP|unix.POLLNVAL) != 0
	}
}
