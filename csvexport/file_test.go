package csvexport

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// names lists a directory.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func create(t *testing.T, path string) *File {
	t.Helper()
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("rows\n")); err != nil {
		t.Fatal(err)
	}
	return f
}

var errNoLinks = errors.New("operation not supported")

// withAndWithoutLinks runs a test on a file system with hard links and as if on one without.
func withAndWithoutLinks(t *testing.T, test func(t *testing.T, setup func(*File))) {
	t.Run("with links", func(t *testing.T) { test(t, func(*File) {}) })
	t.Run("without links", func(t *testing.T) {
		test(t, func(f *File) { f.link = func(string, string) error { return errNoLinks } })
	})
}

func TestCommitMakesTheFileAppearWhole(t *testing.T) {
	withAndWithoutLinks(t, func(t *testing.T, setup func(*File)) {
		dir := t.TempDir()
		path := filepath.Join(dir, "a.csv")
		f := create(t, path)
		setup(f)
		if f.Path() != path {
			t.Errorf("Path is %s", f.Path())
		}
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Error("the file is there before Commit")
		}
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
		f.Abort() // a deferred Abort does no harm
		text, err := os.ReadFile(path)
		if err != nil || string(text) != "rows\n" {
			t.Errorf("read %q, %v", text, err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
		}
		if got := names(t, dir); !reflect.DeepEqual(got, []string{"a.csv"}) {
			t.Errorf("left behind: %v", got)
		}
		if err := f.Commit(); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("a second Commit returned %v", err)
		}
		if _, err := f.Write(nil); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("Write after Commit returned %v", err)
		}
	})
}

func TestAbortLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	f := create(t, filepath.Join(dir, "a.csv"))
	f.Abort()
	f.Abort()
	if got := names(t, dir); got != nil {
		t.Errorf("left behind: %v", got)
	}
}

func TestAnExportNeverReplacesAFile(t *testing.T) {
	withAndWithoutLinks(t, func(t *testing.T, setup func(*File)) {
		dir := t.TempDir()
		path := filepath.Join(dir, "a.csv")
		f := create(t, path)
		setup(f)
		if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := f.Commit(); !errors.Is(err, fs.ErrExist) {
			t.Errorf("Commit returned %v", err)
		}
		if _, err := Create(path); !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), "choose another name") {
			t.Errorf("Create returned %v", err)
		}
		if text, _ := os.ReadFile(path); string(text) != "precious" {
			t.Errorf("the file is now %q", text)
		}
		if got := names(t, dir); !reflect.DeepEqual(got, []string{"a.csv"}) {
			t.Errorf("left behind: %v", got)
		}
	})
}

func TestALinkToNowhereIsAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	if err := os.Symlink("nowhere", path); err != nil {
		t.Skip("no symbolic links here")
	}
	if _, err := Create(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Create returned %v", err)
	}
}

func TestOfManyExportsToOneNameOneWins(t *testing.T) {
	withAndWithoutLinks(t, func(t *testing.T, setup func(*File)) {
		dir := t.TempDir()
		path := filepath.Join(dir, "a.csv")
		var won atomic.Int32
		var winner atomic.Value
		var wg sync.WaitGroup
		files := make([]*File, 20)
		for i := range files {
			files[i] = create(t, path)
			setup(files[i])
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
		text, err := os.ReadFile(path)
		if won.Load() != 1 || err != nil || string(text) != winner.Load() {
			t.Errorf("%d won, the file is %q, %v, want %q", won.Load(), text, err, winner.Load())
		}
		if got := names(t, dir); !reflect.DeepEqual(got, []string{"a.csv"}) {
			t.Errorf("left behind: %v", got)
		}
	})
}

func TestADirectoryThatIsNotThereIsAnErrorWithThePath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "a.csv")
	if _, err := Create(path); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("Create returned %v", err)
	}
}

func TestFileNames(t *testing.T) {
	at := time.Date(2026, 11, 23, 14, 12, 7, 0, newYork)
	for _, c := range []struct {
		nodes []string
		ext   string
		want  string
	}{
		{nil, "csv", "weir-20261123-141207.csv"},
		{[]string{"edge-1"}, "csv", "weir-20261123-141207-edge-1.csv"},
		{[]string{"edge-1", "dc-2"}, ".json", "weir-20261123-141207-edge-1-dc-2.json"},
		{[]string{"a", "b", "c", "d"}, "csv", "weir-20261123-141207-4-nodes.csv"},
		{[]string{"../../etc/passwd"}, "csv", "weir-20261123-141207-etc-passwd.csv"},
		{[]string{"branch office\x00\x1b[2J"}, "", "weir-20261123-141207-branch-office-2J.csv"},
		{[]string{"東京"}, "c/s", "weir-20261123-141207.c-s"},
		{[]string{strings.Repeat("x", 300)}, "csv", "weir-20261123-141207-" + strings.Repeat("x", 40) + ".csv"},
	} {
		if got := FileName(at, c.nodes, c.ext); got != c.want {
			t.Errorf("FileName(%q, %q) = %s, want %s", c.nodes, c.ext, got, c.want)
		}
	}
}

func FuzzFileName(f *testing.F) {
	f.Add("edge-1", "..", "/", "csv")
	f.Fuzz(func(t *testing.T, a, b, c, ext string) {
		name := FileName(time.Unix(0, 0).UTC(), []string{a, b, c}, ext)
		const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
		if strings.Trim(name, safe) != "" || filepath.Base(name) != name || len(name) > 200 || !strings.HasPrefix(name, "weir-") {
			t.Errorf("FileName(%q, %q, %q, %q) = %q", a, b, c, ext, name)
		}
	})
}

func TestFreeNameCounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.b.csv")
	for _, want := range []string{"a.b.csv", "a.b-2.csv", "a.b-3.csv"} {
		got, err := FreeName(path)
		if err != nil || filepath.Base(got) != want {
			t.Fatalf("FreeName is %s, %v, want %s", got, err, want)
		}
		f := create(t, got)
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
	}
}
