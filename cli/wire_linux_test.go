package cli

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"weir/flow"
)

// wire is a lab whose only packets are those of the test, and a capture of them.
type wire struct {
	lab
	store string
	weir  *exec.Cmd
}

// newWire starts a capture at the interface of here. Without offloads it carries each packet by itself.
func newWire(t *testing.T) *wire {
	t.Helper()
	l := newLab(t)
	l.fixNeighbours(t)
	l.offload(t, l.here, hereIf, noOffload)
	l.offload(t, l.there, thereIf, noOffload)
	w := &wire{lab: l, store: filepath.Join(t.TempDir(), "weir.db")}
	w.weir = l.startCapture(t, w.store)
	return w
}

// fixNeighbours sets the link addresses of both sides, so that they don't send ARP.
func (l lab) fixNeighbours(t *testing.T) {
	t.Helper()
	sh(t, "ip -n "+l.here+" neigh replace "+thereAddr+" lladdr "+l.mac(t, l.there, thereIf)+" dev "+hereIf+" nud permanent")
	sh(t, "ip -n "+l.there+" neigh replace "+hereAddr+" lladdr "+l.mac(t, l.here, hereIf)+" dev "+thereIf+" nud permanent")
}

func (l lab) mac(t *testing.T, ns, dev string) string {
	t.Helper()
	return strings.TrimSpace(sh(t, "ip netns exec "+ns+" cat /sys/class/net/"+dev+"/address"))
}

// noOffload is an interface without division of sent packets and without merging of received ones.
const noOffload = "tso off gso off gro off"

// offload sets features of an interface, as ethtool(8) names them.
func (l lab) offload(t *testing.T, ns, dev, features string) {
	t.Helper()
	needs(t, "ethtool")
	sh(t, "ip netns exec "+ns+" ethtool -K "+dev+" "+features)
}

func needs(t *testing.T, tool string) {
	t.Helper()
	if _, err := exec.LookPath(tool); err != nil {
		t.Skipf("SKIPPED, NOTHING PROVEN: needs the command %s (Debian's %s)", tool, map[string]string{"nft": "nftables", "ethtool": "ethtool"}[tool])
	}
}

// stop ends the capture and returns the flows in the store by the time they began.
func (w *wire) stop(t *testing.T, want int) []flow.Record {
	t.Helper()
	interrupt(t, w.weir)
	all := flows(t, w.store)
	slices.SortFunc(all, func(a, b flow.Record) int { return a.Start.Compare(b.Start) })
	if len(all) != want {
		t.Fatalf("%d flows, want %d: %+v", len(all), want, all)
	}
	return all
}

// within runs f in a thread that is in the network namespace ns: sockets that it opens stay there.
func within[T any](t *testing.T, ns string, f func() (T, error)) T {
	t.Helper()
	var result T
	failed := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		fd, err := unix.Open("/run/netns/"+ns, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			err = unix.Setns(fd, unix.CLONE_NEWNET)
			_ = unix.Close(fd)
		}
		if err == nil {
			result, err = f()
		}
		failed <- err
	}()
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
	return result
}

// traffic is what the kernel counted at an interface, or at IP, in both directions.
type traffic struct{ in, out flow.Counters }

func (a traffic) minus(b traffic) traffic {
	return traffic{
		in:  flow.Counters{Packets: a.in.Packets - b.in.Packets, Octets: a.in.Octets - b.in.Octets},
		out: flow.Counters{Packets: a.out.Packets - b.out.Packets, Octets: a.out.Octets - b.out.Octets},
	}
}

// at returns the statistics of an interface, all of whose frames have an Ethernet header and IPv4.
func at(t *testing.T, ns, dev string) (all traffic) {
	t.Helper()
	for line := range strings.Lines(procNet(t, ns, "dev")) {
		name, rest, _ := strings.Cut(line, ":")
		if strings.TrimSpace(name) != dev {
			continue
		}
		n := numbers(t, strings.Fields(rest))
		all.in = flow.Counters{Octets: n[0] - 14*n[1], Packets: n[1]}
		all.out = flow.Counters{Octets: n[8] - 14*n[9], Packets: n[9]}
	}
	return all
}

// counters returns the numbers of a group, "IpExt" or "Tcp", by name.
func counters(t *testing.T, ns, file, group string) map[string]uint64 {
	t.Helper()
	var names, values []string
	for line := range strings.Lines(procNet(t, ns, file)) {
		if rest, ok := strings.CutPrefix(line, group+":"); ok {
			names, values = values, strings.Fields(rest)
		}
	}
	all := map[string]uint64{}
	for i, name := range names {
		if n, err := strconv.ParseUint(values[i], 10, 64); err == nil { // Tcp MaxConn is -1
			all[name] = n
		}
	}
	return all
}

func procNet(t *testing.T, ns, file string) string {
	t.Helper()
	return string(within(t, ns, func() ([]byte, error) { return os.ReadFile("/proc/thread-self/net/" + file) }))
}

func numbers(t *testing.T, words []string) []uint64 {
	t.Helper()
	all := make([]uint64, len(words))
	for i, word := range words {
		n, err := strconv.ParseUint(word, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		all[i] = n
	}
	return all
}

// listen listens in namespace ns until the end of the test.
func listen(t *testing.T, ns, addr string, port uint16) *net.TCPListener {
	t.Helper()
	l := within(t, ns, func() (net.Listener, error) { return net.Listen("tcp4", net.JoinHostPort(addr, fmt.Sprint(port))) })
	t.Cleanup(func() { _ = l.Close() })
	return l.(*net.TCPListener)
}

// dial connects from a port of here, which may be in TIME-WAIT, to an address of there.
func (l lab) dial(t *testing.T, from uint16, to string) (c *net.TCPConn, refused bool) {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(hereAddr), Port: int(from)}, Control: func(_, _ string, c syscall.RawConn) (err error) {
		failed := c.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1) })
		if failed != nil {
			return failed
		}
		return err
	}}
	c = within(t, l.here, func() (*net.TCPConn, error) {
		c, err := d.Dial("tcp4", to)
		if err != nil {
			if strings.Contains(err.Error(), unix.ECONNREFUSED.Error()) {
				refused = true
				return nil, nil
			}
			return nil, err
		}
		return c.(*net.TCPConn), nil
	})
	if c != nil {
		t.Cleanup(func() { _ = c.Close() })
	}
	return c, refused
}

// connect is dial to a listener that accepts.
func (l lab) connect(t *testing.T, from uint16, at *net.TCPListener) (client, server *net.TCPConn) {
	t.Helper()
	client, refused := l.dial(t, from, at.Addr().String())
	if refused {
		t.Fatal("refused")
	}
	server, err := at.AcceptTCP()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return client, server
}

// tcpInfo returns the counters that the kernel has for a connection.
func tcpInfo(t *testing.T, c *net.TCPConn) *unix.TCPInfo {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var info *unix.TCPInfo
	var failed error
	err = raw.Control(func(fd uintptr) { info, failed = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO) })
	if err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	return info
}

const tcpClosed = 7 // tcpi_state: TCP_CLOSE, also of a connection in TIME-WAIT

// closeBoth ends a connection, the first side first, and returns the counters of the client after its
// last packet.
func closeBoth(t *testing.T, first, second, client *net.TCPConn) *unix.TCPInfo {
	t.Helper()
	for i, c := range []*net.TCPConn{first, second} {
		if err := c.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		readEOF(t, []*net.TCPConn{second, first}[i])
	}
	waitFor(t, "the client's last packet", func() bool { return tcpInfo(t, client).State == tcpClosed })
	return tcpInfo(t, client)
}
