package db

import (
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/flow"
	"weir/node"
)

// otherNames makes another name of the file at path, in each way that there is, and says what a second
// writer is told.
func otherNames(t *testing.T, path string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	hard, soft, mounted := filepath.Join(dir, "hard.db"), filepath.Join(dir, "soft.db"), filepath.Join(dir, "mounted.db")
	for _, err := range []error{os.Link(path, hard), os.Symlink(path, soft), os.WriteFile(mounted, nil, 0o600)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	names := map[string]string{hard: "under another name", soft: "by process"}
	if err := syscall.Mount(path, mounted, "", syscall.MS_BIND, ""); err != nil {
		t.Logf("SKIPPED: a bind mount of the file: it needs root and mount(2): %v", err)
		return names
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(mounted, 0); err != nil {
			t.Error(err)
		}
	})
	names[mounted] = "under another name"
	return names
}

// held returns a store that another process has open for writing.
func held(t *testing.T) (path string, holder *exec.Cmd) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "weir.db")
	holder, out := child(t, "hold", path)
	in, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // it ends in order: what it wrote last is its complaint
		_ = in.Close()
		if err := holder.Wait(); err != nil && holder.ProcessState.ExitCode() >= 0 {
			t.Errorf("the holder ended with %v", err)
		}
	})
	if line, err := out.ReadString('\n'); line != "open\n" {
		t.Fatalf("the holder says %q, %v", line, err)
	}
	return path, holder
}

