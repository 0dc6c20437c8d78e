package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"weir/internal/disktest"
)

// TestAQueryOfFilesEndsWhenTheTemporaryDiskIsFull: a query doesn't wait for free space, because it can be repeated.
func TestAQueryOfFilesEndsWhenTheTemporaryDiskIsFull(t *testing.T) {
	file := filepath.Join(t.TempDir(), "talks.pcap")
	writeTalks(t, file, 20_000)
	dir := disktest.Small(t, "1m")
	t.Setenv("TMPDIR", dir)
	code, _, stderr := runWeir(t, "query", "-r", file, "--count")
	if code != 1 || !strings.Contains(stderr, `the disk is full: free some space in "`+dir) || strings.Contains(stderr, "stopped writing") {
		t.Errorf("exit %d, %q, want that the disk is full", code, stderr)
	}
}

// heard is what a running command has written so far.
type heard struct {
	mu   sync.Mutex
	text strings.Builder
}

func (h *heard) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.Write(b)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

// waitFor waits until the command has said want.
func (h *heard) waitFor(t *testing.T, want string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !strings.Contains(h.String(), want); {
		if time.Now().After(deadline) {
			t.Fatalf("%q is not said in a minute:\n%s", want, h)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// TestACaptureGoesOnWhileTheDiskIsFullAndStoresAgainWhenItIsNot fills the disk under a running capture.
func TestACaptureGoesOnWhileTheDiskIsFullAndStoresAgainWhenItIsNot(t *testing.T) {
	dir := disktest.Small(t, "64m")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	stderr, ended := new(heard), make(chan int, 1)
	path, ballast := filepath.Join(dir, "weir.db"), filepath.Join(dir, "ballast")
	go func() {
		ended <- run(ctx, []string{"capture", "--demo", "--db", path}, strings.NewReader(""), io.Discard, stderr)
	}()
	stderr.waitFor(t, "capturing on")
	fillDisk(t, ballast)
	stderr.waitFor(t, "weir: not storing: the disk is full: free some space in "+strconv.Quote(dir))
	_, before, _ := runWeir(t, "query", "--db", path, "--count")
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	stderr.waitFor(t, "weir: OK again: nothing is being lost")
	stop()
	if code := <-ended; code != 0 {
		t.Errorf("exit %d\n%s", code, stderr)
	}
	_, after, _ := runWeir(t, "query", "--db", path, "--count")
	was, err := strconv.Atoi(strings.TrimSpace(before))
	is, errAfter := strconv.Atoi(strings.TrimSpace(after))
	if err != nil || errAfter != nil || is <= was {
		t.Errorf("%q flows on the full disk, %q at the end: want more", before, after)
	}
	if code, out, problem := runWeir(t, "db", "check", "--db", path); code != 0 {
		t.Errorf("check: %s%s", out, problem)
	}
}

// fillDisk writes a file as large as it can be.
func fillDisk(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
