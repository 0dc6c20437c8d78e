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

// TestAFollowedRotationHasTheFlowsOfTheMergedFile follows a folder while files are written there, with
// buffers that end anywhere.
func TestAFollowedRotationHasTheFlowsOfTheMergedFile(t *testing.T) {
	var all []pkttest.Frame
	for i := range 100 {
		client := netip.AddrPortFrom(netip.MustParseAddr("10.0.0.1"), 20000+uint16(i)).String()
		begin := smallStart.Add(time.Duration(i) * 700 * time.Millisecond)
		all = append(all, pkttest.Between(begin, client, "10.0.0.2:443").Handshake().Send(500).Recv(90_000).Close().Frames()...)
		all = append(all, pkttest.Between(begin.Add(time.Second), client, "10.0.0.3:53").Ask(30).Answer(60).Frames()...)
	}
	all = pkttest.Merge(all)
	dir := t.TempDir()
	write := func(name string, frames []pkttest.Frame) []byte {
		var b bytes.Buffer
		if err := pkttest.WritePcap(&b, frames); err != nil {
			t.Fatal(err)
		}
		if name != "" {
			if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return b.Bytes()
	}
	write("merged.pcap", all)
	columns := []string{"--csv", "--all", "--order", "oldest", "--columns", "startTimeUnixMS,endTimeUnixMS,protocol,sourcePort,destIP,recvBytes,sentBytes,tcpFlags,verdict"}
	want := weirOutput(t, dir, append([]string{"query", "-r", "merged.pcap"}, columns...)...)

	rotation := filepath.Join(dir, "rotation")
	if err := os.Mkdir(rotation, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := weirCommand(t, dir, "capture", "-r", "rotation", "--db", "weir.db")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	const perFile, buffer = 97, 4096
	for n := 0; n*perFile < len(all); n++ {
		b := write("", all[n*perFile:min((n+1)*perFile, len(all))])
		f, err := os.Create(filepath.Join(rotation, fmt.Sprintf("cap%03d", n)))
		if err != nil {
			t.Fatal(err)
		}
		for len(b) > 0 {
			part := b[:min(len(b), buffer)]
			if _, err := f.Write(part); err != nil {
				t.Fatal(err)
			}
			b = b[len(part):]
		}
		f.Close()
	}
	waitFor(t, "the last packet", func() bool {
		out, _ := weirCommand(t, dir, "query", "--db", "weir.db", "--count", "dport:53 recv:>0").Output()
		return string(out) == "100\n"
	})
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || !strings.Contains(stderr.String(), fmt.Sprintf("%d packets, 200 flows", len(all))) {
		t.Errorf("%v, %s", err, &stderr)
	}
	if got := weirOutput(t, dir, append([]string{"query", "--db", "weir.db"}, columns...)...); got != want {
		t.Errorf("followed:\n%s\nmerged:\n%s", got, want)
	}
	if got := weirOutput(t, dir, append([]string{"query", "-r", "rotation"}, columns...)...); got != want {
		t.Errorf("the folder:\n%s\nmerged:\n%s", got, want)
	}
}

func TestQueryOfAFolder(t *testing.T) {
	dir := t.TempDir()
	for name, b := range map[string][]byte{"b": question(t, 20000), "a": question(t, 20001), "empty": nil, "header": question(t, 1)[:pcapHeaderLen], "notes": []byte("not a capture")} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := weirCommand(t, dir, "query", "-r", ".", "--csv", "--columns", "sourcePort,node", "--node", "n", "--order", "oldest")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if want := "sourcePort,node\n20000,n\n20001,n\n"; err != nil || len(out) != len(want) || !strings.Contains(string(out), "20001,n") {
		t.Errorf("%v, got\n%s", err, out)
	}
	if want := "weir: folder \".\": 1 file left out, not a capture: notes\n"; stderr.String() != want {
		t.Errorf("said %q, want %q", &stderr, want)
	}
	if err := os.Mkdir(filepath.Join(dir, "nothing"), 0o700); err != nil {
		t.Fatal(err)
	}
	said, err := weirCommand(t, dir, "query", "-r", "nothing").CombinedOutput()
	if want := "weir: no capture with a packet in folder \"nothing\": expected pcap, pcapng or snoop files\n"; err == nil || string(said) != want {
		t.Errorf("%v, said %q, want %q", err, said, want)
	}
}
