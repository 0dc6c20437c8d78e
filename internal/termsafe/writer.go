package termsafe

import (
	"io"
	"strings"
	"sync"
	"unicode/utf8"
)

// Writer passes text on to another writer as [Text] shows it, so that nothing
// that is written through it can drive a terminal. It is safe for concurrent
// use: what one Write passes on stands together.
type Writer struct {
	w    io.Writer
	keep string // control characters that pass

	mu    sync.Mutex
	tail  []byte // of the last Write: the beginning of a character
	marks int    // on the character before
	buf   []byte
}

// NewWriter returns a Writer to w. The ASCII control characters in keep pass as
// they are: "\n" where a text has lines, "\t" where it has columns.
func NewWriter(w io.Writer, keep string) *Writer {
	return &Writer{w: w, keep: keep, marks: noCharacter}
}

// Unwrap returns the writer below, for what makes its own text safe.
func (t *Writer) Unwrap() io.Writer { return t.w }

// Write implements io.Writer. A character may be split between two calls: its
// beginning is held back until the rest comes. A text that ends in a newline
// leaves nothing behind.
func (t *Writer) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := string(append(t.tail, p...))
	end := wholeRunes(text)
	t.tail = append(t.tail[:0], text[end:]...)
	t.buf = t.buf[:0]
	for rest := text[:end]; rest != ""; {
		n := strings.IndexAny(rest, t.keep)
		if n < 0 {
			n = len(rest)
		}
		t.buf, t.marks = appendText(t.buf, rest[:n], t.marks)
		if rest = rest[n:]; rest != "" {
			t.buf = append(t.buf, rest[0])
			t.marks = noCharacter
			rest = rest[1:]
		}
	}
	if len(t.buf) == 0 {
		return len(p), nil
	}
	if _, err := t.w.Write(t.buf); err != nil {
		return 0, err
	}
	return len(p), nil
}

// wholeRunes is the length of s without a character at its end that is not
// complete.
func wholeRunes(s string) int {
	for i := len(s) - 1; i >= max(0, len(s)-utf8.UTFMax); i-- {
		if utf8.RuneStart(s[i]) {
			if utf8.FullRuneInString(s[i:]) {
				return len(s)
			}
			return i
		}
	}
	return len(s)
}
