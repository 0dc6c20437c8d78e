package tui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"weir/internal/termsafe"

	"github.com/charmbracelet/x/ansi"
)

// oneLine is an error as one line that is safe to draw.
func oneLine(err error) string {
	return termsafe.Text(strings.ReplaceAll(err.Error(), "\n", "; "))
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// fullSentence is s with a capital letter, and with a full stop unless it asks
// a question.
func fullSentence(s string) string {
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

func paintLines(th *theme, r role, lines []string) []string {
	for i := range lines {
		lines[i] = th.paint(r, lines[i])
	}
	return lines
}

// drawable is s as it may go to the terminal: typed, pasted or told by the network.
func drawable(s string) string { return termsafe.Text(s) }

// cut shortens s to at most w columns and marks the loss.
func cut(s string, w int) string {
	if textWidth(s) <= w {
		return s
	}
	if w <= 0 {
		return ""
	}
	return ansi.Truncate(s, w, cutMark)
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func pluralEnd(n uint64) string {
	if n == 1 {
		return ""
	}
	return "s"
}
