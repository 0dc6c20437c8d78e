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

// TestAPipeNobodyWritesIntoCanBeInterrupted: the first Ctrl-C ends a query that
// waits for a writer.
func TestAPipeNobodyWritesIntoCanBeInterrupted(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("XDG_STATE_HOME", dir)
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	var stderr bytes.Buffer
	code := make(chan int)
	go func() { code <- run(ctx, []string{"query", "-r", pipe}, nil, &bytes.Buffer{}, &stderr) }()
	interrupt()
	if got := <-code; got != exitFailed || !strings.Contains(stderr.String(), "interrupted while opening "+pipe+": nothing could be read from it yet") {
		t.Errorf("exit code %d, %q", got, &stderr)
	}
	w, err := os.OpenFile(pipe, os.O_RDWR, 0) // unblocks an open that still waits
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestAPipeWhoseWriterPausesCanBeInterrupted: the first Ctrl-C ends a query that
// waits for the rest of a capture, and the error says why nothing was printed.
func TestAPipeWhoseWriterPausesCanBeInterrupted(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	pipe, small := filepath.Join(t.TempDir(), "pipe"), filepath.Join(t.TempDir(), "small.pcap")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeSmall(small); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(small)
	if err != nil {
		t.Fatal(err)
	}
	const header = 24
	ctx, interrupt := context.WithCancel(t.Context())
	var stdout, stderr bytes.Buffer
	code := make(chan int)
	go func() { code <- run(ctx, []string{"query", "-r", pipe}, nil, &stdout, &stderr) }()
	w, err := os.OpenFile(pipe, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	// More than a pipe holds, so that most of it has been read.
	if _, err := w.Write(append(file, bytes.Repeat(file[header:], 1<<20/len(file))...)); err != nil {
		t.Fatal(err)
	}
	interrupt()
	if got := <-code; got != exitFailed || stdout.Len() > 0 || stderr.String() != "weir: interrupted while reading "+pipe+": nothing was printed\n" {
		t.Errorf("exit code %d, %q, %q", got, &stdout, &stderr)
	}
}
