package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/pkttest"
)

// The mistakes that flow portals ship and fix later, as far as they show from
// outside of the screen; those that show on it are in package tui's
// mistakes_test.go.

// writeTalks writes a capture of n conversations, to ports 80, 443 and 8443 in turn.
func writeTalks(t *testing.T, path string, n int) {
	t.Helper()
	var frames [][]pkttest.Frame
	for i := range n {
		at := smallStart.Add(time.Duration(i) * 10 * time.Millisecond)
		client, server := fmt.Sprintf("192.168.100.%d:%d", 1+i%200, 20_000+i), fmt.Sprintf("172.16.1.20:%d", []int{80, 443, 8443}[i%3])
		frames = append(frames, pkttest.Between(at, client, server).Handshake().Send(100+i%50).Recv(200).Close().Frames())
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := pkttest.WritePcap(f, pkttest.Merge(frames...)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// weirCommand is weir as a program in dir, with its files below it.
func weirCommand(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), roleEnv+"=weir", "XDG_STATE_HOME="+dir, "XDG_CONFIG_HOME="+dir, "TZ=UTC")
	return cmd
}

// weirOutput runs weir as a program in dir and returns its stdout.
func weirOutput(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := weirCommand(t, dir, args...).Output()
	if err != nil {
		t.Fatalf("weir %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}

// TestMistakeExportIsNotTheFilteredView exports from the screen with one key
// and asks `weir query` for the same search: the two must be the same bytes.
func TestMistakeExportIsNotTheFilteredView(t *testing.T) {
	dir := t.TempDir()
	writeTalks(t, filepath.Join(dir, "talks.pcap"), 3_300)
	p := startProgram(t, dir, "-r", "talks.pcap", "--node", "edge-1", "--db", "talks.db")
	p.shows("of 3,300 (limit)")
	p.keys("/dport:443,8443 order:oldest\r")
	p.shows("of 2,200 (limit)")
	p.keys("e")
	p.shows("1,000 flows written to")
	p.keys("E\t\x1b[C\r") // all that match
	p.shows("2,200 flows written to")
	p.keys("q")
	p.ends()

	exports, err := filepath.Glob(filepath.Join(dir, "weir-*.csv"))
	if err != nil || len(exports) != 2 {
		t.Fatalf("exports %v, %v", exports, err)
	}
	query := []string{"query", "--db", "talks.db", "--csv", "dport:443,8443", "--order", "oldest"}
	want := map[string]bool{weirOutput(t, dir, query...): true, weirOutput(t, dir, append(query, "--all")...): true}
	if len(want) != 2 {
		t.Fatal("--all prints no more than the limit")
	}
	for _, path := range exports {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !want[string(data)] {
			t.Errorf("%s, of %d lines, is not what weir query prints", filepath.Base(path), strings.Count(string(data), "\n"))
		}
		delete(want, string(data))
	}
}

// TestMistakeExportIsIncomplete: everything that matches is printed, however many.
func TestMistakeExportIsIncomplete(t *testing.T) {
	dir := t.TempDir()
	writeTalks(t, filepath.Join(dir, "talks.pcap"), 10_500)
	out := weirOutput(t, dir, "query", "-r", "talks.pcap", "--csv", "--all")
	if n := strings.Count(out, "\n") - 1; n != 10_500 {
		t.Errorf("%d of 10,500 flows", n)
	}
}

// TestMistakeSeveralFlagsMatchAny: a flow must have all flags that are listed.
func TestMistakeSeveralFlagsMatchAny(t *testing.T) {
	store, path := writtenStore(t)
	for i, flags := range []flow.Flags{flow.SYN, flow.RST, flow.SYN | flow.RST, flow.SYN | flow.ACK} {
		r := someFlow(int64(i+1), time.Now(), uint16(i+1))
		r.SrcSide.Flags = flags
		put(t, store, r)
	}
	code, out, _ := runWeir(t, "query", "--db", path, "--csv", "flags:syn,rst")
	if lines := strings.Split(strings.TrimSpace(out), "\n"); code != exitOK || len(lines) != 2 || !strings.Contains(lines[1], ",0x06,") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}
