package tui

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hinshun/vt10x"
	"golang.org/x/term"

	"weir/internal/ptytest"
	"weir/search"
	"weir/tui/tuitest"
	"weir/tui/ui"
)

// patience is the timeout for the screen to show something, which takes a few
// milliseconds on an idle machine.
const patience = 20 * time.Second

// terminal is a terminal that runs the whole program.
type terminal struct {
	t      *testing.T
	master *os.File
	before *term.State // of the line, before the program
	tty    *os.File
	done   chan error

	stalled sync.Mutex // locked while nothing is read

	mu   sync.Mutex
	raw  bytes.Buffer
	vt   vt10x.Terminal
	news chan struct{} // signals output
}

// startTerminal runs the screen in a pseudo terminal of w by h.
func startTerminal(ctx context.Context, t *testing.T, w, h int, cfg Config) *terminal {
	t.Helper()
	master, tty, err := ptytest.Open(w, h)
	if err != nil {
		t.Skipf("no pseudo terminal: %v", err)
	}
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{
		t: t, master: master, tty: tty, before: before, done: make(chan error, 1),
		vt: vt10x.New(vt10x.WithSize(w, h)), news: make(chan struct{}, 1),
	}
	cfg.Env = []string{"TERM=xterm-256color", "TERM_PROGRAM=Apple_Terminal"} // for which Bubble Tea queries no capabilities
	cfg.Loc = testZone
	go term.read()
	go func() { term.done <- Run(ctx, cfg, tty, tty) }()
	// The tty stays open: a killed program does not wait for the goroutine that reads.
	t.Cleanup(func() { _ = master.Close() })
	return term
}

func (x *terminal) read() {
	buf := make([]byte, 1<<16)
	for {
		x.stalled.Lock()
		x.stalled.Unlock() //nolint:staticcheck // waits for the end of a stall
		n, err := x.master.Read(buf)
		x.mu.Lock()
		x.raw.Write(buf[:n])
		_, _ = x.vt.Write(buf[:n])
		x.mu.Unlock()
		select {
		case x.news <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

func (x *terminal) screen() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.vt.String()
}

// until waits for a condition on the screen.
func (x *terminal) until(what string, holds func(screen string) bool) {
	x.t.Helper()
	deadline := time.After(patience)
	for !holds(x.screen()) {
		select {
		case <-x.news:
		case <-deadline:
			x.t.Fatalf("timed out waiting for %s%s:\n%s", what, x.ending(), x.screen())
		}
	}
}

// ending returns whether the program has ended, and how, for messages.
func (x *terminal) ending() string {
	select {
	case err := <-x.done:
		return fmt.Sprintf("; the program has ended: %v", err)
	default:
		return ""
	}
}

func (x *terminal) shows(text string) {
	x.t.Helper()
	x.until(text, func(screen string) bool { return strings.Contains(screen, text) })
}

func (x *terminal) typeKeys(keys string) {
	x.t.Helper()
	if _, err := x.master.WriteString(keys); err != nil {
		x.t.Fatal(err)
	}
}

// wantRestored waits for the program to end and checks that the terminal is restored.
func (x *terminal) wantRestored() error {
	x.t.Helper()
	var err error
	select {
	case err = <-x.done:
	case <-time.After(patience):
		x.t.Fatal("the program does not end")
	}
	after, stateErr := term.GetState(int(x.tty.Fd()))
	if stateErr != nil {
		x.t.Fatal(stateErr)
	}
	if *after != *x.before {
		x.t.Error("the terminal's modes were not restored")
	}
	x.until("the last output", func(string) bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		out := x.raw.String()
		return strings.LastIndex(out, "\x1b[?1049l") > strings.LastIndex(out, "\x1b[?1049h") && // back from the alternate screen
			strings.LastIndex(out, "\x1b[?25h") > strings.LastIndex(out, "\x1b[?25l") && // the cursor is visible
			strings.LastIndex(out, "\x1b[?2004l") > strings.LastIndex(out, "\x1b[?2004h") // no bracketed paste
	})
	return err
}

func TestWholeProgramStartsFiltersAndQuits(t *testing.T) {
	store := tuitest.NewStore()
	now := func() time.Time { return testNow }
	x := startTerminal(t.Context(), t, 160, 30, Config{Store: store, Query: search.Query{Range: search.Range{Last: search.DefaultRange}}, Now: now})
	x.shows("8 flows (limit 1,000)")
	x.shows("no answer")
	x.typeKeys("/proto:udp\r")
	x.shows("2 flows (limit 1,000)")
	x.typeKeys("\x1b[B\r") // down, Enter
	x.shows("observed by")
	if !strings.Contains(x.screen(), "proto:udp") {
		t.Errorf("the filter is not on the screen:\n%s", x.screen())
	}
	x.typeKeys("q")
	if err := x.wantRestored(); err != nil {
		t.Errorf("quitting must not be an error, got %v", err)
	}
}

func TestTheTerminalIsRestoredHoweverTheProgramEnds(t *testing.T) {
	t.Run("control C in a dialog", func(t *testing.T) {
		x := startTerminal(t.Context(), t, 80, 24, Config{Store: tuitest.NewStore()})
		x.shows("8 flows")
		x.typeKeys("?")
		x.shows("Keys")
		x.typeKeys("\x03")
		if err := x.wantRestored(); err != nil {
			t.Error(err)
		}
	})
	t.Run("a signal ends the context", func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		x := startTerminal(ctx, t, 80, 24, Config{Store: tuitest.NewStore()})
		x.shows("8 flows")
		stop()
		if err := x.wantRestored(); err != nil {
			t.Error(err)
		}
	})
	t.Run("panic", func(t *testing.T) {
		store := &panicStore{Store: tuitest.NewStore(), armed: make(chan struct{})}
		x := startTerminal(t.Context(), t, 80, 24, Config{Store: store})
		x.shows("8 flows")
		close(store.armed)
		if err := x.wantRestored(); err == nil {
			t.Error("a panic is an error")
		}
	})
}

