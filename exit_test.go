package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExitCodesTellFailureFromWrongUsage(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_STATE_HOME", dir)
	missing := filepath.Join(dir, "missing.pcap")
	for _, c := range []struct {
		line string
		code int
	}{
		{"version", exitOK},
		{"--help", exitOK},
		{"completion bash", exitOK},
		{"flags 0x1b", exitOK},
		{"nonsense", exitUsage},
		{"--nonsense", exitUsage},
		{"flags", exitUsage},
		{"flags 0x123", exitUsage},
		{"flags -x", exitUsage},
		{"nodes frobnicate", exitUsage},
		{"nodes add x", exitUsage},
		{"nodes add dc-2 300.1.2.3", exitUsage},
		{"capture extra", exitUsage},
		{"capture --demo -i lo", exitUsage},
		{"query --csv --json", exitUsage},
		{"query --limit 5 --all", exitUsage},
		{"query --since 2h --from 10:00", exitUsage},
		{"query --from 12:00 --to 11:00", exitUsage},
		{"query --limit 0", exitUsage},
		{"query --db=", exitUsage},
		{"query dport:70000", exitUsage},
		{"query (", exitUsage},
		{"completion", exitUsage},
		{"completion tcsh", exitUsage},
		{"query", exitFailed}, // there is no store yet
		{"query -r " + missing, exitFailed},
		{"capture -i nosuch0", exitFailed},
	} {
		code, stdout, stderr := runWeir(t, strings.Fields(c.line)...)
		if code != c.code {
			t.Errorf("weir %s: exit code %d, want %d; it said %q", c.line, code, c.code, stderr)
		}
		if code != exitOK && (stdout != "" || !strings.HasPrefix(stderr, "weir: ")) {
			t.Errorf("weir %s: stdout %q, stderr %q; want nothing on stdout and a sentence on stderr", c.line, stdout, stderr)
		}
	}
}

func TestAReaderThatHasHadEnoughEndsAQueryInSilence(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	file := filepath.Join(t.TempDir(), "small.pcap")
	if err := writeSmall(file); err != nil {
		t.Fatal(err)
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	if code := run(t.Context(), []string{"query", "-r", file, "--csv"}, nil, writer, &stderr); code != exitOK || stderr.Len() > 0 {
		t.Errorf("exit code %d, stderr %q; want 0 and silence", code, &stderr)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestWhatAMessageQuotesCanNotDriveTheTerminal(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	for _, args := range [][]string{
		{"query", "dport:\x1b[2J"}, {"query", "-r", "\x1b]0;pwn\a.pcap"}, {"--\x1b[31m"}, {"query", "--db", "\x1b[2J.db"},
	} {
		if _, _, stderr := runWeir(t, args...); strings.ContainsAny(stderr, "\x1b\a") || stderr == "" {
			t.Errorf("weir %q says %q", args, stderr)
		}
	}
}
