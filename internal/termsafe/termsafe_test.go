package termsafe

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"printable ASCII stays", "edge-1 ~ (eth0)", "edge-1 ~ (eth0)"},
		{"letters of any script stay", "Zürich 東京 Київ", "Zürich 東京 Київ"},
		{"an escape sequence is spelled out", "\x1b[2Jgone", "^[[2Jgone"},
		{"so is an OSC that sets the title", "\x1b]0;root\x07", "^[]0;root^G"},
		{"line breaks and tabs are spelled out", "a\r\n\tb", "a^M^J^Ib"},
		{"NUL and DEL are spelled out", "\x00\x7f", "^@^?"},
		{"C1 CSI is replaced", "\u009b31m", "\uFFFD31m"},
		{"a raw C1 byte is not UTF-8", "\x9b31m", "\uFFFD31m"},
		{"bytes that are not UTF-8 are replaced one by one", "a\xff\xfeb", "a\uFFFD\uFFFDb"},
		{"a surrogate half is not UTF-8", "\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},
		{"a bidi override is replaced", "exe\u202efdp.", "exe\uFFFDfdp."},
		{"bidi isolates and marks are replaced", "\u2066a\u2069\u200f\u061c", "\uFFFDa\uFFFD\uFFFD\uFFFD"},
		{"zero width characters are replaced", "ed\u200bge\ufeff\u2060\u00ad", "ed\uFFFDge\uFFFD\uFFFD\uFFFD"},
		{"line and paragraph separators are replaced", "a\u2028b\u2029c\u0085d", "a\uFFFDb\uFFFDc\uFFFDd"},
		{"blanks of all kinds become a blank", "a\u00a0b\u3000c\u2003d", "a b c d"},
		{"invisible letters are replaced", "\u3164\u2800\u115f", "\uFFFD\uFFFD\uFFFD"},
		{"tags and variation selectors are replaced", "a\U000e0041\ufe0f", "a\uFFFD\uFFFD"},
		{"private use and noncharacters are replaced", "\ue000\uffff", "\uFFFD\uFFFD"},
		{"an accent stays", "e\u0301", "e\u0301"},
		{"a stack of accents is cut to three", "e\u0301\u0302\u0303\u0304\u0305\u0306x", "e\u0301\u0302\u0303\uFFFDx"},
		{"an accent without a base character is replaced", "\u0301a", "\uFFFDa"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Text(c.in); got != c.want {
				t.Errorf("Text(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestASCII(t *testing.T) {
	if got, want := ASCII("Zürich\x1b\u202e"), "Z?rich^[?"; got != want {
		t.Errorf("ASCII = %q, want %q", got, want)
	}
}

func TestWidthCountsCells(t *testing.T) {
	for s, want := range map[string]int{"": 0, "edge": 4, "東京": 4, "e\u0301": 1, "\uFFFD": 1, "한": 2, "Ａ": 2, "⚡": 2} {
		if got := Width(s); got != want {
			t.Errorf("Width(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestTruncate(t *testing.T) {
	for _, c := range []struct {
		in    string
		width int
		want  string
	}{
		{"edge-1", 6, "edge-1"}, {"edge-12", 6, "edge-~"}, {"東京大阪", 5, "東京~"}, {"東京大阪", 4, "東~"},
		{"e\u0301e\u0301e\u0301", 2, "e\u0301~"}, {"abc", 1, "~"}, {"abc", 0, ""}, {"abc", -1, ""}, {"", 0, ""},
	} {
		if got := Truncate(c.in, c.width, "~"); got != c.want {
			t.Errorf("Truncate(%q, %d) = %q, want %q", c.in, c.width, got, c.want)
		}
	}
}

func TestPrintableASCIIDoesNotAllocate(t *testing.T) {
	s := strings.Repeat("edge-1 ", 10)
	if n := testing.AllocsPerRun(100, func() { _ = Text(s); _ = Width(s) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"edge-1", "\x1b[31m", "a\u202eb", "e\u0301\u0302\u0303\u0304", "\xff\xc0", "\u0301", "東京", "\U000e0001", "\u009b"} {
		f.Add(s, 5)
	}
	f.Fuzz(func(t *testing.T, s string, width int) {
		got := Text(s)
		if !utf8.ValidString(got) {
			t.Fatalf("Text(%q) = %q is not UTF-8", s, got)
		}
		marks := 0
		for _, r := range got {
			if !unicode.IsPrint(r) || unicode.Is(invisible, r) || unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) {
				t.Fatalf("Text(%q) = %q contains %U", s, got, r)
			}
			if marks++; !isMark(r) {
				marks = 0
			}
			if marks > maxMarks {
				t.Fatalf("Text(%q) = %q has too many marks on one character", s, got)
			}
		}
		if again := Text(got); again != got {
			t.Fatalf("Text(%q) = %q, applied again %q", s, got, again)
		}
		if s != "" && got == "" {
			t.Fatalf("Text(%q) is empty", s)
		}
		width %= 100
		if cut := Truncate(got, width, "~"); Width(cut) > max(width, 0) || !strings.HasPrefix(got, strings.TrimSuffix(cut, "~")) {
			t.Fatalf("Truncate(%q, %d) = %q", got, width, cut)
		}
		for _, r := range ASCII(s) {
			if r < 0x20 || r > 0x7e {
				t.Fatalf("ASCII(%q) contains %U", s, r)
			}
		}
	})
}
