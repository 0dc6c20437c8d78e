package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"weir/db"
	"weir/flow"
	"weir/search"
)

// lab is two hosts in network namespaces, joined by a veth pair:
//
//	here 10.77.0.1 ── veth ── 10.77.0.2 there
//
// 10.77.0.99 is routed to "there", which doesn't own it and drops it silently.
type lab struct {
	here, there string // names of the namespaces
}

const (
	hereAddr, thereAddr, holeAddr = "10.77.0.1", "10.77.0.2", "10.77.0.99"
	hereIf, thereIf               = "weir0", "weir1"
)

// labs counts the labs: those of parallel tests need different names.
var labs atomic.Int32

func newLab(t *testing.T) lab {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: needs root to make network namespaces")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("SKIPPED: needs the ip command (Debian's iproute2)")
	}
	n := labs.Add(1)
	l := lab{here: fmt.Sprintf("weir-a-%d-%d", os.Getpid(), n), there: fmt.Sprintf("weir-b-%d-%d", os.Getpid(), n)}
	for _, ns := range []string{l.here, l.there} {
		sh(t, "ip netns add "+ns)
		t.Cleanup(func() { sh(t, "ip netns del "+ns) })
		// IPv4 only, so that the kernel's IPv4 counters are all there is to count.
		sh(t, "ip netns exec "+ns+" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 net.ipv4.ip_forward=0")
	}
	sh(t, "ip -n "+l.here+" link add "+hereIf+" type veth peer name weir1 netns "+l.there)
	sh(t, "ip -n "+l.here+" addr add "+hereAddr+"/24 dev "+hereIf)
	sh(t, "ip -n "+l.there+" addr add "+thereAddr+"/24 dev weir1")
	sh(t, "ip -n "+l.here+" link set "+hereIf+" up")
	sh(t, "ip -n "+l.there+" link set weir1 up")
	mac := strings.TrimSpace(sh(t, "ip netns exec "+l.there+" cat /sys/class/net/weir1/address"))
	sh(t, "ip -n "+l.here+" neigh add "+holeAddr+" lladdr "+mac+" dev "+hereIf+" nud permanent")
	return l
}

func sh(t *testing.T, line string) string {
	t.Helper()
	args := strings.Fields(line)
	out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	return string(out)
}

// command is this test binary playing role in namespace ns.
func command(ns, role string, args ...string) *exec.Cmd {
	cmd := exec.Command("ip", append([]string{"netns", "exec", ns, os.Args[0]}, args...)...)
	cmd.Env = append(os.Environ(), roleEnv+"="+role)
	return cmd
}

// startServer starts the peer in the other namespace and returns when it listens.
func (l lab) startServer(t *testing.T) {
	t.Helper()
	cmd := command(l.there, "server", thereAddr)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, cmd, cmd.StdoutPipe, "ready")
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
}

// startCapture starts `weir capture` and returns when its sockets are open.
func (l lab) startCapture(t *testing.T, path string) *exec.Cmd {
	t.Helper()
	cmd := command(l.here, "weir", "capture", "-i", hereIf, "--db", path, "--node", "here")
	start(t, cmd, cmd.StderrPipe, "capturing on")
	return cmd
}

// start starts cmd and waits until it prints a line with the word. The rest of
// its output is read away, so that it can't block.
func start(t *testing.T, cmd *exec.Cmd, pipe func() (io.ReadCloser, error), word string) {
	t.Helper()
	out, err := pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
		if strings.Contains(lines.Text(), word) {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return
		}
	}
	t.Fatalf("%v ended without saying %q: %q", cmd.Args, word, said)
}

