package disktest

import (
	"os"
	"syscall"
	"testing"
)

// Small mounts a file system of the given size, an option of tmpfs(5) such as
// "64k", on a temporary directory until the test ends. Without root, or where the
// system does not mount, it skips the test.
func Small(t testing.TB, size string) (dir string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("mounting a file system requires root")
	}
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("this system does not mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return dir
}
