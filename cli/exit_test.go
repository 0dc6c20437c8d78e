package cli

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
		{"query --from 2026-11-23T12:00 --to 2026-11-23T11:00", exitUsage},
		{"query --limit 0", exitUsage},
		{"query --db=", exitUsage},
		{"query dport:70000", exitUsage},
		{"query (", exitUsage},
		{"query --by foo", exitUsage},
		{"query --by=", exitUsage},
		{"query --csv --columns nix", exitUsage},
		{"query --node=", exitUsage},
		{"query --node edge-*", exitUsage},
		{"query --follow --limit 5", exitUsage},
		{"query --from bad", exitUsage},
		{"query --to 25:00", exitUsage},
		{"query --since 2x", exitUsage},
		{"query --limit -1", exitUsage},
		{"query --limit 99999", exitUsage},
		{"query --limit five", exitUsage},
		{"query -r", exitUsage},
		{"query @nix", exitFailed},
		{"query --since -2h", exitFailed}, // is fine, but there is no store
		{"nodes group frankfurt", exitUsage},
		{"nodes group add frankfurt", exitUsage},
		{"completion", exitUsage},
		{"completion bash zsh", exitUsage},
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

func TestWrongOptionsAreExplained(t *testing.T) {
	for line, want := range map[string]string{
		"query --sinc 2h":       "weir: unknown option --sinc: did you mean --since?\n",
		"query --frobnicate":    "weir: unknown option --frobnicate\n",
		"query -x":              "weir: unknown option -x\n",
		"query --limit five":    "weir: invalid --limit \"five\": expected a number\n",
		"query -r":              "weir: -r needs a value: read capture files, or those in a folder, into a temporary store first; - for standard input; NAME=FILE: as node NAME\n",
		"query --since":         "weir: --since needs a value: only flows that were active since time: 14:05 or today; 90s, 2h or 7d mean that long ago\n",
		"query --csv=perhaps":   "weir: invalid --csv \"perhaps\": it takes no value\n",
		"query --node edge-*":   "weir: invalid --node \"edge-*\": expected whole names; patterns are for the filter, as in node:edge-*\n",
		"query --by foo":        "weir: --by: unknown grouping \"foo\": expected src, dst, pair, port, node, interface, verdict, proto, sport, dport, snode, dnode, flags, sflags, dflags, reason, open, direction, vlan, tunnel, tunnelid, icmptype, icmpcode, errorip, errortype, errorcode, synretries, sttl, dttl, or several of them as in src,dport\n",
		"query --csv --json":    "weir: --csv and --json can't be combined: give one of them\n",
		"query --limit 5 --all": "weir: --limit and --all can't be combined: give one of them\n",
		"query --node a,":       "weir: invalid --node \"a,\": expected a node or group; omit --node for all\n",
		"query --db=":           "weir: invalid --db \"\": expected a path; omit --db for the default store\n",
		"capture --read=":       "weir: invalid -r \"\": expected a file name\n",
		"capture a.pcap":        "weir: unexpected argument \"a.pcap\": weir capture takes no arguments (capture files come after -r)\n",
		"version now":           "weir: unexpected argument \"now\": weir version takes no arguments\n",

		"query --columns node --csv --by src": "weir: --columns and --by can't be combined: give one of them\n",
		"query --columns node --by src":       "weir: --columns and --by can't be combined: give one of them\n",
		"query --columns node --count":        "weir: --columns and --count can't be combined: give one of them\n",
		"query --follow start:<now":           "weir: --follow can't have an end time: remove it from the filter\n",
	} {
		code, stdout, stderr := runWeir(t, strings.Fields(line)...)
		if got, _, _ := strings.Cut(stderr, "see:"); code != exitUsage || stdout != "" || got != want {
			t.Errorf("weir %s: exit code %d, %q, want %q", line, code, got, want)
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
