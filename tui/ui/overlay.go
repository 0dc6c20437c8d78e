package ui

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Overlay appends to dst a screen of w by h with a box over its middle. The
// screen stays visible around it.
func Overlay(dst, screen []byte, box string, w, h int) []byte {
	boxWidth, boxHeight := boxSize(box)
	boxHeight = min(boxHeight, h)
	left, top := max((w-boxWidth)/2, 0), max((h-boxHeight)/2, 0)
	for y := 0; ; y++ {
		line, rest, more := bytes.Cut(screen, []byte{'\n'})
		if y < top || y >= top+boxHeight {
			dst = append(dst, line...)
		} else {
			var over string
			over, box, _ = strings.Cut(box, "\n")
			dst = cover(dst, line, over, left, boxWidth)
		}
		if !more {
			return dst
		}
		dst, screen = append(dst, '\n'), rest
	}
}

// boxSize returns the columns and lines of a box.
func boxSize(box string) (w, h int) {
	for line := range strings.SplitSeq(box, "\n") {
		w = max(w, Width(line))
		h++
	}
	return w, h
}

// cover appends line with over in place of the w columns from left on.
//
// ansi.Truncate and ansi.TruncateLeft would do, with a correction for a wide character
// across the right edge. They keep every sequence of what they cut off: a frame under
// the help took 1.8 times the CPU, 487 allocations instead of 27, and 12,159 bytes
// instead of 10,406.
func cover(dst, line []byte, over string, left, w int) []byte {
	s := lineScan{rest: line}
	x, shown := 0, 0
	for x < left && s.next() {
		if x += s.width; x <= left { // else the left half of a wide character
			dst = append(dst, s.item...)
			shown = x
		}
	}
	dst = append(dst, reset...)
	dst = appendBlanks(dst, left-shown)
	dst = append(dst, over...)
	dst = appendBlanks(dst, w-Width(over))
	dst = append(dst, reset...)
	for x < left+w && s.next() {
		x += s.width
	}
	dst = appendBlanks(dst, x-left-w) // for the right half of a wide character
	dst = append(dst, s.look...)
	return append(dst, s.rest...)
}

// lineScan takes a drawn line apart: characters and escape sequences.
type lineScan struct {
	rest  []byte
	item  []byte // the last one
	width int    // its columns
	look  []byte // the SGR sequence in force; empty after a reset
}

func (s *lineScan) next() bool {
	if len(s.rest) == 0 {
		return false
	}
	n := 1
	s.width = 1
	if c := s.rest[0]; c < ' ' || c >= utf8.RuneSelf || len(s.rest) > 1 && s.rest[1] >= utf8.RuneSelf {
		_, s.width, n, _ = ansi.DecodeSequence(s.rest, ansi.NormalState, nil)
	}
	s.item, s.rest = s.rest[:n], s.rest[n:]
	switch {
	case string(s.item) == reset:
		s.look = nil
	case s.item[0] == '\x1b':
		s.look = s.item
	}
	return true
}
