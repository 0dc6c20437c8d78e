package db

import (
	"errors"
	"os"
	"strconv"
	"syscall"
	"time"
)

// noInodes reports whether the file system of a directory has no room for another file.
func noInodes(dir string) bool {
	var st syscall.Statfs_t
	return syscall.Statfs(dir, &st) == nil && st.Files > 0 && st.Ffree == 0 // 0 files: as many as fit
}

// nearlyFull reports whether a file system has less room than SQLite's shared memory may need.
func nearlyFull(dir string) bool {
	var st syscall.Statfs_t
	return syscall.Statfs(dir, &st) == nil && st.Bavail*uint64(st.Bsize) < 64<<10
}

// lockAsSQLite locks a byte of a file in the way that SQLite does.
func lockAsSQLite(f *os.File) error {
	return syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &syscall.Flock_t{Type: syscall.F_WRLCK, Len: 1})
}

// readFault returns the error of reading a store from the disk; nil if there is none in the first second
// of it. It reads through the descriptors that SQLite has open, because closing another one would drop
// the locks of this process.
func readFault(path string) error {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil
	}
	deadline := time.Now().Add(time.Second)
	for _, e := range list {
		target, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err != nil || target != path && target != path+"-wal" {
			continue
		}
		fd, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if err := readDescriptor(fd, deadline); err != nil {
			return err
		}
	}
	return nil
}

func readDescriptor(fd int, deadline time.Time) error {
	buf := make([]byte, 1<<20)
	for at := int64(0); time.Now().Before(deadline); {
		n, err := syscall.Pread(fd, buf, at)
		switch {
		case errors.Is(err, syscall.EIO):
			return err
		case errors.Is(err, syscall.EINTR):
		case err != nil || n == 0: // the end, or another file by now
			return nil
		}
		at += int64(max(n, 0))
	}
	return nil
}
