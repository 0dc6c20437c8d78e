package block

import "math/bits"

// Bitmap is a set of rows of a batch: bit i%64 of word i/64 is row i.
type Bitmap []uint64

// RowRange returns the set of rows lo to hi-1 of a batch of n rows.
func RowRange(n, lo, hi int) Bitmap {
	b := make(Bitmap, (n+63)/64)
	for i := lo; i < hi; {
		if i%64 == 0 && hi-i >= 64 {
			b[i/64] = ^uint64(0)
			i += 64
			continue
		}
		b[i/64] |= 1 << (i % 64)
		i++
	}
	return b
}

// Clone returns a copy.
func (b Bitmap) Clone() Bitmap { return append(Bitmap(nil), b...) }

// Has reports whether a row is in b.
func (b Bitmap) Has(row int) bool { return b[row/64]&(1<<(row%64)) != 0 }

// Set adds a row to b.
func (b Bitmap) Set(row int) { b[row/64] |= 1 << (row % 64) }

// Count returns the number of rows in b.
func (b Bitmap) Count() (n int) {
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// Empty reports whether b has no rows.
func (b Bitmap) Empty() bool {
	for _, w := range b {
		if w != 0 {
			return false
		}
	}
	return true
}

// Clear removes all rows from b.
func (b Bitmap) Clear() {
	for i := range b {
		b[i] = 0
	}
}

// Remove removes the rows of c, a set of the same batch, from b.
func (b Bitmap) Remove(c Bitmap) {
	for i := range b {
		b[i] &^= c[i]
	}
}

// Add adds the rows of c, a set of the same batch, to b.
func (b Bitmap) Add(c Bitmap) {
	for i := range b {
		b[i] |= c[i]
	}
}

// Keep removes the rows for which ok is false.
func (b Bitmap) Keep(ok func(row int) bool) {
	for i, w := range b {
		for rest := w; rest != 0; rest &= rest - 1 {
			bit := bits.TrailingZeros64(rest)
			if !ok(i*64 + bit) {
				w &^= 1 << bit
			}
		}
		b[i] = w
	}
}

// Each calls fn with the rows of b, in ascending order.
func (b Bitmap) Each(fn func(row int)) {
	for i, w := range b {
		for ; w != 0; w &= w - 1 {
			fn(i*64 + bits.TrailingZeros64(w))
		}
	}
}

// First calls fn with the first n rows of b, in ascending order.
func (b Bitmap) First(n int, fn func(row int)) {
	for i, w := range b {
		for ; w != 0 && n > 0; w, n = w&(w-1), n-1 {
			fn(i*64 + bits.TrailingZeros64(w))
		}
	}
}

// Last calls fn with the last n rows of b, in descending order.
func (b Bitmap) Last(n int, fn func(row int)) {
	for i := len(b) - 1; i >= 0 && n > 0; i-- {
		for w := b[i]; w != 0 && n > 0; n-- {
			bit := 63 - bits.LeadingZeros64(w)
			fn(i*64 + bit)
			w &^= 1 << bit
		}
	}
}