// created returns a store that no program has open.
func created(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "weir.db")
	s, err := Open(t.Context(), path, WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestASecondWriterIsRefusedUnderEveryName(t *testing.T) {
	path, _ := held(t)
	for name, words := range otherNames(t, path) {
		s, err := Open(t.Context(), name, WriterOptions{})
		if !errors.As(err, new(*LockedError)) || !strings.Contains(err.Error(), words) {
			t.Errorf("Open(%s) = %v, want a LockedError with %q", name, err, words)
		}
		if err == nil {
			_ = s.Close()
		}
	}
}

// TestTheInventoryIsChangedUnderTheNameOfTheWriterOnly: under another name SQLite would write another log.
func TestTheInventoryIsChangedUnderTheNameOfTheWriterOnly(t *testing.T) {
	path, _ := held(t)
	for name, words := range otherNames(t, path) {
		inv, err := OpenInventory(t.Context(), name, WriterOptions{})
		if words == "by process" { // a symbolic link is the same name
			words = ""
		}
		if (words != "") != errors.As(err, new(*LockedError)) || err != nil && !strings.Contains(err.Error(), words) {
			t.Errorf("OpenInventory(%s) = %v, want %q", name, err, words)
		}
		if err == nil {
			err = inv.AddNode(t.Context(), node.Node{Name: "b", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
			if err := errors.Join(err, inv.Close()); err != nil {
				t.Error(err)
			}
		}
	}
	if nodes, err := readerOf(t, path).Nodes(t.Context()); err != nil || len(nodes) != 1 {
		t.Errorf("nodes %v, %v, want the one that was added", nodes, err)
	}
}

func TestAStoreIsReadUnderTheNameOfTheWriterOnly(t *testing.T) {
	path, _ := held(t)
	for name, words := range otherNames(t, path) {
		r, err := OpenReader(t.Context(), name, ReaderOptions{})
		if other := words != "by process"; other != errors.As(err, new(*LockedError)) || err != nil && !strings.Contains(err.Error(), words) {
			t.Errorf("OpenReader(%s) = %v, want %q", name, err, words)
		}
		if err == nil {
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestAWriterIsRefusedWhileTheInventoryIsChangedUnderAnotherName(t *testing.T) {
	path := created(t)
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Link(path, link); err != nil {
		t.Fatal(err)
	}
	inv, err := OpenInventory(t.Context(), path, WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), link, WriterOptions{}); !errors.As(err, new(*LockedError)) {
		t.Errorf("Open(%s) = %v, want a LockedError", link, err)
	}
	if err := inv.Close(); err != nil {
		t.Fatal(err)
	}
	openAt(t, link)
}

func TestTheLockOutlivesItsFile(t *testing.T) {
	path, holder := held(t)
	if err := os.Remove(path + ".lock"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, WriterOptions{}); !errors.As(err, new(*LockedError)) {
		t.Errorf("Open without the lock file = %v, want a LockedError", err)
	}
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_, _ = holder.Process.Wait()
	openAt(t, path) // the lock ends with its holder
}

// TestPathLockIsLocked locks PATH.lock as programs do that don't lock the store itself.
func TestPathLockIsLocked(t *testing.T) {
	path := created(t)
	lock := func() error {
		f, err := os.OpenFile(path+".lock", os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		return tryLock(f)
	}
	s := openAt(t, path)
	if err := lock(); !errors.Is(err, errHeld) {
		t.Errorf("an older program locks %s.lock: %v", path, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := lock(); err != nil {
		t.Error(err)
	}
}

// TestTheLocksOfTheFileLeaveThoseOfSQLiteAlone looks for the locks that the kernel knows.
func TestTheLocksOfTheFileLeaveThoseOfSQLiteAlone(t *testing.T) {
	s := filled(t, flow.Record{ID: 1, Start: epoch, EndReason: flow.EndOfFlow})
	all, err := os.ReadFile("/proc/locks")
	if err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	info, err := os.Stat(s.path)
	if err != nil {
		t.Fatal(err)
	}
	stat, _ := info.Sys().(*syscall.Stat_t)
	var ours, sqlite int
	for line := range strings.Lines(string(all)) {
		switch f := strings.Fields(line); {
		case len(f) < 8 || !strings.HasSuffix(f[5], ":"+strconv.FormatUint(stat.Ino, 10)):
		case f[1] == "OFDLCK":
			ours++
		case f[1] == "POSIX":
			sqlite++
		}
	}
	if ours != 2 || sqlite == 0 {
		t.Errorf("%d locks of the file description and %d of SQLite, want 2 and some:\n%s", ours, sqlite, all)
	}
}

// strangers makes what is not a regular file, with a victim that the links lead to.
func strangers(t *testing.T) (victim string, kinds map[string]func(name string) error) {
	t.Helper()
	victim = filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(victim, []byte("precious\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return victim, map[string]func(string) error{
		"a symbolic link": func(name string) error { return os.Symlink(victim, name) },
		"a named pipe":    func(name string) error { return syscall.Mkfifo(name, 0o600) },
		"a socket":        func(name string) error { return syscall.Mknod(name, syscall.S_IFSOCK|0o600, 0) },
		"a directory":     func(name string) error { return os.Mkdir(name, 0o700) },
		"a device": func(name string) error {
			err := syscall.Mknod(name, syscall.S_IFCHR|0o600, 1<<8|5) // /dev/zero
			if errors.Is(err, fs.ErrPermission) {
				t.Log("SKIPPED: a device: it needs root")
				return os.Mkdir(name, 0o700)
			}
			return err
		},
	}
}

// TestOnlyRegularFilesBesideAStore puts something else in the place of each file of a store, before the
// store is created and when it is there.
func TestOnlyRegularFilesBesideAStore(t *testing.T) {
	victim, kinds := strangers(t)
	for kind, put := range kinds {
		for _, suffix := range []string{"", ".lock", "-wal", "-shm", "-journal"} {
			for _, exists := range []bool{false, true} {
				path := filepath.Join(t.TempDir(), "weir.db")
				if exists {
					path = created(t)
					_ = os.Remove(path + suffix) // may not be there
				}
				if suffix == "" && (exists || kind == "a symbolic link" || kind == "a directory") {
					continue // a store may be a link; the others are in other tests
				}
				if err := put(path + suffix); err != nil {
					t.Fatal(err)
				}
				wantRefused(t, path, suffix, kind)
			}
		}
	}
	if text, err := os.ReadFile(victim); err != nil || string(text) != "precious\n" {
		t.Errorf("the file behind a link holds %q, %v", text, err)
	}
}

func wantRefused(t *testing.T, path, suffix, kind string) {
	t.Helper()
	begun := time.Now()
	_, err := Open(t.Context(), path, WriterOptions{})
	errs := map[string]error{"Open": err}
	if suffix != ".lock" {
		_, errs["OpenReader"] = OpenReader(t.Context(), path, ReaderOptions{})
		_, errs["OpenInventory"] = OpenInventory(t.Context(), path, WriterOptions{})
	}
	for how, err := range errs {
		if err == nil || !strings.Contains(err.Error(), filepath.Base(path)+suffix) || !strings.Contains(err.Error(), "regular file") {
			t.Errorf("%s with %s as %q: %v, want what is in the way", how, kind, suffix, err)
		}
		if kind == "a device" {
			continue // without root it is a directory
		}
		if err != nil && !strings.Contains(err.Error(), kind) {
			t.Errorf("%s with %s as %q: %v, want what it is", how, kind, suffix, err)
		}
	}
	if took := time.Since(begun); took > busyTimeout {
		t.Errorf("%s as %q: refused after %v, want at once", kind, suffix, took)
	}
}

func TestALockFileOfOthersIsNotEmptied(t *testing.T) {
	for text, ours := range map[string]bool{
		"":                                     true,
		"4711 host 2026-11-30T12:00:00Z\n":     true,
		"4711 ho":                              true, // cut by a full disk
		"precious\n":                           false,
		"4711\n":                               false, // a pid file
		"4711 host\nand more\n":                false,
		strings.Repeat("1", maxHolderText+100): false,
	} {
		path := filepath.Join(t.TempDir(), "weir.db")
		writeFile(t, path+".lock", []byte(text))
		s, err := Open(t.Context(), path, WriterOptions{})
		switch {
		case (err == nil) != ours:
			t.Errorf("a lock file with %.20q: %v", text, err)
		case err != nil && !strings.Contains(err.Error(), "is not a lock file of weir"):
			t.Errorf("a lock file with %.20q: %v", text, err)
		}
		if err == nil {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		after, readErr := os.ReadFile(path + ".lock")
		if readErr != nil || !ours && string(after) != text {
			t.Errorf("a lock file with %.20q holds %.20q afterwards, %v", text, after, readErr)
		}
	}
}
