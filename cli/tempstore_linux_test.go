package cli

import (
	"bufio"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// fileIn makes a file in a new directory of parent.
func fileIn(t *testing.T, parent, dir, name string) string {
	t.Helper()
	path := filepath.Join(parent, dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOnlyTemporaryStoresOfDeadProcessesAreRemoved(t *testing.T) {
	parent, elsewhere := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", parent)
	live, err := newTempStore()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(live.path(), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	old, err := os.Open(fileIn(t, parent, "weir-4", "weir.db.lock")) // of a version that locks this file only
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	if err := syscall.Flock(int(old.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	gone := []string{
		fileIn(t, parent, "weir-1", "weir.db"), fileIn(t, parent, "weir-1", "weir.db-wal"), fileIn(t, parent, "weir-1", "weir.db.lock"),
		fileIn(t, parent, "weir-2", ".weir-new-17"),
	}
	stay := []string{
		live.path(), old.Name(),
		fileIn(t, parent, "weir-3", "weir.db"), fileIn(t, parent, "weir-3", "mine.txt"),
		fileIn(t, parent, "weir-5/sub", "weir.db"), fileIn(t, parent, "weir-x6", "weir.db"), fileIn(t, parent, "other-7", "weir.db"),
		fileIn(t, elsewhere, "weir-8", "weir.db"), fileIn(t, parent, "", "weir-9"),
	}
	if err := os.Symlink(filepath.Join(elsewhere, "weir-8"), filepath.Join(parent, "weir-8")); err != nil {
		t.Fatal(err)
	}
	removeDeadStores(parent)
	for _, path := range gone {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s is left", path)
		}
		if _, err := os.Stat(filepath.Dir(path)); err == nil {
			t.Errorf("%s is left", filepath.Dir(path))
		}
	}
	for _, path := range stay {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("removed: %v", err)
		}
	}
	if err := live.remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(live.dir); err == nil {
		t.Errorf("%s is left", live.dir)
	}
}

func TestAKilledScreenLeavesNothingBehindForLong(t *testing.T) {
	temp, dir := t.TempDir(), t.TempDir()
	cmd := weirCommand(t, dir, "--demo", "--plain")
	cmd.Env = append(cmd.Env, "TMPDIR="+temp)
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if says := bufio.NewScanner(stdout); !says.Scan() {
		t.Errorf("it says nothing: %v", says.Err())
	}
	stores := func() []string {
		found, err := filepath.Glob(filepath.Join(temp, "weir-*"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	t.Setenv("TMPDIR", temp)
	removeDeadStores(temp)
	if got := stores(); len(got) != 1 {
		t.Errorf("while it runs there are %v, want its store", got)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	if got := stores(); len(got) != 1 {
		t.Errorf("killed, it leaves %v, want its store", got)
	}
	small := filepath.Join(dir, "small.pcap")
	if err := writeSmall(small); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := runWeir(t, "query", "-r", small); code != exitOK {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if got := stores(); len(got) != 0 {
		t.Errorf("after the next start there are %v", got)
	}
}
