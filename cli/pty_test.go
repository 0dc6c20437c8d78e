package cli

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hinshun/vt10x"

	"weir/internal/ptytest"
)

// patience is how long a test waits for the screen to show something.
const patience = 30 * time.Second

// program is weir in a pseudo-terminal.
type program struct {
	t      *testing.T
	cmd    *exec.Cmd
	master *os.File
	mu     sync.Mutex
	raw    strings.Builder
	vt     vt10x.Terminal
	news   chan struct{} // something was written, or the program has ended
	end    chan struct{} // closed when all that the program wrote is read
}

// startProgram runs weir in dir, with its files below it.
func startProgram(t *testing.T, dir string, args ...string) *program {
	t.Helper()
	return runProgram(t, weirCommand(t, dir, args...))
}

// runProgram runs a command that shows the screen.
func runProgram(t *testing.T, cmd *exec.Cmd) *program {
	t.Helper()
	p := &program{t: t, cmd: cmd, vt: vt10x.New(vt10x.WithSize(120, 40)), news: make(chan struct{}, 1), end: make(chan struct{})}
	p.cmd.Env = append(p.cmd.Env, "TERM=xterm-256color", "TERM_PROGRAM=Apple_Terminal")
	var err error
	if p.master, err = ptytest.Start(p.cmd, 120, 40); err != nil {
		t.Skipf("no pseudo terminal: %v", err)
	}
	go p.read()
	t.Cleanup(func() { _ = p.master.Close() })
	return p
}

func (p *program) read() {
	defer close(p.end)
	buf := make([]byte, 1<<16)
	for {
		n, err := p.master.Read(buf)
		p.mu.Lock()
		_, _ = p.raw.Write(buf[:n])
		_, _ = p.vt.Write(buf[:n])
		p.mu.Unlock()
		select {
		case p.news <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// shows waits until the screen shows text.
func (p *program) shows(text string) {
	p.t.Helper()
	p.waitFor(text, p.vt.String)
}

// reads waits until text was written, wherever it is now.
func (p *program) reads(text string) {
	p.t.Helper()
	p.waitFor(text, p.raw.String)
}

// readsAll waits until all that the program wrote before it ended is read.
func (p *program) readsAll() {
	p.t.Helper()
	select {
	case <-p.end:
	case <-time.After(patience):
		p.t.Fatal("the terminal stays open after the end of the program")
	}
}

func (p *program) waitFor(text string, written func() string) {
	p.t.Helper()
	deadline := time.After(patience)
	for {
		p.mu.Lock()
		screen := written()
		p.mu.Unlock()
		if strings.Contains(screen, text) {
			return
		}
		select {
		case <-p.news:
		case <-deadline:
			p.t.Fatalf("timed out waiting for %q:\n%s", text, screen)
		}
	}
}

func (p *program) keys(s string) {
	p.t.Helper()
	if _, err := p.master.WriteString(s); err != nil {
		p.t.Fatal(err)
	}
}

// ends waits for the program to end well.
func (p *program) ends() {
	p.t.Helper()
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("weir ended with %v", err)
	}
}
