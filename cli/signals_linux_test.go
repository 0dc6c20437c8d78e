package cli

import (
	"bufio"
	"errors"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/term"
)

// TestTheTerminalIsGivenBackAtEverySignal sends signals to the whole program.
func TestTheTerminalIsGivenBackAtEverySignal(t *testing.T) {
	for _, c := range []struct {
		signal syscall.Signal
		code   int
		says   string
	}{
		{syscall.SIGTERM, exitOK, ""},
		{syscall.SIGHUP, exitOK, ""},
		{syscall.SIGINT, exitOK, ""},
		{syscall.SIGQUIT, exitFailed, "ended by SIGQUIT; goroutine stacks:"},
	} {
		t.Run(c.signal.String(), func(t *testing.T) {
			p := startProgram(t, t.TempDir(), "--demo")
			p.shows("LIVE")
			raw, err := term.GetState(int(p.master.Fd()))
			if err != nil {
				t.Fatal(err)
			}
			if err := p.cmd.Process.Signal(c.signal); err != nil {
				t.Fatal(err)
			}
			err = p.cmd.Wait()
			var exit *exec.ExitError
			if errors.As(err, &exit) != (c.code != exitOK) || exit != nil && exit.ExitCode() != c.code {
				t.Errorf("ended with %v, want exit code %d", err, c.code)
			}
			after, err := term.GetState(int(p.master.Fd()))
			if err != nil {
				t.Fatal(err)
			}
			if *after == *raw {
				t.Error("the terminal is still raw")
			}
			p.readsAll()
			p.reads(c.says)
			p.mu.Lock()
			defer p.mu.Unlock()
			for on, off := range map[string]string{"\x1b[?1049h": "\x1b[?1049l", "\x1b[?25l": "\x1b[?25h", "\x1b[?2004h": "\x1b[?2004l", "\x1b[?1002h": "\x1b[?1002l"} {
				if out := p.raw.String(); strings.LastIndex(out, off) < strings.LastIndex(out, on) {
					t.Errorf("%q is never taken back", on)
				}
			}
		})
	}
}

// timeout(1) sends its signal twice. What ended at once would leave flows open in
// the store.
func TestSignalsThatComeTogetherAreOne(t *testing.T) {
	dir := t.TempDir()
	cmd := weirCommand(t, dir, "capture", "--demo", "--db", "weir.db")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	says := bufio.NewScanner(stderr)
	if !says.Scan() || !strings.Contains(says.Text(), "capturing on") {
		t.Errorf("it said %q (%v)", says.Text(), says.Err())
	}
	for range 20_000 { // as long as ending takes
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended meanwhile
	}
	if !says.Scan() || !strings.Contains(says.Text(), "flows") {
		t.Errorf("at the end it said %q (%v), want how many flows", says.Text(), says.Err())
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("ended with %v, want exit code 0", err)
	}
	if open := weirOutput(t, dir, "query", "--db", "weir.db", "reason:open", "--json"); open != "" {
		t.Errorf("left open:\n%s", open)
	}
}
