// Package termsafe makes untrusted text safe to print on a terminal.
//
// Node names, interface names, file paths and error messages come from the
// network and from files. [Text] converts any of them to one line that a terminal
// displays literally: without escape sequences, control characters, invisible
// characters and characters that reorder others. Every removed character leaves a
// visible mark, so that removal never makes two different names look the same.
//
// [Width] and [Truncate] measure in terminal cells, rune by rune. They support
// wide characters and combining marks, but not fonts: emoji made of several
// runes, and characters of ambiguous width (Unicode TR 11), which count as one
// cell, can be displayed wider. Right-to-left letters are kept; a terminal with
// bidirectional text can swap them with digits that follow.
package termsafe

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Replacement replaces a removed character.
const Replacement = '\uFFFD'

// maxMarks is the maximum number of combining marks per character. Vietnamese and
// pointed Hebrew need two, Tibetan three; stacks that overflow into other lines
// need more.
const maxMarks = 3

// Text returns s in a form that is safe to print in one line. ASCII control
// characters are in caret notation ("^[" is ESC, "^J" a newline), blanks of all
// kinds become U+0020, and other characters that are invisible, unassigned or not
// UTF-8 become U+FFFD. Text is idempotent.
func Text(s string) string {
	if isPlain(s) {
		return s
	}
	return string(Append(make([]byte, 0, len(s)+len(s)/2), s))
}

// ASCII is like Text, with '?' for characters that are not ASCII.
func ASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf {
			return '?'
		}
		return r
	}, Text(s))
}

// Append appends Text(s) to dst.
func Append(dst []byte, s string) []byte {
	dst, _ = appendText(dst, s, noCharacter)
	return dst
}

// noCharacter is the initial number of marks: at the start of a text there is no
// character that a mark could combine with.
const noCharacter = maxMarks

// appendText is Append after a character with the given number of marks. It
// returns the number of marks on the last character.
func appendText(dst []byte, s string, marks int) ([]byte, int) {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		if isMark(r) {
			marks++
			switch {
			case marks <= maxMarks:
				dst = utf8.AppendRune(dst, r)
			case marks == maxMarks+1:
				dst = utf8.AppendRune(dst, Replacement)
			}
			continue
		}
		marks = 0
		dst = appendSafe(dst, r)
	}
	return dst, marks
}

// appendSafe appends a character other than a combining mark.
func appendSafe(dst []byte, r rune) []byte {
	switch {
	case Drawn(r):
		return utf8.AppendRune(dst, r)
	case r < 0x20 || r == 0x7f:
		return append(dst, '^', byte(r)^0x40)
	case unicode.Is(unicode.Zs, r):
		return append(dst, ' ')
	}
	return utf8.AppendRune(dst, Replacement)
}

// Drawn reports whether a terminal displays r literally: r is neither a control
// character (C0, DEL, C1) nor invisible, does not reorder other characters (the
// bidirectional controls), and is not a blank other than U+0020. Formats with
// their own escapes, such as JSON, escape the characters that are not Drawn.
func Drawn(r rune) bool { return unicode.IsPrint(r) && !unicode.Is(invisible, r) }

// isPlain reports whether s consists of printable ASCII.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// isMark reports whether r combines with the character before it.
func isMark(r rune) bool {
	return r >= 0x300 && unicode.In(r, unicode.Mn, unicode.Me) && !unicode.Is(invisible, r)
}

// invisible holds the invisible characters for which unicode.IsPrint is true: the
// letters and marks that are Default_Ignorable_Code_Point (Unicode
// DerivedCoreProperties), and the empty Braille pattern. IsPrint is already false
// for format characters, which include all bidirectional and zero-width ones.
var invisible = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x034f, Hi: 0x034f, Stride: 1}, // combining grapheme joiner
		{Lo: 0x115f, Hi: 0x1160, Stride: 1}, // Hangul fillers
		{Lo: 0x17b4, Hi: 0x17b5, Stride: 1}, // Khmer inherent vowels
		{Lo: 0x180b, Hi: 0x180f, Stride: 1}, // Mongolian variation selectors
		{Lo: 0x2800, Hi: 0x2800, Stride: 1}, // empty Braille pattern
		{Lo: 0x3164, Hi: 0x3164, Stride: 1}, // Hangul filler
		{Lo: 0xfe00, Hi: 0xfe0f, Stride: 1}, // variation selectors
		{Lo: 0xffa0, Hi: 0xffa0, Stride: 1}, // halfwidth Hangul filler
	},
	R32: []unicode.Range32{{Lo: 0xe0000, Hi: 0xe0fff, Stride: 1}}, // tags, variation selectors supplement
}
