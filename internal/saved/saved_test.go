package saved

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestHistoryKeepsTheLastHundredWithoutDuplicates(t *testing.T) {
	h := History(filepath.Join(t.TempDir(), "state", "weir", "history"))
	if all, err := h.Load(); err != nil || all != nil {
		t.Fatalf("before the first search: %v, %v", all, err)
	}
	for i := range 120 {
		if _, err := h.Add(fmt.Sprintf("dport:%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{"dport:50", "  ", "dport:50", "two\nlines\tof it"} {
		if _, err := h.Add(text); err != nil {
			t.Fatal(err)
		}
	}
	all, err := h.Load()
	if err != nil || len(all) != HistoryMax || all[99] != "two lines of it" || all[98] != "dport:50" || all[0] != "dport:21" {
		t.Errorf("%d searches, %v: %q", len(all), err, all)
	}
	if slices.Index(all, "dport:50") != 98 {
		t.Error("a repeated search is listed twice")
	}
}

func TestFilesArePrivateAndLeaveNoTemporaryFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "history")
	if err := os.WriteFile(path, []byte("tcp\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := History(path).Add("udp"); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%d files", len(files))
	}
}

func TestHistoryPathThatIsADirectoryIsAnError(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "history"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := History(filepath.Join(dir, "history")).Add("tcp"); err == nil || !strings.Contains(err.Error(), "is not a file") {
		t.Errorf("got %v", err)
	}
}

func TestConcurrentAddsNeverCorruptTheFile(t *testing.T) {
	h := History(filepath.Join(t.TempDir(), "history"))
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 20 {
				if _, err := h.Add(fmt.Sprintf("dport:%d", 100*i+j)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	texts, err := h.Load()
	if err != nil || len(texts) == 0 {
		t.Fatal(texts, err)
	}
	for _, s := range texts {
		var n int
		if _, err := fmt.Sscanf(s, "dport:%d", &n); err != nil {
			t.Errorf("partial line: %q", s)
		}
	}
}

func TestSearchesRoundTrip(t *testing.T) {
	s := Searches(filepath.Join(t.TempDir(), "searches"))
	texts := map[string]string{"half-open": "since:2h flags:syn,!ack", "office": `snode:"branch \"office\"" !dport:53`, "x.1": `"quoted" or b`}
	for name, text := range texts {
		if err := s.Save(name, text); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range texts {
		if got, err := s.Get(strings.ToUpper(name)); err != nil || got != text {
			t.Errorf("%s: %q, %v, want %q", name, got, err, text)
		}
	}
	if err := s.Save("Office", "tcp"); err != nil {
		t.Fatal(err)
	}
	if all, err := s.List(); err != nil || len(all) != 3 {
		t.Errorf("%v, %v", all, err)
	}
	if err := s.Remove("office"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get("office"); !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), "saved searches: half-open, x.1") {
		t.Errorf("got %v", err)
	}
	if err := s.Remove("office"); !errors.Is(err, ErrUnknown) {
		t.Errorf("got %v", err)
	}
}

func TestSavePreservesManualEdits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "searches")
	text := "# mine\n\nweb = dport:80,443\n  dns=\"dport:53\"\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := Searches(path)
	if err := s.Save("web", "dport:443"); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(path)
	if want := "# mine\n\nweb = \"dport:443\"\n  dns=\"dport:53\"\n"; string(got) != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if dns, err := s.Get("dns"); err != nil || dns != "dport:53" {
		t.Errorf("%q, %v", dns, err)
	}
}

func TestInvalidLinesAndNamesAreErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "searches")
	if err := os.WriteFile(path, []byte("ok = tcp\nnonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Searches(path).List(); err == nil || !strings.Contains(err.Error(), "line 2: invalid search \"nonsense\": expected NAME = \"text\"") {
		t.Errorf("got %v", err)
	}
	for _, name := range []string{"", "a b", "ü", "@x", strings.Repeat("x", 41)} {
		if err := Searches(path).Save(name, "tcp"); err == nil {
			t.Errorf("Save accepts the name %q", name)
		}
	}
	if _, err := Searches(filepath.Join(t.TempDir(), "none")).Get("x"); err == nil || !strings.Contains(err.Error(), "none is saved yet") {
		t.Errorf("got %v", err)
	}
}
