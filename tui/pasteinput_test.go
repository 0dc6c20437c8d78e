package tui

import (
	"bytes"
	"strings"
	"testing"

	"weir/internal/ptytest"
)

func TestAPasteIsCutAtItsLimit(t *testing.T) {
	x := func(n int) string { return strings.Repeat("x", n) }
	for name, c := range map[string]struct{ in, want string }{
		"keys":                {"a\x1b[Ab\x1b", "a\x1b[Ab\x1b"},
		"keys beyond":         {x(2 * pasteLimit), x(2 * pasteLimit)},
		"short":               {"a" + pasteStart + "ip:10.0.0.1\x1b[31m" + pasteEnd + "b", "a" + pasteStart + "ip:10.0.0.1\x1b[31m" + pasteEnd + "b"},
		"as long as it may":   {pasteStart + x(pasteLimit) + pasteEnd + "b", pasteStart + x(pasteLimit) + pasteEnd + "b"},
		"too long":            {pasteStart + x(3*pasteLimit) + pasteEnd + "b", pasteStart + x(pasteLimit) + pasteEnd + "b"},
		"escapes in it":       {pasteStart + x(pasteLimit-3) + "\x1b[2\x1b\x1b" + x(9) + "\x1b[20\x1b[201~b", pasteStart + x(pasteLimit-3) + "xxx" + pasteEnd + "b"},
		"an escape before it": {pasteStart + x(pasteLimit-8) + "\x1b[31m" + x(9) + pasteEnd, pasteStart + x(pasteLimit-8) + "\x1b[31mxxx" + pasteEnd},
		"two":                 {pasteStart + x(2*pasteLimit) + pasteEnd + pasteStart + "y" + pasteEnd, pasteStart + x(pasteLimit) + pasteEnd + pasteStart + "y" + pasteEnd},
	} {
		for _, size := range []int{1, 5, 4096, 10 * pasteLimit} {
			var f pasteFilter
			var got []byte
			for rest := []byte(c.in); len(rest) > 0; {
				n := min(size, len(rest))
				got = f.filter(got, rest[:n])
				rest = rest[n:]
			}
			if !bytes.Equal(got, []byte(c.want)) {
				t.Errorf("%s, %d bytes at a time: %d bytes, want %d; it ends with %q", name, size, len(got), len(c.want), got[max(0, len(got)-20):])
			}
		}
	}
}

func TestATerminalStaysAFile(t *testing.T) {
	master, tty, err := ptytest.Open(80, 24)
	if err != nil {
		t.Skipf("no pseudo terminal: %v", err)
	}
	defer master.Close()
	defer tty.Close()
	in, ok := withShortPastes(tty).(interface{ Fd() uintptr })
	if !ok || in.Fd() != tty.Fd() {
		t.Error("the input has no descriptor")
	}
	if _, err := master.WriteString(pasteStart + "a" + pasteEnd + "\n"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 100)
	n, err := withShortPastes(tty).Read(got)
	if want := pasteStart + "a" + pasteEnd + "\n"; err != nil || string(got[:n]) != want {
		t.Errorf("read %q, %v, want %q", got[:n], err, want)
	}
}
