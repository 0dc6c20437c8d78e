package ui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Motion has the keys that move through a list or a text. A binding without keys moves
// nothing.
type Motion struct{ Up, Down, PageUp, PageDown, First, Last key.Binding }

// Motion returns the keys of a window that takes text.
func (k *DialogKeys) Motion() Motion {
	return Motion{k.Up, k.Down, k.PageUp, k.PageDown, k.First, k.Last}
}

// Motion returns the keys of a window that takes no text.
func (k *ListKeys) Motion() Motion {
	return Motion{Up: k.Up, Down: k.Down, PageUp: k.PageUp, PageDown: k.PageDown}
}

// by returns by how many rows msg moves in a list of n rows with page rows per page;
// false: msg is not one of the keys.
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
	top, rows int // visible when it was last drawn
}

// Len returns the number of items.
func (l *List) Len() int { return l.n }

// Cursor returns the index of the item under the cursor, 0 in an empty list.
func (l *List) Cursor() int { return l.cursor }

// SetLen sets the number of items. Cursor and view stay in place if possible.
func (l *List) SetLen(n int) {
	l.n = max(n, 0)
	l.Go(l.cursor)
}

// Reset sets the number of items and moves the cursor to the first one.
func (l *List) Reset(n int) {
	l.n, l.cursor, l.top = max(n, 0), 0, 0
}

// Go moves the cursor to item i, or to the nearest one.
func (l *List) Go(i int) { l.cursor = min(max(i, 0), max(l.n-1, 0)) }

// Move moves the cursor by rows.
func (l *List) Move(by int) {
	if l.Wrap && l.n > 0 {
		l.cursor = ((l.cursor+by)%l.n + l.n) % l.n
		return
	}
	l.Go(l.cursor + by)
}

// Carry moves the cursor to item i, the new index of the item under it, and scrolls so
// that the item stays in its row.
func (l *List) Carry(i int) {
	l.top += i - l.cursor
	l.Go(i)
}

// At returns the index of the item in a visible row; false: the row is empty.
func (l *List) At(row int) (int, bool) {
	i := l.top + row
	return i, row >= 0 && row < l.rows && i < l.n
}

// InSight returns the number of rows that were last visible, at least one.
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

// View scrolls so that the cursor is visible in the given number of rows, at least one,
// and returns the visible items: from is the first, to is after the last. No row stays
// empty if there are items for it.
func (l *List) View(rows int) (from, to int) {
	l.rows = max(rows, 1)
	l.top = max(min(l.top, l.cursor), l.cursor-l.rows+1)
	l.top = max(min(l.top, l.n-l.rows), 0)
	return l.top, min(l.top+l.rows, l.n)
}

// Scroll is the visible part of a text of lines without a cursor. The zero value is at
// the beginning of any text.
//
// bubbles/viewport measures and pads every line again: 60 lines of help cost 540 µs
// and 1,497 allocations there, 3 µs and one here.
type Scroll struct {
	Page int // lines per page

	top   int
	drawn bool
	most  int // largest useful top; valid if drawn
}

// Update scrolls if msg is one of the keys, and reports whether it is.
func (s *Scroll) Update(msg tea.Msg, keys Motion) bool {
	by, ok := keys.by(msg, max(s.Page, 1), s.most)
	s.Move(by)
	return ok
}

// View returns the lines of a text that are visible in the given number of rows.
func (s *Scroll) View(lines []string, rows int) []string {
	from, to := s.Range(len(lines), rows)
	return lines[from:to]
}

// Range returns the visible lines of a text of n lines: from is the first, to is after the last.
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

// Top returns the index of the first visible line.
func (s *Scroll) Top() int { return s.top }

// Over reports whether the text did not fit when it was last drawn.
func (s *Scroll) Over() bool { return s.most > 0 }
