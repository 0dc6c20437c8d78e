package cli

import (
	"bytes"
	"fmt"
	"testing"
)

func TestStreamsAreSafeAndHaveOneBelow(t *testing.T) {
	var out, errs bytes.Buffer
	stdout, stderr := safeStreams(&out, &errs)
	fmt.Fprint(stdout, "word\thelp \x1b[2J\u202e\r\n")
	fmt.Fprint(stderr, "weir: \tname \x1b[2J\u009b\n")
	if got, want := out.String(), "word\thelp ^[[2J\uFFFD^M\n"; got != want {
		t.Errorf("stdout: %q, want %q", got, want)
	}
	if got, want := errs.String(), "weir: ^Iname ^[[2J\uFFFD\n"; got != want {
		t.Errorf("stderr: %q, want %q", got, want)
	}
	if raw(stdout) != &out || raw(stderr) != &errs || raw(&out) != &out {
		t.Error("raw is not the stream below")
	}
}
