package ui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestABoxCoversTheMiddleAndNothingElse(t *testing.T) {
	screen := strings.Join([]string{
		"0123456789",
		"\x1b[1m0123456789\x1b[m",
		"01\x1b[7m23\x1b[m4\x1b[2m56789\x1b[m",
		"漢字漢字漢",     // wide characters lie across both edges of a box at an odd column
		"e\u0301bc", // shorter than the box is far to the right
		"",
	}, "\n")
	got := string(Overlay(nil, []byte(screen), "abcd\n\x1b[3mab\x1b[m\nabc\nabcd", 10, 6))
	want := strings.Join([]string{
		"0123456789", "012abcd789", "012ab  789", "漢 abc  漢", "ebc", "",
	}, "\n")
	want = strings.ReplaceAll(want, "ebc", "e\u0301bcabcd")
	if plain := ansi.Strip(got); plain != want {
		t.Errorf("got\n%s\nwant\n%s", plain, want)
	}
	lines := strings.Split(got, "\n")
	if !strings.HasSuffix(lines[1], "\x1b[1m789\x1b[m") {
		t.Errorf("what is behind the box lost its look: %q", lines[1])
	}
	if !strings.HasSuffix(lines[2], "\x1b[2m789\x1b[m") {
		t.Errorf("what is behind the box lost its look: %q", lines[2])
	}
}
