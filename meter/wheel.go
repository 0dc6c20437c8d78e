package meter

import "math/bits"

// wheel is a lazy timing wheel over the entries of a table: each entry in it
// hangs in the bucket of a deadline. A flow that gets packets isn't moved;
// when its bucket comes up it is looked at and hung up again if it is not due
// yet. So a packet costs nothing, and a step of time costs what is due, never
// a scan of the table.
type wheel struct {
	heads    [wheelSize]uint32 // first slot of each bucket's ring, or none
	occupied [wheelSize / 64]uint64
	tick     int64 // the last bucket that came up
	len      int
}

func newWheel() *wheel {
	w := &wheel{}
	for i := range w.heads {
		w.heads[i] = none
	}
	return w
}

// bucket is the one for deadline, which is not before it. What is due already
// comes up next, what is beyond the horizon at the horizon.
func (w *wheel) bucket(deadline int64) uint16 {
	tick := min(max(deadline/tickNS+1, w.tick+1), w.tick+wheelSize-1)
	return uint16(tick % wheelSize)
}

// add hangs slot up for the time deadline, behind what is in that bucket.
func (w *wheel) add(tb *table, slot uint32, deadline int64) {
	b := w.bucket(deadline)
	e := tb.at(slot)
	e.bucket = b
	w.len++
	head := w.heads[b]
	if head == none {
		e.next, e.prev = slot, slot
		w.heads[b] = slot
		w.occupied[b/64] |= 1 << (b % 64)
		return
	}
	first := tb.at(head)
	e.next, e.prev = head, first.prev
	tb.at(first.prev).next = slot
	first.prev = slot
}

// remove takes slot out of its bucket.
func (w *wheel) remove(tb *table, slot uint32) {
	e := tb.at(slot)
	b := e.bucket
	w.len--
	if e.next == slot {
		w.heads[b] = none
		w.occupied[b/64] &^= 1 << (b % 64)
		return
	}
	tb.at(e.prev).next, tb.at(e.next).prev = e.next, e.prev
	if w.heads[b] == slot {
		w.heads[b] = e.next
	}
}

// advance moves the wheel on to time now and calls due for each entry whose
// bucket came up, for most at a time: a step of time after which a million
// flows are due must not stall the packets behind it. due has to take the
// entry out, or to hang it up again. It reports whether the wheel got to now.
func (w *wheel) advance(now int64, most int, due func(slot uint32)) bool {
	target := now / tickNS
	for {
		for b := w.tick % wheelSize; w.heads[b] != none; most-- {
			if most == 0 {
				return false
			}
			due(w.heads[b]) // what is hung up again goes into a later bucket
		}
		if w.tick >= target {
			return true
		}
		w.tick = min(w.tick+w.nextOccupied(), target)
	}
}

// first returns the entry that comes up next. The wheel must not be empty.
func (w *wheel) first() uint32 {
	if head := w.heads[w.tick%wheelSize]; head != none {
		return head // of a bucket that came up and isn't done
	}
	return w.heads[(w.tick+w.nextOccupied())%wheelSize]
}

// nextOccupied is how many ticks on the next bucket with entries is, 1 to
// wheelSize; wheelSize if there is none.
func (w *wheel) nextOccupied() int64 {
	if w.len == 0 {
		return wheelSize
	}
	start := (w.tick + 1) % wheelSize
	i := start / 64
	word := w.occupied[i] &^ (1<<(start%64) - 1)
	for n := 0; word == 0 && n < len(w.occupied); n++ {
		i = (i + 1) % int64(len(w.occupied))
		word = w.occupied[i]
	}
	b := i*64 + int64(bits.TrailingZeros64(word))
	return (b-start+wheelSize)%wheelSize + 1
}
