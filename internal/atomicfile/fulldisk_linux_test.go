package atomicfile

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"weir/internal/disktest"
)

func TestFullDiskKeepsTheOldFile(t *testing.T) {
	dir := disktest.Small(t, "64k")
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
