// Package termsafe makes text of unknown origin safe to draw.
//
// Node names, interface names, file paths and error messages reach the screen
// from the network and from files. [Text] turns any of them into one line that
// a terminal draws as it stands: no escape sequence, no control character,
// nothing invisible and nothing that reorders its neighbours. What was taken
// out leaves a visible mark, so that two different names never look the same
// by dropping characters.
//
// [Width] and [Truncate] measure in terminal cells, rune by rune. They know
// wide characters and combining marks, and nothing about fonts: emoji built of
// several runes, and characters of ambiguous width (Unicode TR 11), which
// count as one cell, may be drawn wider. Letters written from right to left
// are kept; a terminal that implements the bidirectional algorithm may
// exchange them with digits that follow.
package termsafe

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Replacement stands where a character was taken out.
const Replacement = '\uFFFD'

// maxMarks is how many combining marks a character may carry. Vietnamese and
// Hebrew with vowel points need two, Tibetan stacks three; towers of marks
// that reach into other lines need more.
const maxMarks = 3

// Text returns s fit to be drawn in one line. ASCII control characters are
// shown in caret notation ("^[" is ESC, "^J" a newline), blanks of all kinds
// become a blank, and other characters that are invisible, unassigned or not
// UTF-8 become U+FFFD. Text(Text(s)) is Text(s).
func Text(s string) string {
	if isPlain(s) {
		return s
	}
	return string(Append(make([]byte, 0, len(s)+len(s)/2), s))
}

// ASCII returns s like Text, with '?' for everything that is not ASCII.
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

// noCharacter is the marks of a text that has not begun: a mark without a
// character before it is one too many.
const noCharacter = maxMarks

// appendText is Append behind a character with so many marks. It returns those
// of the last character.
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

// appendSafe appends a character that is no combining mark.
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

// Drawn reports whether a terminal draws r as it stands: it is neither a control
// character (C0, DEL, C1) nor invisible, does not reorder its neighbours (the
// bidirectional controls), and is no blank but U+0020. Formats with escapes of
// their own write those of the characters that are not.
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

// isMark reports whether r is drawn on top of the character before it.
func isMark(r rune) bool {
	return r >= 0x300 && unicode.In(r, unicode.Mn, unicode.Me) && !unicode.Is(invisible, r)
}

// invisible holds what unicode.IsPrint lets pass although nothing is drawn:
// Default_Ignorable_Code_Point (Unicode DerivedCoreProperties) among letters
// and marks, and the empty Braille pattern. Format characters, among them all
// bidirectional controls and zero-width ones, are not IsPrint to begin with.
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
