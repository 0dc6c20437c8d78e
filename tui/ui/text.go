package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"weir/internal/termsafe"
)

// OneLine returns an error as one line that is safe to draw.
func OneLine(err error) string {
	return termsafe.Text(strings.ReplaceAll(err.Error(), "\n", "; "))
}

// Plural returns word, with an s unless n is 1.
func Plural[N int | int64 | uint64](n N, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// Sentence returns s with a capital letter, and with a full stop unless it is a
// question.
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

// PaintLines returns lines, each in the look of r. It changes them in place.
func PaintLines(th *Theme, r Role, lines []string) []string {
	for i := range lines {
		lines[i] = th.Paint(r, lines[i])
	}
	return lines
}

// Safe escapes s for the terminal; s may be typed, pasted or from the network.
func Safe(s string) string { return termsafe.Text(s) }
