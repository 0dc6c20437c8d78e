package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"weir/internal/termsafe"

	"github.com/charmbracelet/x/ansi"
)

// OneLine is an error as one line that is safe to draw.
func OneLine(err error) string {
	return termsafe.Text(strings.ReplaceAll(err.Error(), "\n", "; "))
}

func Plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// Sentence is s with a capital letter, and with a full stop unless it asks
// a question.
func Sentence(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	s = string(unicode.ToUpper(first)) + s[n:]
	if strings.HasSuffix(s, "?") || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

func PaintLines(th *Theme, r Role, lines []string) []string {
	for i := range lines {
		lines[i] = th.Paint(r, lines[i])
	}
	return lines
}

// Safe is s as it may go to the terminal: typed, pasted or told by the network.
func Safe(s string) string { return termsafe.Text(s) }

// Cut shortens s to at most w columns and marks the loss.
func Cut(s string, w int) string {
	if Width(s) <= w {
		return s
	}
	if w <= 0 {
		return ""
	}
	return ansi.Truncate(s, w, CutMark)
}

func IsASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func PluralEnd(n uint64) string {
	if n == 1 {
		return ""
	}
	return "s"
}
