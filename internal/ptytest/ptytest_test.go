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

// patience is how long a terminal may take to hand over a line.
const patience = 30 * time.Second

// TestTheEndsBelongTogether also while the collector moves the stacks: a path
// that lands on the old one is that of somebody else's terminal.
func TestTheEndsBelongTogether(t *testing.T) {
	needTerminals(t)
	master, tty, err := Open(80, 24) // the others are not the first, whose number is 0
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
			failed <- talk(fmt.Sprint(i))
		}()
		select {
		case err := <-failed:
			if err != nil {
				t.Fatalf("terminal %d: %v", i, err)
			}
		case <-time.After(patience):
			t.Fatalf("terminal %d: what is written at one end does not arrive at the other", i)
		}
	}
}

// needTerminals skips a test where there are no pseudo terminals at all.
func needTerminals(t *testing.T) {
	t.Helper()
	f, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo terminals: %v", err)
	}
	_ = f.Close()
}

// deepen makes the stack large, so that the collector shrinks it.
func deepen(n int) byte {
	var frame [64]byte
	if n > 0 {
		frame[n%len(frame)] = deepen(n - 1)
	}
	return frame[0]
}

// talk opens a terminal, says word at the program's end and listens at the other.
func talk(word string) error {
	master, tty, err := Open(80, 24)
	if err != nil {
		return err
	}
	defer func() { _, _ = master.Close(), tty.Close() }()
	if _, err := tty.WriteString(word); err != nil {
		return err
	}
	heard := make([]byte, len(word))
	if _, err := io.ReadFull(master, heard); err != nil {
		return err
	}
	if string(heard) != word {
		return fmt.Errorf("said %q, heard %q", word, heard)
	}
	return nil
}

func TestSizes(t *testing.T) {
	needTerminals(t)
	master, tty, err := Open(120, 40)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = master.Close(), tty.Close() }()
	want := func(columns, rows uint16) {
		t.Helper()
		got, err := unix.IoctlGetWinsize(int(tty.Fd()), unix.TIOCGWINSZ)
		if err != nil || got.Col != columns || got.Row != rows {
			t.Errorf("the size is %+v, %v, want %d columns, %d rows", got, err, columns, rows)
		}
	}
	want(120, 40)
	if err := Resize(master, 160, 48); err != nil {
		t.Fatal(err)
	}
	want(160, 48)
}

func TestStart(t *testing.T) {
	needTerminals(t)
	cmd := exec.Command("sh", "-c", "stty size </dev/tty >&2")
	master, err := Start(cmd, 132, 43)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = master.Close() }()
	reader := bufio.NewReader(master)
	said, err := reader.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(said); got != "43 132" {
		t.Errorf("the controlling terminal says %q, want 43 132", got)
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
			t.Error("the command says more than it should")
		}
	case <-time.After(patience):
		t.Error("the program's end is still open here")
	}
	if _, err := Start(exec.Command("/nonexistent"), 80, 24); err == nil {
		t.Error("a command that is not there starts")
	}
}
