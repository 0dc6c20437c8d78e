package main

import (
	"strings"
	"testing"
)

func TestReverseVideoCoversTheWholeRow(t *testing.T) {
	// A selected row as written by tmux: the first cell in bold, the rest after a reset.
	var out strings.Builder
	if err := draw(strings.NewReader("\x1b[1m\x1b[4m\x1b[7mAB\x1b[0m\x1b[7m CD\x1b[0m <x> \x1b[2mdim\x1b[0m \x1b[38;2;1;2;3mrgb\x1b[39m.\n"), &out, &dark); err != nil {
		t.Fatal(err)
	}
	got := out.String()
	for _, want := range []string{
		`<rect x="8" y="8" width="18" height="17" fill="#c0caf5"/>`,
		`<text x="8" y="21" textLength="18" fill="#16161e" font-weight="bold" text-decoration="underline" xml:space="preserve">AB</text>`,
		`<rect x="26" y="8" width="27" height="17" fill="#c0caf5"/>`,
		`&lt;x&gt;`,
		`fill="#7c829f" xml:space="preserve">dim</text>`, // 3/5 foreground, 2/5 background
		`fill="#010203" xml:space="preserve">rgb</text>`,
		`fill="#c0caf5" xml:space="preserve">.</text>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in\n%s", want, got)
		}
	}
}

func TestStyleContinuesOnTheNextLine(t *testing.T) {
	runs, style := parse("\x1b[31ma", plain, &dark)
	if len(runs) != 1 || style.fore != int64(dark.ansi[1]) {
		t.Errorf("runs %v, style %v", runs, style)
	}
	if runs, _ = parse("b\x1b(B\x1b[mc", style, &dark); string(runs[0].text) != "b" || runs[0].fore != int64(dark.ansi[1]) {
		t.Errorf("runs %v", runs)
	}
}
