package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestAPipeNobodyWritesIntoCanBeInterrupted: the first Ctrl-C ends every command
// that waits for a writer.
func TestAPipeNobodyWritesIntoCanBeInterrupted(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("XDG_STATE_HOME", dir)
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"query", "capture"} {
		ctx, interrupt := context.WithCancel(t.Context())
		var stderr bytes.Buffer
		code := make(chan int)
		go func() { code <- run(ctx, []string{command, "-r", pipe}, nil, &bytes.Buffer{}, &stderr) }()
		interrupt()
		if got := <-code; got != exitFailed || !strings.Contains(stderr.String(), "interrupted while opening "+pipe+": no program writes to it yet") {
			t.Errorf("weir %s: exit code %d, %q", command, got, &stderr)
		}
		w, err := os.OpenFile(pipe, os.O_RDWR, 0) // lets go whoever still waits to open it
		if err != nil {
			t.Fatal(err)
		}
		w.Close()
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
