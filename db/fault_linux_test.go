package db

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/internal/disktest"
)

func TestErrorsOfTheSystemNameTheReasonFirst(t *testing.T) {
	dir := t.TempDir()
	for errno, want := range map[syscall.Errno]string{
		syscall.ENOSPC: "the disk is full: ",
		syscall.EDQUOT: "the disk quota is exceeded: ",
		syscall.EROFS:  "the file system of " + strconv.Quote(dir) + " is mounted read-only: ",
		syscall.ENOLCK: "can't lock files in " + strconv.Quote(dir) + ": ",
		syscall.EIO:    "disk error in " + strconv.Quote(dir) + ": check the disk",
		syscall.EMFILE: "too many files are open: ",
	} {
		err := withFault(filepath.Join(dir, "weir.db"), &os.PathError{Op: "open", Path: "x", Err: errno})
		if !strings.HasPrefix(err.Error(), want) || !strings.HasSuffix(err.Error(), ": "+errno.Error()) || !errors.Is(err, errno) {
			t.Errorf("%v: %q, want %q first", errno, err, want)
		}
		if again := withFault(filepath.Join(dir, "weir.db"), err); again.Error() != err.Error() {
			t.Errorf("described twice: %q", again)
		}
	}
	if err := withFault(dir, os.ErrPermission); !errors.Is(err, os.ErrPermission) || err.Error() != "permission denied" {
		t.Errorf("permission: %q", err)
	}
}

func TestADiskWithoutInodesIsNotCalledFull(t *testing.T) {
	dir := disktest.Small(t, "4m,nr_inodes=2") // the directory and the lock
	_, err := Open(t.Context(), filepath.Join(dir, "weir.db"), WriterOptions{})
	if err == nil || !strings.Contains(err.Error(), "the disk has no inodes left: remove some files") {
		t.Errorf("Open = %v", err)
	}
}

// Address 0 of a process can't be read, which its memory's file reports as a disk does.
func TestAnUnreadableFileIsADiskError(t *testing.T) {
	mem, err := os.Open("/proc/self/mem")
	if err != nil {
		t.Skip(err)
	}
	defer mem.Close()
	if err := readDescriptor(int(mem.Fd()), time.Now().Add(time.Minute)); !errors.Is(err, syscall.EIO) {
		t.Errorf("got %v, want EIO", err)
	}
	s := openTemp(t)
	if err := readFault(s.path); err != nil {
		t.Errorf("a store that can be read: %v", err)
	}
	if got := unreadable(s.path); !strings.HasPrefix(got, "disk error: can't read ") {
		t.Errorf("it says %q", got)
	}
}
