package cli

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file of which nothing can be decoded is not silent, whatever else is read.
func TestFramesOfUnknownLinkTypesAreAnError(t *testing.T) {
	dir := t.TempDir()
	small, unknown := filepath.Join(dir, "small.pcap"), filepath.Join(dir, "unknown.pcap")
	if err := writeSmall(small); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(small)
	if err != nil {
		t.Fatal(err)
	}
	binary.LittleEndian.PutUint32(file[20:], 220)
	if err := os.WriteFile(unknown, file, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"query", "-r", unknown, "--csv"},
		{"query", "-r", unknown, "-r", small, "--csv"},
		{"capture", "-r", unknown, "--db", filepath.Join(dir, "weir.db")},
	} {
		code, stdout, stderr := runWeir(t, args...)
		if code != exitFailed || !strings.Contains(stderr, "can't be decoded: unknown link type 220") {
			t.Errorf("%v: exit code %d, %q", args, code, stderr)
		}
		if len(args) == 6 && strings.Count(stdout, "\n") < 2 {
			t.Errorf("%v: the other file's flows are not printed: %q", args, stdout)
		}
	}
}
