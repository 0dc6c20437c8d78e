package db

import "math/bits"

// bitmap is a set of rows of a batch.
type bitmap []uint64

// rowRange is the set of the rows from lo to hi, hi excluded, out of n.
func rowRange(n, lo, hi int) bitmap {
	b := make(bitmap, (n+63)/64)
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

func (b bitmap) clone() bitmap { return append(bitmap(nil), b...) }

func (b bitmap) count() (n int) {
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

func (b bitmap) empty() bool {
	for _, w := range b {
		if w != 0 {
			return false
		}
	}
	return true
}

func (b bitmap) clear() {
	for i := range b {
		b[i] = 0
	}
}

// remove takes the rows of c out of b.
func (b bitmap) remove(c bitmap) {
	for i := range b {
		b[i] &^= c[i]
	}
}

// add adds the rows of c to b.
func (b bitmap) add(c bitmap) {
	for i := range b {
		b[i] |= c[i]
	}
}

// keep takes those rows out of b for which ok is false.
func (b bitmap) keep(ok func(row int) bool) {
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

// each calls fn with the rows of b, in ascending order.
func (b bitmap) each(fn func(row int)) {
	for i, w := range b {
		for ; w != 0; w &= w - 1 {
			fn(i*64 + bits.TrailingZeros64(w))
		}
	}
}

// first calls fn with the first n rows of b, in ascending order.
func (b bitmap) first(n int, fn func(row int)) {
	for i, w := range b {
		for ; w != 0 && n > 0; w, n = w&(w-1), n-1 {
			fn(i*64 + bits.TrailingZeros64(w))
		}
	}
}

// last calls fn with the last n rows of b, in descending order.
func (b bitmap) last(n int, fn func(row int)) {
	for i := len(b) - 1; i >= 0 && n > 0; i-- {
		for w := b[i]; w != 0 && n > 0; n-- {
			bit := 63 - bits.LeadingZeros64(w)
			fn(i*64 + bit)
			w &^= 1 << bit
		}
	}
}
