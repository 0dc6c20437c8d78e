//go:build linux || darwin

package ptytest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// timeout limits the wait for a line from a terminal.
const timeout = 30 * time.Second

// TestBothEndsBelongToOneTerminal opens terminals while the garbage collector
// moves stacks: a path written to the old stack would name another terminal.
func TestBothEndsBelongToOneTerminal(t *testing.T) {
	requireTerminals(t)
	master, tty, err := Open(80, 24) // so that the others do not have number 0, the zero value
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = master.Close(), tty.Close() }()
	done := make(chan struct{})
	defer close(done)
	go func() {
		for {
			select {
			case <-done:
				return
			default:
				runtime.GC()
			}
		}
	}()
	failed := make(chan error)
	for i := range 5_000 {
		go func() {
			deepen(200)
			failed <- transmit(fmt.Sprint(i))
		}()
		select {
		case err := <-failed:
			if err != nil {
				t.Fatalf("terminal %d: %v", i, err)
			}
		case <-time.After(timeout):
			t.Fatalf("terminal %d: text written at one end does not arrive at the other", i)
		}
	}
}

// requireTerminals skips a test on systems without pseudo terminals.
func requireTerminals(t *testing.T) {
	t.Helper()
	f, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo terminals: %v", err)
	}
	_ = f.Close()
}

// deepen grows the stack, so that the garbage collector shrinks it.
func deepen(n int) byte {
	var frame [64]byte
	if n > 0 {
		frame[n%len(frame)] = deepen(n - 1)
	}
	return frame[0]
}

// transmit opens a terminal, writes word at the program's end and reads it at the
// other.
func transmit(word string) error {
	master, tty, err := Open(80, 24)
	if err != nil {
		return err
	}
	defer func() { _, _ = master.Close(), tty.Close() }()
	if _, err := tty.WriteString(word); err != nil {
		return err
	}
	got := make([]byte, len(word))
	if _, err := io.ReadFull(master, got); err != nil {
		return err
	}
	if string(got) != word {
		return fmt.Errorf("wrote %q, read %q", word, got)
	}
	return nil
}

func TestResize(t *testing.T) {
	requireTerminals(t)
	master, tty, err := Open(120, 40)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = master.Close(), tty.Close() }()
	want := func(columns, rows uint16) {
		t.Helper()
		got, err := unix.IoctlGetWinsize(int(tty.Fd()), unix.TIOCGWINSZ)
		if err != nil || got.Col != columns || got.Row != rows {
			t.Errorf("size %+v, %v, want %d columns, %d rows", got, err, columns, rows)
		}
	}
	want(120, 40)
	if err := Resize(master, 160, 48); err != nil {
		t.Fatal(err)
	}
	want(160, 48)
}

func TestStart(t *testing.T) {
	requireTerminals(t)
	cmd := exec.Command("sh", "-c", "stty size </dev/tty >&2")
	master, err := Start(cmd, 132, 43)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = master.Close() }()
	reader := bufio.NewReader(master)
	line, err := reader.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(line); got != "43 132" {
		t.Errorf("size of the controlling terminal is %q, want 43 132", got)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := reader.ReadByte()
		ended <- err
	}()
	select {
	case err := <-ended: // EIO on Linux, EOF on macOS
		if err == nil {
			t.Error("the command printed unexpected output")
		}
	case <-time.After(timeout):
		t.Error("the program's end is still open in this process")
	}
	if _, err := Start(exec.Command("/nonexistent"), 80, 24); err == nil {
		t.Error("Start succeeds for a missing command")
	}
}
