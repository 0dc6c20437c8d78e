package cli

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// hashOf returns a hash of the content of a file.
func hashOf(t *testing.T, path string) [sha256.Size]byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(data)
}

// TestALookChangesNothing opens a store that exists, also with the privileges to capture into it.
func TestALookChangesNothing(t *testing.T) {
	own := t.TempDir()
	path := filepath.Join(t.TempDir(), "case.db")
	writeTalks(t, filepath.Join(own, "talks.pcap"), 300)
	if out, err := weirCommand(t, own, "capture", "-r", "talks.pcap", "--db", path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	before := hashOf(t, path)
	for _, args := range [][]string{{"--db", path}, {"--read-only", "--db", path}} {
		p := startProgram(t, own, args...)
		p.shows("READING case.db")
		if args[0] == "--db" {
			p.shows("READING case.db; -i captures into it")
		}
		p.keys("r")
		p.shows("Time range")
		p.keys("all\r")
		p.shows("300 flows")
		p.keys("4")
		p.shows("This process does not capture")
		p.keys("\x03")
		p.ends()
		if hashOf(t, path) != before {
			t.Errorf("%v: the file has changed", args)
		}
	}
}

// TestTheScreenBesideAWriterSaysWhomItFollows and shows its counters.
func TestTheScreenBesideAWriterSaysWhomItFollows(t *testing.T) {
	dir := t.TempDir()
	writer := startProgram(t, dir, "--demo", "--db", "w.db")
	writer.shows("LIVE")
	beside := startProgram(t, dir, "--db", "w.db")
	beside.shows("FOLLOWING weir, pid ")
	beside.shows("lost 0")
	writer.keys("q")
	writer.ends()
	beside.shows("READING w.db")
	beside.keys("q")
	beside.ends()
}

func TestReadOnlyIsNotCombinedWithWhatWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.db")
	for args, want := range map[string]string{
		"--read-only -i lo": "--read-only can't be combined with -i, -r or --demo: they write flows", "--read-only --demo": "--read-only can't be combined with -i, -r or --demo: they write flows",
		"--read-only --keep-age 1d": "--keep-age and --keep-size remove flows, but the store is only read: give -i or -r, or use weir capture",
		"capture --read-only":       "unknown option --read-only",
	} {
		if code, _, stderr := runWeir(t, strings.Fields(args)...); code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d, %s", args, code, stderr)
		}
	}
	if code, _, stderr := runWeir(t, "--plain", "--read-only", "--db", path); code != exitFailed || !strings.Contains(stderr, "file does not exist") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the store was made")
	}
}
