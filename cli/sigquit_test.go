package cli

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// fullPipe is a pipe that is full: a write to it would not return.
type fullPipe struct{ t *testing.T }

func (p fullPipe) Write(b []byte) (int, error) {
	p.t.Errorf("%q is written to stdout", b)
	return 0, io.ErrClosedPipe
}

func TestAStuckLineModeIsLeftWithoutEscapes(t *testing.T) {
	var stderr strings.Builder
	out, safeErr := safeStreams(fullPipe{t}, &stderr)
	restored := false
	abandon(out, safeErr, "", func() { restored = true }, errors.New("ended"))
	if !restored || stderr.String() != "weir: ended\n" {
		t.Errorf("restored %v, stderr %q", restored, stderr.String())
	}
}

func TestAStuckScreenGivesTheTerminalBack(t *testing.T) {
	var stdout, stderr strings.Builder
	out, safeErr := safeStreams(&stdout, &stderr)
	abandon(out, safeErr, leaveScreen, func() { stdout.WriteString("restored") }, errors.New("ended"))
	if stdout.String() != leaveScreen+"restored" || stderr.String() != "weir: ended\n" {
		t.Errorf("stdout %q, stderr %q", stdout.String(), stderr.String())
	}
}
