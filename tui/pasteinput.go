package tui

import (
	"io"
	"os"

	"weir/search"
)

// pasteLimit is how many bytes of a paste reach the program: more than any input line accepts, so that
// the line refuses or cuts a longer one. Bubble Tea holds a paste several times, partly as runes, before
// it passes it on: 10 MB took 190 MB of memory and 2 s of CPU time.
const pasteLimit = 4 * search.MaxText

// withShortPastes returns a terminal's input without what exceeds pasteLimit in a paste. Other inputs are
// returned as they are.
func withShortPastes(in io.Reader) io.Reader {
	if f, ok := in.(*os.File); ok {
		return &pasteReader{File: f}
	}
	return in
}

// pasteReader is the input of a terminal. It stays a file, because Bubble Tea waits for its descriptor
// and sets its mode.
type pasteReader struct {
	*os.File
	pasteFilter
	buf []byte
}

// Read reads once and may return no bytes, when all are dropped.
func (r *pasteReader) Read(p []byte) (int, error) {
	if len(p) <= len(pasteEnd) {
		return r.File.Read(p)
	}
	n, err := r.File.Read(p[:len(p)-len(pasteEnd)])
	r.buf = r.filter(r.buf[:0], p[:n])
	return copy(p, r.buf), err
}

// The marks of a bracketed paste (xterm control sequences, mode 2004).
const pasteStart, pasteEnd = "\x1b[200~", "\x1b[201~"

// pasteFilter finds pastes in what a terminal sends.
type pasteFilter struct {
	inside  bool
	passed  int  // bytes of the paste
	matched int  // bytes of the mark that may have begun
	held    bool // these bytes were dropped: they are passed on if it is the mark
}

// filter appends to out what it passes of in: at most len(pasteEnd) bytes more.
func (f *pasteFilter) filter(out, in []byte) []byte {
	for _, c := range in {
		mark := pasteStart
		if f.inside {
			mark = pasteEnd
		}
		if f.matched > 0 && c != mark[f.matched] {
			f.matched = 0
		}
		if c == mark[f.matched] {
			if f.matched == 0 { // near the limit, because half a sequence would change the meaning of the mark
				f.held = f.inside && f.passed >= pasteLimit-len(pasteEnd)
			}
			f.matched++
		}
		switch {
		case f.matched == len(mark):
			if f.held {
				out = append(out, mark...)
			} else {
				out = append(out, c)
			}
			*f = pasteFilter{inside: !f.inside}
		case f.inside && (f.matched > 0 && f.held || f.matched == 0 && f.passed >= pasteLimit):
		default:
			out = append(out, c)
			f.passed++
		}
	}
	return out
}
