package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"weir/internal/disktest"
)

func wantNames(t *testing.T, dir string, want ...string) {
	t.Helper()
	if got := disktest.Names(t, dir); !slices.Equal(got, want) {
		t.Errorf("the directory contains %q, want %q", got, want)
	}
}

func wantText(t *testing.T, path, want string) {
	t.Helper()
	if text, err := os.ReadFile(path); err != nil || string(text) != want {
		t.Errorf("%s is %q, %v, want %q", filepath.Base(path), text, err, want)
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// begun starts a file and writes text to it.
func begun(t *testing.T, start func(string) (*File, error), path string) *File {
	t.Helper()
	f, err := start(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("rows\n")); err != nil {
		t.Fatal(err)
	}
	return f
}

var errInjected = errors.New("operation not supported")

func fails(string, string) error { return errInjected }

// ways lists the ways to publish a file.
var ways = []struct {
	name  string
	start func(string) (*File, error)
	setup func(*File)
}{
	{"create with links", Create, func(*File) {}},
	{"create without links", Create, func(f *File) { f.link = fails }},
	{"replace", Replace, func(*File) {}},
}

func TestCommitPublishesACompleteFile(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "a.csv")
			f := begun(t, way.start, path)
			way.setup(f)
			if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
				t.Error("the file exists before Commit")
			}
			if err := f.Commit(); err != nil {
				t.Fatal(err)
			}
			f.Abort() // as a deferred Abort
			wantText(t, path, "rows\n")
			info, err := os.Stat(path)
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
			}
			wantNames(t, dir, "a.csv")
			if err := f.Commit(); !errors.Is(err, fs.ErrClosed) {
				t.Errorf("a second Commit returned %v", err)
			}
			if _, err := f.Write(nil); !errors.Is(err, fs.ErrClosed) {
				t.Errorf("Write after Commit returned %v", err)
			}
		})
	}
}

func TestAbortLeavesNothing(t *testing.T) {
	for _, way := range ways {
		dir := t.TempDir()
		f := begun(t, way.start, filepath.Join(dir, "a.csv"))
		f.Abort()
		f.Abort()
		wantNames(t, dir)
		if err := f.Commit(); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("%s: Commit after Abort returned %v", way.name, err)
		}
	}
}

func TestCreateNeverReplacesAFile(t *testing.T) {
	for _, way := range ways[:2] {
		t.Run(way.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "a.csv")
			f := begun(t, Create, path)
			way.setup(f)
			put(t, path, "precious")
			if err := f.Commit(); !errors.Is(err, fs.ErrExist) {
				t.Errorf("Commit returned %v", err)
			}
			if _, err := Create(path); !errors.Is(err, fs.ErrExist) {
				t.Errorf("Create returned %v", err)
			}
			wantText(t, path, "precious")
			wantNames(t, dir, "a.csv")
		})
	}
}

func TestOnlyOneOfManyConcurrentCreatesSucceeds(t *testing.T) {
	for _, way := range ways[:2] {
		t.Run(way.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "a.csv")
			var won atomic.Int32
			var winner atomic.Value
			var wg sync.WaitGroup
			files := make([]*File, 20)
			for i := range files {
				files[i] = begun(t, Create, path)
				way.setup(files[i])
			}
			for i, f := range files {
				wg.Go(func() {
					text := fmt.Sprintf("writer %d\n", i)
					if _, err := f.Write([]byte(text)); err != nil {
						t.Error(err)
					}
					switch err := f.Commit(); {
					case err == nil:
						won.Add(1)
						winner.Store("rows\n" + text)
					case !errors.Is(err, fs.ErrExist):
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if won.Load() != 1 {
				t.Fatalf("%d commits succeeded, want 1", won.Load())
			}
			wantText(t, path, winner.Load().(string))
			wantNames(t, dir, "a.csv")
		})
	}
}

func TestReplaceKeepsTheOldFileUntilCommit(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "history")
	put(t, path, "old")
	f := begun(t, Replace, path)
	wantText(t, path, "old")
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	wantText(t, path, "rows\n")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
	wantNames(t, dir, "history")
}

func TestFailedCommitLeavesNoFile(t *testing.T) {
	for _, c := range []struct {
		name  string
		start func(string) (*File, error)
		fault func(*File)
		old   string // content of the file at path, before and after; "": none
	}{
		{"rename fails", Replace, func(f *File) { f.rename = fails }, "old"},
		{"rename fails, nothing there", Replace, func(f *File) { f.rename = fails }, ""},
		{"neither link nor rename", Create, func(f *File) { f.link, f.rename = fails, fails }, ""},
		{"temporary file already closed", Replace, func(f *File) { _ = f.tmp.Close() }, "old"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "a")
			var want []string
			if c.old != "" {
				put(t, path, c.old)
				want = []string{"a"}
			}
			f := begun(t, c.start, path)
			c.fault(f)
			if err := f.Commit(); !errors.Is(err, errInjected) && !errors.Is(err, fs.ErrClosed) {
				t.Errorf("Commit returned %v", err)
			}
			if c.old != "" {
				wantText(t, path, c.old)
			}
			wantNames(t, dir, want...)
		})
	}
}

func TestReplaceFollowsSymbolicLinks(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	path, target := filepath.Join(dir, "searches"), filepath.Join(elsewhere, "dotfile")
	put(t, target, "old")
	if err := os.Symlink(target, path); err != nil {
		t.Skip("symbolic links are not supported")
	}
	if err := WriteFile(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	wantText(t, target, "new")
	if to, err := os.Readlink(path); err != nil || to != target {
		t.Errorf("the link points to %q, %v, want %q", to, err, target)
	}
	wantNames(t, dir, "searches")
	wantNames(t, elsewhere, "dotfile")
}

func TestDanglingLinkBlocksCreateAndIsReplaced(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	if err := os.Symlink("nowhere", path); err != nil {
		t.Skip("symbolic links are not supported")
	}
	if _, err := Create(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Create returned %v", err)
	}
	if err := WriteFile(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	wantText(t, path, "new")
	wantNames(t, dir, "a")
}

func TestWriteFileCreatesPrivateDirectories(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state", "weir", "history")
	for _, text := range []string{"one", "two"} {
		if err := WriteFile(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		wantText(t, path, text)
	}
	for _, sub := range []string{filepath.Join(dir, "state"), filepath.Dir(path)} {
		if info, err := os.Stat(sub); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: mode %v, %v, want 0700", sub, info.Mode(), err)
		}
	}
	wantNames(t, filepath.Dir(path), "history")
}

func TestInvalidDirectoriesAreErrorsWithThePath(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing", "a")
	for _, start := range []func(string) (*File, error){Create, Replace} {
		if _, err := start(missing); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), filepath.Dir(missing)) {
			t.Errorf("in a missing directory: %v", err)
		}
	}
	put(t, filepath.Join(dir, "file"), "not a directory")
	if err := WriteFile(filepath.Join(dir, "file", "a"), nil); err == nil {
		t.Error("WriteFile accepts a file as a directory")
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(filepath.Join(dir, "sub"), nil); err == nil {
		t.Error("WriteFile replaced a directory")
	}
	wantNames(t, dir, "file", "sub")
}

func TestReadOnlyDirectoryStaysUnchanged(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root can write everywhere")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	put(t, path, "old")
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	if err := WriteFile(path, []byte("new")); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("got %v", err)
	}
	wantText(t, path, "old")
	wantNames(t, dir, "a")
}

func TestNameOfMaximumLength(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("n", 255))
	if err := WriteFile(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	wantText(t, path, "new")
}
