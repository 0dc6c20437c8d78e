package db

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/storetest"
)

// goings are ways in which a store goes away, with words of what is told.
var goings = map[string]struct {
	do    func(path string) error
	words string
}{
	"removed":             {removeAll, "the flow store was removed, moved or unmounted"},
	"moved":               {func(path string) error { return os.Rename(path, path+".old") }, "the flow store was removed, moved or unmounted"},
	"replaced":            {replace, "the flow store was replaced by another file"},
	"folder removed":      {func(path string) error { return os.RemoveAll(filepath.Dir(path)) }, "the folder of the flow store was removed, moved or unmounted"},
	"folder moved":        {func(path string) error { return os.Rename(filepath.Dir(path), filepath.Dir(path)+".old") }, "the folder of the flow store was removed, moved or unmounted"},
	"folder now a file":   {folderToFile, "the folder of the flow store was removed, moved or unmounted"},
	"log removed":         {func(path string) error { return os.Remove(path + "-wal") }, "the flow store's weir.db-wal was removed or replaced"},
	"shared memory moved": {func(path string) error { return os.Rename(path+"-shm", path+".old") }, "the flow store's weir.db-shm was removed or replaced"},
}

// removeAll does what rm weir.db* does.
func removeAll(path string) error {
	files, err := filepath.Glob(path + "*")
	for _, f := range files {
		err = errors.Join(err, os.Remove(f))
	}
	return err
}

// replace puts a copy in the place of a store.
func replace(path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(path+".new", content, 0o600), os.Rename(path+".new", path))
}

func folderToFile(path string) error {
	dir := filepath.Dir(path)
	return errors.Join(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600))
}