// panicStore panics in Version once armed.
type panicStore struct {
	*tuitest.Store
	armed chan struct{}
}

func (s *panicStore) Version() uint64 {
	select {
	case <-s.armed:
		panic("test: the store panics")
	default:
		return s.Store.Version()
	}
}

// countingStore counts calls of Version.
type countingStore struct {
	*tuitest.Store
	asked chan struct{}
}

func (s *countingStore) Version() uint64 {
	select {
	case s.asked <- struct{}{}:
	default:
	}
	return s.Store.Version()
}

// written returns how many bytes the program has written to the terminal.
func (x *terminal) written() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.raw.Len()
}

func TestANewRowCostsFewBytes(t *testing.T) {
	const rows, budget = 10, 250 // bytes a row at 160 columns
	store := tuitest.NewStore()
	store.Add(manyFlows(200)...)
	x := startTerminal(t.Context(), t, 160, 48, Config{Store: store, Now: func() time.Time { return testNow }})
	x.shows("208 flows")
	before := x.written()
	for i := range rows {
		r := sampleFlows()[i%6]
		r.ID, r.Start = int64(10_000+i), testNow.Add(time.Duration(i)*time.Second)
		r.Src.Port = uint16(10_000 + i)
		store.Add(r)
		x.shows(ui.Count(209+i) + " flows")
	}
	if got := (x.written() - before) / rows; got > budget {
		t.Errorf("a new row takes %d bytes, want %d at most", got, budget)
	} else {
		t.Logf("a new row takes %d bytes", got)
	}
}

func TestAnIdleScreenWritesNothing(t *testing.T) {
	store := &countingStore{Store: tuitest.NewStore(), asked: make(chan struct{})}
	x := startTerminal(t.Context(), t, 80, 24, Config{Store: store})
	x.shows("8 flows (limit 1,000)")
	sizes := []int{}
	for range 10 { // ticks; there are many frames between two of them
		<-store.asked
		sizes = append(sizes, x.written())
	}
	if late := sizes[3:]; slices.Max(late) != slices.Min(late) {
		t.Errorf("bytes written by pulse: %v", sizes)
	}
	x.typeKeys("q")
	if err := x.wantRestored(); err != nil {
		t.Error(err)
	}
}
