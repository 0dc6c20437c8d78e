package ui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestABoxIsExactlyAsWideAsItWasAskedToBe(t *testing.T) {
	for w := range 40 {
		for h := range 8 {
			box := Box(&Theme{}, "A long title 世界", []string{"short", "a line that is longer than the box \x1b[31mred\x1b[m 世界世界世界"}, w, h)
			for line := range strings.SplitSeq(box, "\n") {
				if got := ansi.StringWidth(line); got != w {
					t.Fatalf("%d×%d: a line is %d columns wide:\n%s", w, h, got, box)
				}
			}
			if got := strings.Count(box, "\n") + 1; got > max(h, 1) {
				t.Fatalf("%d×%d: %d lines", w, h, got)
			}
		}
	}
}
