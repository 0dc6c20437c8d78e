package db

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/internal/disktest"
	"weir/internal/storetest"
)

func TestAFullDiskStopsWritingAndNothingElse(t *testing.T) {
	dir := disktest.Small(t, "4m")
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, bytes.Repeat([]byte{1}, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), filepath.Join(dir, "weir.db"), WriterOptions{QueueRows: 2000})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	stop := run(t, s)

	// Put until the queue is full because the disk is.
	var taken int64
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for s.Health().StoreErr == "" {
		if ctx.Err() != nil {
			t.Fatal("the disk does not fill up")
		}
		if s.Offer(numbered(taken, 500)) {
			taken += 500
		}
	}
	if why := s.Health().StoreErr; !strings.Contains(why, "full") || !strings.Contains(why, dir) {
		t.Errorf("the reason is %q, want that the disk of %s is full", why, dir)
	}
	for s.Offer(numbered(taken, 500)) {
		taken += 500
	}
	if ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond); s.Flush(ctx) == nil {
		t.Error("Flush acknowledges what the disk did not take")
		cancel()
	} else {
		cancel()
	}
	committed := int64(s.Health().Stored)
	if rows := storetest.All(t, s); int64(len(rows)) != committed {
		t.Errorf("%d rows are readable on the full disk, %d were written", len(rows), committed)
	}

	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(ctx); err != nil {
		t.Fatalf("after space was made: %v", err)
	}
	if why := s.Health().StoreErr; why != "" {
		t.Errorf("writing works again and the reason still is %q", why)
	}
	if rows := storetest.All(t, s); int64(len(rows)) != taken {
		t.Errorf("%d rows of the %d that were taken", len(rows), taken)
	}
	checkIntegrity(t, s)
	stop()
}

func TestRunOnAFullDiskReportsWhatIsNotStored(t *testing.T) {
	dir := disktest.Small(t, "1m")
	s, err := Open(t.Context(), filepath.Join(dir, "weir.db"), WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := s.Put(ctx, traffic(1, 50_000)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := s.Run(ctx); err == nil || !strings.Contains(err.Error(), "50000 flows were waiting to be written and are not stored: the disk is full") {
		t.Errorf("Run = %v", err)
	}
	if err := s.Close(); err != nil && !strings.Contains(err.Error(), "no stored flow is lost") {
		t.Errorf("Close = %v", err)
	}
}

func TestCreatingAStoreOnAFullDiskFails(t *testing.T) {
	dir := disktest.Small(t, "64k")
	if err := os.WriteFile(filepath.Join(dir, "ballast"), make([]byte, 60<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "weir.db")
	_, err := Open(t.Context(), path, WriterOptions{})
	if err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("Open = %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a half-made store is left: %v", err)
	}
}

func TestOpenFailsWithoutRoomForTheWAL(t *testing.T) {
	dir := disktest.Small(t, "80k")
	_, err := Open(t.Context(), filepath.Join(dir, "weir.db"), WriterOptions{})
	if err == nil || !strings.Contains(err.Error(), "the disk is full: free some space in "+strconv.Quote(dir)) {
		t.Errorf("Open says %v", err)
	}
}

func TestAReadOnlyDiskIsReadAndNotWritten(t *testing.T) {
	dir := disktest.Small(t, "4m")
	path := filepath.Join(dir, "weir.db")
	s := openAt(t, path)
	stop := run(t, s)
	store(t, s, numbered(0, 10)...)
	stop()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skipf("this system does not remount: %v", err)
	}
	readOnlyStore(t, path)
	if _, err := Open(t.Context(), path, WriterOptions{}); !errors.Is(err, syscall.EROFS) || !strings.Contains(err.Error(), "weir query") {
		t.Errorf("Open = %v, want why not and what to do", err)
	}
}

func readOnlyStore(t *testing.T, path string) {
	t.Helper()
	r, err := OpenReader(t.Context(), path, ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := len(storetest.All(t, r)); got != 10 {
		t.Errorf("%d rows of 10 on the read-only disk", got)
	}
	if a, b := r.Version(), r.Version(); a != b {
		t.Error("the version of a file that can't change changes")
	}
}

func TestMissingPermissionsAreReported(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root, to become another user")
	}
	dir, err := os.MkdirTemp("", "weir-rights") // other users may not enter t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s := openAt(t, filepath.Join(dir, "weir.db"))
	if err := errors.Join(s.Close(), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	cmd, out := child(t, "rights", filepath.Join(dir, "weir.db"))
	self, err := os.ReadFile(cmd.Path)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Path = filepath.Join(dir, "copy") // the other user can't reach the test program either
	if err := os.WriteFile(cmd.Path, self, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"write", "read"} {
		line, err := out.ReadString('\n')
		if err != nil || !strings.HasPrefix(line, kind+": true open flow store") || !strings.Contains(line, "permission denied") {
			t.Errorf("%s: %q, %v", kind, line, err)
		}
		t.Log(line)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}