// ipOctets is what the kernel of the namespace counted as received and sent IPv4 octets.
func (l lab) ipOctets(t *testing.T) (in, out uint64) {
	t.Helper()
	var names, values []string
	for line := range strings.Lines(sh(t, "ip netns exec "+l.here+" cat /proc/net/netstat")) {
		if rest, ok := strings.CutPrefix(line, "IpExt:"); ok {
			names, values = values, strings.Fields(rest)
		}
	}
	for i, name := range names {
		n, err := strconv.ParseUint(values[i], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		switch name {
		case "InOctets":
			in = n
		case "OutOctets":
			out = n
		}
	}
	return in, out
}

// flows reads all flows of the store.
func flows(t *testing.T, path string) []flow.Record {
	t.Helper()
	store, err := db.OpenReader(t.Context(), path, db.ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var all []flow.Record
	err = store.Each(t.Context(), search.Request{Query: search.Query{Limit: -1}}, func(r *flow.Record) error {
		all = append(all, *r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func octets(all []flow.Record) (sent, recv uint64) {
	for _, r := range all {
		if r.Src.Addr.String() == hereAddr {
			sent, recv = sent+r.Sent.Octets, recv+r.Recv.Octets
		} else {
			sent, recv = sent+r.Recv.Octets, recv+r.Sent.Octets
		}
	}
	return sent, recv
}

func TestLiveCaptureStoresExactlyTheFlowsThatWere(t *testing.T) {
	l := newLab(t)
	l.startServer(t)
	path := filepath.Join(t.TempDir(), "weir.db")
	weir := l.startCapture(t, path)
	in0, out0 := l.ipOctets(t)
	if out, err := command(l.here, "client", thereAddr, holeAddr).CombinedOutput(); err != nil {
		t.Fatalf("client: %v\n%s", err, out)
	}
	// Retransmissions to the hole may go on for a while: the kernel's counters
	// are read again until weir has what they say.
	waitFor(t, "every octet that the kernel counted", func() bool {
		in1, out1 := l.ipOctets(t)
		sent, recv := octets(flows(t, path))
		return sent == out1-out0 && recv == in1-in0
	})
	interrupt(t, weir)

	want := map[string]int{
		"TCP 8080 closed SYN ACK FIN": 200, "UDP 5353 answered": 50, "ICMP 0 answered": 5, "TCP 9 refused": 3, "TCP 8080 no-answer": 2,
	}
	got := map[string]int{}
	for _, r := range flows(t, path) {
		checkLiveFlow(t, &r)
		words := fmt.Sprintf("%s %d %s", r.Proto, r.Dst.Port, r.Verdict)
		if r.Verdict == flow.Closed && r.Flags().Has(flow.SYN|flow.ACK|flow.FIN) {
			words += " SYN ACK FIN"
		}
		got[words]++
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("flows in the store: %v\nwant %v", got, want)
	}
}

// checkLiveFlow checks what holds for every flow of the live test.
func checkLiveFlow(t *testing.T, r *flow.Record) {
	t.Helper()
	if r.Src.Addr.String() != hereAddr {
		t.Errorf("flow %d: the source is %s, want the initiator %s", r.ID, r.Src.Addr, hereAddr)
	}
	if r.Open() {
		t.Errorf("flow %d is still open after a clean end", r.ID)
	}
	if r.Src.Node != "here" || r.Node != "here" || r.Interface != hereIf {
		t.Errorf("flow %d: source node %q, node %q, interface %q", r.ID, r.Src.Node, r.Node, r.Interface)
	}
	if r.Verdict == flow.Refused && r.Flags() != flow.SYN|flow.RST|flow.ACK {
		t.Errorf("flow %d was refused with flags %v", r.ID, r.Flags())
	}
	if r.Verdict == flow.NoAnswer && (r.Flags() != flow.SYN || r.Recv.Packets != 0) {
		t.Errorf("flow %d had no answer, flags %v, %d packets back", r.ID, r.Flags(), r.Recv.Packets)
	}
}

// interrupt ends weir as Ctrl-C does and checks its exit code.
func interrupt(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("weir capture ended with %v", err)
	}
}

func TestKillDuringCaptureLosesAtMostTheLastSecond(t *testing.T) {
	l := newLab(t)
	l.startServer(t)
	path := filepath.Join(t.TempDir(), "weir.db")
	weir := l.startCapture(t, path)
	if out, err := command(l.here, "client", thereAddr, holeAddr).CombinedOutput(); err != nil {
		t.Fatalf("client: %v\n%s", err, out)
	}
	clientDone := time.Now()
	// Durable within a second: what the client did before must be there then.
	waitFor(t, "a second to pass", func() bool { return time.Since(clientDone) > time.Second })
	if err := weir.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = weir.Wait() // killed, that is its error
	if got := len(flows(t, path)); got != 260 {
		t.Errorf("%d flows in the store after kill -9, want 260", got)
	}
	again := l.startCapture(t, path) // the store opens for writing at once
	interrupt(t, again)
}

func TestCaptureWithoutPermissionSaysTheOneCommandThatGivesIt(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: needs root to become nobody")
	}
	dir := t.TempDir()
	self := filepath.Join(dir, "weir")
	binary, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(self, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	for d := dir; d != "/"; d = filepath.Dir(d) { // let nobody reach it
		if info, err := os.Stat(d); err == nil && info.Mode()&0o055 != 0o055 && strings.HasPrefix(d, os.TempDir()+"/") {
			if err := os.Chmod(d, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	cmd := exec.Command(self, "capture", "-i", "lo", "--db", filepath.Join(dir, "weir.db"))
	cmd.Env = append(os.Environ(), roleEnv+"=weir")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != exitFailed {
		t.Errorf("exit code %d (%v), want %d", cmd.ProcessState.ExitCode(), err, exitFailed)
	}
	if lines := strings.Count(string(out), "\n"); lines != 1 || !strings.Contains(string(out), "setcap cap_net_raw") {
		t.Errorf("it said:\n%swant one line with the setcap command", out)
	}
}
