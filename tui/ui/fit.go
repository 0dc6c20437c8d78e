package ui

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// CutMark ends a text that did not fit. It is ASCII because the ellipsis has
// an ambiguous width (UAX #11), which shifts the rest of a line in some terminals.
const CutMark = "~"

// blanks are cut to the padding of columns.
const blanks = "                                                                                "

// Spaces returns n blanks.
func Spaces(n int) string {
	if n <= len(blanks) {
		return blanks[:max(n, 0)]
	}
	return strings.Repeat(" ", n)
}

// Width returns the columns that s takes; SGR sequences take none. Like
// ansi.StringWidth, but ten times as fast for the text of screens.
func Width(s string) int {
	w := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\x1b':
			end := strings.IndexByte(s[i:], 'm')
			if end < 0 {
				return ansi.StringWidth(s)
			}
			i += end
		case c < ' ' || c >= utf8.RuneSelf:
			return ansi.StringWidth(s)
		default:
			w++
		}
	}
	return w
}

// Fill cuts or pads s, which may hold SGR sequences, to exactly w columns.
func Fill(s string, w int) string {
	if w <= 0 {
		return ""
	}
	have := Width(s)
	if have > w {
		s = ansi.Truncate(s, w, CutMark)
		have = Width(s)
	}
	if have == w {
		return s
	}
	return s + Spaces(w-have)
}

// Right pads s on the left to w columns, for numbers.
func Right(s string, w int) string {
	if have := Width(s); have < w {
		return Spaces(w-have) + s
	}
	return Fill(s, w)
}

// Wrap breaks plain text into at most n lines of w columns, at spaces where
// it can. What does not fit is cut with a mark.
func Wrap(s string, w, n int) []string {
	if w <= 0 || n <= 0 {
		return nil
	}
	lines := strings.Split(ansi.Wrap(s, w, " "), "\n")
	if len(lines) > n {
		rest := strings.Join(lines[n-1:], " ")
		lines = append(lines[:n-1:n-1], rest)
	}
	for i := range lines {
		lines[i] = Fill(lines[i], w)
	}
	return lines
}

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

// appendBlanks appends n blanks.
func appendBlanks(b []byte, n int) []byte {
	for ; n > 0; n -= len(blanks) {
		b = append(b, blanks[:min(n, len(blanks))]...)
	}
	return b
}

// IsASCII reports whether b has bytes below 0x80 only, each of which takes a column
// unless it is a control character.
func IsASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
