package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestFullDiskKeepsTheOldFile(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("mounting a file system requires root")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	path := filepath.Join(dir, "history")
	if err := WriteFile(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	for range 3 { // files left by one failure would fill the disk for the next
		if err := WriteFile(path, make([]byte, 1<<20)); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("got %v, want ENOSPC", err)
		}
		wantText(t, path, "old")
		wantNames(t, dir, "history")
	}
	if err := WriteFile(path, make([]byte, 32<<10)); err != nil {
		t.Errorf("a file that fits: %v", err)
	}
}