// TestAStoreThatGoesAwayIsToldAndCounted takes a store away from a writer that has nothing to write, and
// from one that has.
func TestAStoreThatGoesAwayIsToldAndCounted(t *testing.T) {
	t.Parallel()
	for name, going := range goings {
		for _, busy := range []bool{false, true} {
			if !busy && name != "removed" && name != "folder moved" {
				continue // the same look, a second later
			}
			t.Run(name+map[bool]string{false: ", idle", true: ", writing"}[busy], func(t *testing.T) {
				t.Parallel() // the idle ones wait a second
				path := filepath.Join(t.TempDir(), "folder", "weir.db")
				s, endGone := openRunning(t, path)
				store(t, s, numbered(0, 3)...)
				if err := going.do(path); err != nil {
					t.Fatal(err)
				}
				const open, ended = 2, 5
				recs := append(numbered(10, ended), make([]flow.Record, open)...)
				if busy && !s.Offer(recs) {
					t.Error("the records are not accepted")
				}
				waitGone(t, s)
				if h := s.Health(); !strings.HasPrefix(h.StoreErr, going.words) || !strings.Contains(h.StoreErr, path) {
					t.Errorf("health says %q, want %q and the path", h.StoreErr, going.words)
				}
				if !busy && !s.Offer(recs) {
					t.Error("the records are not accepted")
				}
				if err := s.Flush(t.Context()); !errors.Is(err, ErrStopped) {
					t.Errorf("Flush = %v, want that nothing is committed", err)
				}
				endGone()
				if h := s.Health(); h.Unstored != ended || h.Stored != 3 {
					t.Errorf("%d flows are counted as not stored and %d records as stored, want %d and 3", h.Unstored, h.Stored, ended)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// openRunning opens a store for writing and runs it. endGone ends that, as one expects of a store that is
// gone.
func openRunning(t *testing.T, path string) (s *Writer, endGone func()) {
	t.Helper()
	s, err := Open(t.Context(), path, WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx) }()
	return s, func() {
		t.Helper()
		cancel()
		if err := <-ran; !errors.As(err, new(*GoneError)) {
			t.Errorf("Run = %v, want a GoneError", err)
		}
	}
}

// waitGone waits until the writer knows that its file is gone.
func waitGone(t *testing.T, s *Writer) {
	t.Helper()
	select {
	case <-s.Gone():
	case <-time.After(10 * time.Second):
		t.Fatal("the store is gone, and the writer doesn't know for 10 s")
	}
}

// TestClosingAStoreThatIsGoneLeavesItsSuccessorAlone: SQLite removes log and shared memory by name, but
// not those of a file that is no longer at its path.
func TestClosingAStoreThatIsGoneLeavesItsSuccessorAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.db")
	old, err := Open(t.Context(), path, WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	stop := run(t, old)
	store(t, old, numbered(0, 10)...)
	stop()
	if err := removeAll(path); err != nil {
		t.Fatal(err)
	}
	cmd, out := child(t, "hold", path) // another process, as SQLite's locks are those of a process
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := out.ReadString('\n'); line != "open\n" {
		t.Fatalf("the successor says %q, %v", line, err)
	}
	if err := old.Close(); !errors.As(err, new(*GoneError)) {
		t.Errorf("Close = %v, want that the store is gone", err)
	}
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		if _, err := os.Stat(path + suffix); err != nil {
			t.Errorf("a file of the successor: %v", err)
		}
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	complaint, _ := io.ReadAll(out)
	if err := cmd.Wait(); err != nil {
		t.Errorf("the successor ended with %v: %s", err, bytes.TrimSpace(complaint))
	}
}

func TestAMovedStoreIsCompleteWithoutItsLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.db")
	s, endGone := openRunning(t, path)
	store(t, s, numbered(0, 1000)...)
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	endGone() // before it has noticed
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if n := len(storetest.All(t, readerOf(t, path+".old"))); n != 1000 {
		t.Errorf("%d flows in the moved store, want 1000", n)
	}
}

// TestFlowsThatAreCutAfterTheStoreIsGoneAreCounted cuts flows whose records were accepted, and dropped,
// after the store went away.
func TestFlowsThatAreCutAfterTheStoreIsGoneAreCounted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.db")
	s, endGone := openRunning(t, path)
	store(t, s, numbered(0, 3)...)
	if err := removeAll(path); err != nil {
		t.Fatal(err)
	}
	open, ends := numbered(10, 5), []flow.Ending(nil)
	for i := range open {
		open[i].EndReason = flow.StillOpen
		ends = append(ends, flow.Ending{ID: open[i].ID, Reason: flow.EndOfFlow})
	}
	if !s.Offer(open) {
		t.Error("the records are not accepted")
	}
	waitGone(t, s)
	s.Cut(ends)
	endGone()
	if h := s.Health(); h.Outdated != 5 || s.Waiting() != 0 {
		t.Errorf("%d flows are counted as outdated and %d records wait, want 5 and none", h.Outdated, s.Waiting())
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestAStoreThatGoesAwayFailsItsRewriting: compact, vacuum and repair must not claim to have changed a file
// that is not there.
func TestAStoreThatGoesAwayFailsItsRewriting(t *testing.T) {
	for name, rewrite := range map[string]func(*Writer) error{
		"compact": func(w *Writer) error { return w.Compact(t.Context()) },
		"vacuum":  func(w *Writer) error { return w.Vacuum(t.Context()) },
		"repair": func(w *Writer) error {
			_, err := w.Repair(t.Context(), false, func(string) {})
			return err
		},
	} {
		for how, going := range goings {
			path := filepath.Join(t.TempDir(), "store", "weir.db")
			if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			w, err := Open(t.Context(), path, WriterOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if err := going.do(path); err != nil {
				t.Fatal(err)
			}
			if err := rewrite(w); !errors.As(err, new(*GoneError)) || !strings.Contains(err.Error(), going.words) {
				t.Errorf("%s, %s: %v, want %q", name, how, err, going.words)
			}
			if err := w.Close(); err != nil {
				t.Errorf("%s, %s: Close = %v, want the error told once", name, how, err)
			}
		}
	}
}
