package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/internal/pkttest"
	"weir/internal/ptytest"
)

// question is a capture with one DNS question, from a port, now.
func question(t *testing.T, port uint16) []byte {
	t.Helper()
	source := netip.AddrPortFrom(netip.MustParseAddr("10.0.0.1"), port)
	var b bytes.Buffer
	if err := pkttest.WritePcap(&b, pkttest.Between(time.Now(), source.String(), "10.0.0.2:53").Ask(30).Frames()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const pcapHeaderLen = 24

// TestFlowsFromASlowPipeAreStoredAsTheyBegin writes as `tcpdump -U -w -` does: each flow is in
// the store before the next packet is written.
func TestFlowsFromASlowPipeAreStoredAsTheyBegin(t *testing.T) {
	for _, path := range []string{"-", "/dev/stdin", "edge-1=-"} {
		dir := t.TempDir()
		cmd := weirCommand(t, dir, "capture", "-r", path, "--db", "weir.db")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		in, err := cmd.StdinPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			b := question(t, 20000+uint16(i))
			if i > 0 {
				b = b[pcapHeaderLen:]
			}
			if _, err := in.Write(b); err != nil {
				t.Fatal(err)
			}
			waitFor(t, fmt.Sprintf("flow %d", i+1), func() bool {
				out, _ := weirCommand(t, dir, "query", "--db", "weir.db", "--count").Output()
				return strings.TrimSpace(string(out)) == fmt.Sprint(i+1)
			})
		}
		in.Close()
		if err := cmd.Wait(); err != nil || !strings.Contains(stderr.String(), "5 packets, 5 flows") {
			t.Errorf("-r %s: %v, %s", path, err, &stderr)
		}
		if strings.Contains(path, "edge-1") {
			if out := weirOutput(t, dir, "query", "--db", "weir.db", "--count", "node:edge-1"); out != "5\n" {
				t.Errorf("%q flows of edge-1", out)
			}
		}
	}
}

// TestStandardInputIsReadOnceAndFromAPipe: what can't be meant is said before anything is read.
func TestStandardInputIsReadOnceAndFromAPipe(t *testing.T) {
	cmd := weirCommand(t, t.TempDir(), "query", "-r", "-", "-")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "-r -: standard input can be read only once") {
		t.Errorf("%v, %s", err, out)
	}
	dir := t.TempDir()
	cmd = weirCommand(t, dir, "query", "-r", "-")
	master, err := ptytest.Start(cmd, 80, 24)
	if err != nil {
		t.Skip(err)
	}
	defer master.Close()
	said, _ := io.ReadAll(master) // EIO at the end
	if err := cmd.Wait(); err == nil || !strings.Contains(string(said), "standard input is a terminal") {
		t.Errorf("%v, %s", err, said)
	}
}

func TestQueryReadsStandardInputToItsEnd(t *testing.T) {
	dir := t.TempDir()
	small := filepath.Join(dir, "small.pcap")
	if err := writeSmall(small); err != nil {
		t.Fatal(err)
	}
	want := weirOutput(t, dir, "query", "-r", small, "--csv")
	for what, line := range map[string]string{
		"pipe": `cat small.pcap | "$0" query -r - --csv`,
		"file": `"$0" query -r - --csv < small.pcap`,
		"gzip": `gzip -c small.pcap | "$0" query --csv -r -`,
		"fifo": `mkfifo p; cat small.pcap > p & "$0" query -r p --csv`,
	} {
		out, err := shell(t, dir, line).Output()
		if err != nil || string(out) != want {
			t.Errorf("%s: %v, got\n%s\nwant\n%s", what, err, out, want)
		}
	}
}

// shell runs a line in which "$0" is weir.
func shell(t *testing.T, dir, line string) *exec.Cmd {
	t.Helper()
	cmd := weirCommand(t, dir)
	cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "-c", line, cmd.Path}
	return cmd
}

// TestTheScreenReadsItsKeysFromTheTerminal while packets come from standard input.
func TestTheScreenReadsItsKeysFromTheTerminal(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "one.pcap"), question(t, 20000), 0o600); err != nil {
		t.Fatal(err)
	}
	p := runProgram(t, shell(t, dir, `(cat one.pcap; exec sleep 1000) | { "$0" -r -; kill 0; }`))
	p.shows("10.0.0.2")
	p.shows("LIVE")
	p.keys("2")
	p.shows("1 source")
	p.keys("1")
	p.shows("20000")
	p.keys("q")
	_ = p.cmd.Wait() // the shell's sleep is killed
}

// TestInterruptingACaptureFromAPipeIsItsEnd and not a failure.
func TestInterruptingACaptureFromAPipeIsItsEnd(t *testing.T) {
	dir := t.TempDir()
	cmd := weirCommand(t, dir, "capture", "-r", "-", "--db", "weir.db")
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Write(question(t, 20000)); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the flow", func() bool {
		out, _ := weirCommand(t, dir, "query", "--db", "weir.db", "--count").Output()
		return string(out) == "1\n"
	})
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	in.Close()
}

func TestInterruptingACaptureThatWaitsForAWriterIsItsEnd(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "p"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := weirCommand(t, dir, "capture", "-r", "p", "--db", "weir.db")
	stderr, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	says := bufio.NewScanner(stderr)
	if !says.Scan() || says.Text() != "weir: reading p into weir.db" {
		t.Errorf("it said %q (%v)", says.Text(), says.Err())
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if !says.Scan() || says.Text() != "weir: 0 packets, 0 flows" {
		t.Errorf("then it said %q (%v)", says.Text(), says.Err())
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func TestNamesBeforeFiles(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"a=b", "plain"} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for arg, want := range map[string]input{
		"plain":          {"plain", ""},
		"edge=plain":     {"plain", "edge"},
		"edge=missing":   {"missing", "edge"},
		"edge=x=y":       {"x=y", "edge"},
		"a=b":            {"a=b", ""}, // there is such a file
		"./a=b":          {"./a=b", ""},
		"/tmp/a=b":       {"/tmp/a=b", ""},
		"edge=./a=b":     {"./a=b", "edge"},
		"edge=-":         {"-", "edge"},
		"-":              {"-", ""},
		"edge=":          {"edge=", ""},
		"=plain":         {"=plain", ""},
		"not a node=abc": {"not a node=abc", ""},
	} {
		if got := parseInput(arg); got != want {
			t.Errorf("%q is %+v, want %+v", arg, got, want)
		}
	}
}

func TestFilesWithNamesAreSeveralNodes(t *testing.T) {
	dir := t.TempDir()
	for i, name := range []string{"a.pcap", "b.pcap", "c.pcap"} {
		if err := os.WriteFile(filepath.Join(dir, name), question(t, 20000+uint16(i)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := weirOutput(t, dir, "query", "-r", "edge-1=a.pcap", "edge-2=b.pcap", "c.pcap", "--node", "rest", "--csv", "--order", "oldest", "--columns", "sourcePort,node")
	if want := "sourcePort,node\n20000,edge-1\n20001,edge-2\n20002,rest\n"; out != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
}
