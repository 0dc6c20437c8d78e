package search

import (
	"fmt"
	"strings"

	"weir/internal/termsafe"
)

// Error is a syntax error in a filter.
type Error struct {
	Col  int    // column of the error, in characters from 1
	Msg  string // what is wrong: `unknown field "dprt"`
	Hint string // how to fix it: "did you mean dport?"; may be empty
}

// Error returns `unknown field "dprt" at column 1: did you mean dport?`.
func (e *Error) Error() string {
	s := fmt.Sprintf("%s at column %d", e.Msg, e.Col)
	if e.Hint != "" {
		s += ": " + e.Hint
	}
	return s
}

// Caret returns two lines: text, which must be the text that was parsed, and a
// caret under the error. A long text is cut to the surroundings of the error.
func (e *Error) Caret(text string) string {
	runes := []rune(text)
	at := min(max(e.Col-1, 0), len(runes))
	from, to := max(at-caretMargin, 0), min(at+caretMargin, len(runes))
	before, after := termsafe.Text(string(runes[from:at])), termsafe.Text(string(runes[at:to]))
	if from > 0 {
		before = "..." + before
	}
	if to < len(runes) {
		after += "..."
	}
	return before + after + "\n" + strings.Repeat(" ", termsafe.Width(before)) + "^"
}

// Nearest returns the word with the smallest edit distance to s, or "" if none is
// close enough for its length to be a likely typo.
func Nearest(s string, words []string) string {
	best, least := "", 3
	s = strings.ToLower(s)
	for _, w := range words {
		d := edits(s, strings.ToLower(w))
		if d < least && d*2 <= max(len(s), len(w)) {
			best, least = w, d
		}
	}
	return best
}

// edits returns the optimal string alignment distance of a and b: the number of
// insertions, deletions, substitutions and transpositions.
func edits(a, b string) int {
	if len(a) > 32 || len(b) > 32 { // longer than any word of the language
		return 32
	}
	var older, old, row [33]int
	for j := range len(b) + 1 {
		old[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(old[j]+1, row[j-1]+1, old[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
		older, old = old, row
	}
	return old[len(b)]
}

// didYouMean returns the hint for an unknown word: the nearest known one, or else
// fallback.
func didYouMean(s string, words []string, fallback string) string {
	if w := Nearest(s, words); w != "" {
		return "did you mean " + w + "?"
	}
	return fallback
}
