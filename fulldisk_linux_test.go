package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestAQueryOfFilesEndsWhenTheTemporaryDiskIsFull: nobody frees space for a question, it is asked again.
func TestAQueryOfFilesEndsWhenTheTemporaryDiskIsFull(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root, to mount a file system")
	}
	file := filepath.Join(t.TempDir(), "talks.pcap")
	writeTalks(t, file, 20_000)
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("this system does not mount: %v", err)
	}
	defer func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	}()
	t.Setenv("TMPDIR", dir)
	code, _, stderr := runWeir(t, "query", "-r", file, "--count")
	if code != 1 || !strings.Contains(stderr, "the disk is full: free some space in "+dir) || strings.Contains(stderr, "stopped writing") {
		t.Errorf("exit %d, %q, want that the disk is full", code, stderr)
	}
}
