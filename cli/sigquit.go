package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/term"
)

// patienceAtQuit is how long the screen has to end in order after SIGQUIT.
const patienceAtQuit = 2 * time.Second

// leaveScreen takes a terminal back from a screen that can't do so itself: no
// mouse, no bracketed paste, the cursor visible, and the screen from before.
const leaveScreen = "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?25h\x1b[?1049l\x1b[m\r\n"

// quitError is the end by SIGQUIT, with what everything was doing then.
type quitError struct{ stacks []byte }

func (e *quitError) Error() string {
	return fmt.Sprintf("ended by SIGQUIT; goroutine stacks:\n\n%s", e.stacks)
}

// untilQuit runs show and ends it at SIGQUIT, which Go's own handling would do
// without giving the terminal back. A screen that is stuck is ended the hard way;
// leave is what is written to out then.
func untilQuit(ctx context.Context, in io.Reader, out, stderr io.Writer, leave string, show func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	quit := make(chan os.Signal, 1)
	signal.Notify(quit, syscall.SIGQUIT)
	defer signal.Stop(quit)
	restore := func() {}
	if f, ok := in.(*os.File); ok {
		if state, err := term.GetState(int(f.Fd())); err == nil {
			restore = func() { _ = term.Restore(int(f.Fd()), state) }
		}
	}
	shown := make(chan error, 1)
	go func() { shown <- show(ctx) }()
	select {
	case err := <-shown:
		return err
	case <-quit:
	}
	err := &quitError{allStacks()}
	stop()
	select {
	case <-shown: //nolint:errcheck // err, the reason for the end, is what is reported
		return err
	case <-time.After(patienceAtQuit):
	}
	abandon(out, stderr, leave, restore, err)
	os.Exit(exitFailed) //nolint:gocritic // exitAfterDefer: signals stay caught until the process has ended
	return nil
}

// abandon restores the terminal when the screen is stuck. In line mode, where
// leave is empty, it doesn't write to out, which may be a full pipe.
func abandon(out, stderr io.Writer, leave string, restore func(), err error) {
	if leave != "" {
		_, _ = io.WriteString(raw(out), leave)
	}
	restore()
	fmt.Fprintf(raw(stderr), "weir: %s\n", err)
}

// allStacks is what each goroutine is doing.
func allStacks() []byte {
	buf := make([]byte, 1<<20)
	return buf[:runtime.Stack(buf, true)]
}
