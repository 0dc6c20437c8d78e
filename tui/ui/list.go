package ui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Motion is the keys that move through a list or a text. What is left out moves
// nothing.
type Motion struct{ Up, Down, PageUp, PageDown, First, Last key.Binding }

// Motion is those of a window that takes text.
func (k *DialogKeys) Motion() Motion {
	return Motion{k.Up, k.Down, k.PageUp, k.PageDown, k.First, k.Last}
}

// Motion is those of a window that takes none.
func (k *ListKeys) Motion() Motion {
	return Motion{Up: k.Up, Down: k.Down, PageUp: k.PageUp, PageDown: k.PageDown}
}

// by is how far msg moves where a page has so many rows and the whole n; false:
// it is none of the keys.
func (m *Motion) by(msg tea.Msg, page, n int) (rows int, ok bool) {
	switch {
	case Means(msg, m.Up):
		return -1, true
	case Means(msg, m.Down):
		return 1, true
	case Means(msg, m.PageUp):
		return -page, true
	case Means(msg, m.PageDown):
		return page, true
	case Means(msg, m.First):
		return -n, true
	case Means(msg, m.Last):
		return n, true
	}
	return 0, false
}

// List is the cursor of a list and its visible part. It counts items and doesn't
// hold them. The zero value is an empty list.
type List struct {
	Wrap bool // the cursor wraps around
	Page int  // rows per page; 0: the visible rows

	n, cursor int
	top, rows int // in sight when it was last drawn
}

// Len is how many items there are.
func (l *List) Len() int { return l.n }

// Cursor is the index of the item under the cursor, 0 in an empty list.
func (l *List) Cursor() int { return l.cursor }

// SetLen says how many items there are now. Cursor and view stay where they
// are, as far as there is still something.
func (l *List) SetLen(n int) {
	l.n = max(n, 0)
	l.Go(l.cursor)
}

// Reset is SetLen for another list, which is seen from its beginning.
func (l *List) Reset(n int) {
	l.n, l.cursor, l.top = max(n, 0), 0, 0
}

// Go puts the cursor on item i, or on the nearest one.
func (l *List) Go(i int) { l.cursor = min(max(i, 0), max(l.n-1, 0)) }

// Move moves the cursor by rows.
func (l *List) Move(by int) {
	if l.Wrap && l.n > 0 {
		l.cursor = ((l.cursor+by)%l.n + l.n) % l.n
		return
	}
	l.Go(l.cursor + by)
}

// Carry puts the cursor on item i because the item under it is there now. The view
// goes along, so that the item stays in its row.
func (l *List) Carry(i int) {
	l.top += i - l.cursor
	l.Go(i)
}

// At is the index of the item in a row of those that were last in sight; false:
// the row is empty.
func (l *List) At(row int) (int, bool) {
	i := l.top + row
	return i, row >= 0 && row < l.rows && i < l.n
}

// InSight is how many rows were last in sight, at least one.
func (l *List) InSight() int { return max(l.rows, 1) }

// Update moves the cursor if msg is one of the keys, and reports whether it is.
func (l *List) Update(msg tea.Msg, keys Motion) bool {
	page := l.Page
	if page == 0 {
		page = max(l.rows, 1)
	}
	by, ok := keys.by(msg, page, l.n)
	if ok {
		l.Move(by)
	}
	return ok
}

// View scrolls so that the cursor is in sight in so many rows, at least one, and
// returns the items that are: from is the first, to is behind the last. None of
// the rows stays empty as long as there are items for it.
func (l *List) View(rows int) (from, to int) {
	l.rows = max(rows, 1)
	l.top = max(min(l.top, l.cursor), l.cursor-l.rows+1)
	l.top = max(min(l.top, l.n-l.rows), 0)
	return l.top, min(l.top+l.rows, l.n)
}

// Scroll is a text of lines without a cursor, and the part of it that is in
// sight. The zero value is at the beginning of any text.
//
// bubbles/viewport measures and pads every line again: 60 lines of help cost 540 µs
// and 1,497 allocations there, 3 µs and one here.
type Scroll struct {
	Page int // lines that a page has

	top   int
	drawn bool
	most  int // the last top that makes sense; valid if drawn
}

// Update scrolls if msg is one of the keys, and reports whether it is.
func (s *Scroll) Update(msg tea.Msg, keys Motion) bool {
	by, ok := keys.by(msg, max(s.Page, 1), s.most)
	s.Move(by)
	return ok
}

// View returns the lines of a text that are in sight in so many rows.
func (s *Scroll) View(lines []string, rows int) []string {
	from, to := s.Range(len(lines), rows)
	return lines[from:to]
}

// Range is View for a text of n lines: from is the first in sight, to is behind the last.
func (s *Scroll) Range(n, rows int) (from, to int) {
	rows = max(rows, 1)
	s.drawn, s.most = true, max(n-rows, 0)
	s.top = min(s.top, s.most)
	return s.top, min(s.top+rows, n)
}

// Move scrolls down by lines, or up if negative.
func (s *Scroll) Move(by int) {
	s.top = max(s.top+by, 0)
	if s.drawn {
		s.top = min(s.top, s.most)
	}
}

// Top is the index of the first line in sight.
func (s *Scroll) Top() int { return s.top }

// Over reports whether the text did not fit when it was last drawn.
func (s *Scroll) Over() bool { return s.most > 0 }
