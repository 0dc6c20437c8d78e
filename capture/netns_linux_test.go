package capture_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"weir/capture"
)

// namespaceEnv is set in the child process that runs the body of a test.
const namespaceEnv = "WEIR_TEST_NETNS"

// timeout is how long a test waits for an event. Only a failing test waits that long.
const timeout = 20 * time.Second

// inNamespace runs the rest of the test in a child process in a separate network
// namespace, and returns false in the parent:
//
//	if !inNamespace(t) {
//		return
//	}
func inNamespace(t *testing.T) bool {
	t.Helper()
	if os.Getenv(namespaceEnv) == t.Name() {
		return true
	}
	name := fmt.Sprintf("weir-%d-%s", os.Getpid(), strings.ToLower(t.Name()))
	if out, err := exec.Command("ip", "netns", "add", name).CombinedOutput(); err != nil {
		t.Skipf("SKIPPED, NOTHING PROVEN: live capture is tested in a network namespace, which needs root and `ip`: %v %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("ip", "netns", "del", name).CombinedOutput(); err != nil {
			t.Errorf("remove the namespace: %v %s", err, out)
		}
	})
	child := exec.Command("ip", "netns", "exec", name, os.Args[0],
		"-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=60s")
	child.Env = append(os.Environ(), namespaceEnv+"="+t.Name())
	out, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("in the namespace: %v\n%s", err, out)
	}
	return false
}

// ip runs the ip command.
func ip(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %v: %v %s", args, err, out)
	}
}

// vethPair creates two connected interfaces, here and there, without other traffic.
func vethPair(t *testing.T) {
	t.Helper()
	err := os.WriteFile("/proc/sys/net/ipv6/conf/default/disable_ipv6", []byte("1"), 0)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	ip(t, "link", "add", "here", "type", "veth", "peer", "name", "there")
	ip(t, "link", "set", "here", "up")
	ip(t, "link", "set", "there", "up")
}

// sender returns a function that sends frames on an interface.
func sender(t *testing.T, name string) func(frame []byte) {
	t.Helper()
	i, err := net.InterfaceByName(name)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return func(frame []byte) {
		t.Helper()
		if err := unix.Sendto(fd, frame, 0, &unix.SockaddrLinklayer{Ifindex: i.Index}); err != nil {
			t.Fatal(err)
		}
	}
}

// ethernet returns a frame with the local experimental EtherType (IEEE 802).
func ethernet(payload string) []byte {
	b := []byte{
		2, 0, 0, 0, 0, 1, // destination
		2, 0, 0, 0, 0, 2, // source
		0x88, 0xb5,
	}
	return append(b, payload...)
}

// openLive captures on an interface until the end of the test.
func openLive(t *testing.T, cfg capture.LiveConfig) capture.Source {
	t.Helper()
	src, err := capture.OpenLive(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	return src
}

// next waits for a frame.
func next(t *testing.T, src capture.Source, f *capture.Frame) {
	t.Helper()
	for deadline := time.Now().Add(timeout); time.Now().Before(deadline); {
		switch err := src.Next(f); {
		case err == nil:
			return
		case !errors.Is(err, capture.ErrIdle):
			t.Fatal(err)
		}
	}
	t.Fatal("no frame received")
}

// readUntilIdle reads until Next returns ErrIdle, and returns the number of frames.
func readUntilIdle(t *testing.T, src capture.Source) (n uint64) {
	t.Helper()
	var f capture.Frame
	for {
		switch err := src.Next(&f); {
		case errors.Is(err, capture.ErrIdle):
			return n
		case err != nil:
			t.Fatal(err)
		}
		n++
	}
}

// waitForError waits for the error that ends src.
func waitForError(t *testing.T, src capture.Source) error {
	t.Helper()
	ended := make(chan error, 1)
	go func() {
		var f capture.Frame
		for {
			if err := src.Next(&f); err != nil && !errors.Is(err, capture.ErrIdle) {
				ended <- err
				return
			}
		}
	}()
	select {
	case err := <-ended:
		return err
	case <-time.After(timeout):
		t.Fatal("the source does not end")
		return io.EOF
	}
}
