package ui

import (
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
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

func TestBordersAreThoseOfLipgloss(t *testing.T) {
	for _, c := range []struct {
		th   Theme
		want lipgloss.Border
	}{{Theme{}, lipgloss.NormalBorder()}, {Theme{ASCII: true}, lipgloss.ASCIIBorder()}} {
		style := lipgloss.NewStyle().Border(c.want).Padding(0, 1).Width(24)
		want := strings.Split(style.Render("one\ntwo"), "\n")
		want[0] = want[0][:2*len(c.want.Top)] + " Title " + want[0][9*len(c.want.Top):]
		if got := Box(&c.th, "Title", []string{"one", "two"}, 24, 10); got != strings.Join(want, "\n") {
			t.Errorf("%s\nwant\n%s", got, strings.Join(want, "\n"))
		}
		if got := Rule(&c.th, 5); got != strings.Repeat(c.want.Top, 5) {
			t.Errorf("rule: %q", got)
		}
	}
}

func BenchmarkBox(b *testing.B) {
	th := NewTheme(Terminal{Profile: colorprofile.ANSI}, "")
	var lines []string
	for range 44 {
		lines = append(lines, Fill("Enter", 11)+th.Paint(Dim, "details of the flow; flows of the talker"))
	}
	b.Run("own", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = Box(th, "Keys", lines, 72, 48)
		}
	})
	b.Run("style", func(b *testing.B) {
		b.ReportAllocs()
		style := lipgloss.NewStyle().Border(lipgloss.NormalBorder()).BorderForeground(lipgloss.BrightBlack).Padding(0, 1).Width(72)
		for b.Loop() {
			_ = style.Render(strings.Join(lines, "\n"))
		}
	})
}
