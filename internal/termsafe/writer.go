package termsafe

import (
	"io"
	"strings"
	"sync"
	"unicode/utf8"
)

// Writer applies [Text] to everything written through it, so that no output can
// control the terminal. It is safe for concurrent use; the output of concurrent
// Writes is not interleaved.
type Writer struct {
	w    io.Writer
	keep string // control characters to pass through

	mu    sync.Mutex
	tail  []byte // incomplete character at the end of the last Write
	marks int    // combining marks on the last character
	buf   []byte
}

// NewWriter returns a Writer to w that passes the ASCII control characters in keep
// through: "\n" for text with lines, "\t" for text with columns.
func NewWriter(w io.Writer, keep string) *Writer {
	return &Writer{w: w, keep: keep, marks: noCharacter}
}

// Unwrap returns the underlying writer, for callers that make their own text safe.
func (t *Writer) Unwrap() io.Writer { return t.w }

// Write implements io.Writer. It buffers an incomplete character at the end of p
// until the next call. Text that ends in a newline is never buffered.
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

// wholeRunes returns the length of s without an incomplete character at its end.
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
