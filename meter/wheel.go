package meter

import "math/bits"

// wheel is a lazy timing wheel over the entries of a table: each entry in it
// hangs in the bucket of a deadline. A flow that gets packets isn't moved;
// when its bucket comes up it is looked at and hung up again if it is not due
// yet. So a packet costs nothing, and a step of time costs what is due, never
// a scan of the table.
//
// A bucket is a ring of slots that begins and ends with the bucket itself,
// which is named by a number that no slot has: bucketBase and up.
type wheel struct {
	rings    [wheelSize]links
	occupied [wheelSize / 64]uint64      // a bit for each bucket with entries
	words    [wheelSize / 64 / 64]uint64 // a bit for each word of occupied that isn't 0
	tick     int64                       // the last bucket that came up
	len      int
	buf      [decodeBatch]uint32 // memory of advance
}

// links are the neighbours in a ring: slots, or a bucket.
type links struct{ next, prev uint32 }

// bucketBase + b is bucket b.
const bucketBase = none - wheelSize

func newWheel() *wheel {
	w := &wheel{}
	for b := range w.rings {
		w.rings[b] = links{bucketBase + uint32(b), bucketBase + uint32(b)}
	}
	return w
}

// of returns the links of a slot or a bucket.
func (w *wheel) of(tb *table, at uint32) *links {
	if at >= bucketBase {
		return &w.rings[at-bucketBase]
	}
	return &tb.cold(at).links
}

// bucket is the one for deadline, which is not before it. What is due already
// comes up next, what is beyond the horizon at the horizon.
func (w *wheel) bucket(deadline int64) uint32 {
	tick := min(max(deadline/tickNS+1, w.tick+1), w.tick+wheelSize-1)
	return uint32(tick % wheelSize)
}

// isRight reports whether what hangs in a bucket hangs well for deadline. Beyond
// the horizon, which moves on with each tick, the last sixteenth before it does.
func (w *wheel) isInPlace(bucket uint32, deadline int64) bool {
	right := w.bucket(deadline)
	if deadline/tickNS+1 < w.tick+wheelSize-1 {
		return bucket == right
	}
	return (int64(right)-int64(bucket)+wheelSize)%wheelSize < wheelSize/16
}

// add hangs slot up for the time deadline, behind what is in that bucket.
func (w *wheel) add(tb *table, slot uint32, deadline int64) {
	b := w.bucket(deadline)
	ring := &w.rings[b]
	*w.of(tb, slot) = links{next: bucketBase + b, prev: ring.prev}
	w.of(tb, ring.prev).next = slot
	ring.prev = slot
	w.occupied[b/64] |= 1 << (b % 64)
	w.words[b/64/64] |= 1 << (b / 64 % 64)
	w.len++
}

// remove takes slot out of its bucket.
func (w *wheel) remove(tb *table, slot uint32) {
	l := *w.of(tb, slot)
	w.of(tb, l.prev).next, w.of(tb, l.next).prev = l.next, l.prev
	if l.next == l.prev && l.next >= bucketBase { // it was alone
		b := l.next - bucketBase
		if w.occupied[b/64] &^= 1 << (b % 64); w.occupied[b/64] == 0 {
			w.words[b/64/64] &^= 1 << (b / 64 % 64)
		}
	}
	w.len--
}

// advance moves the wheel on to time now and calls due with the entries whose
// bucket came up, some at a time and most in all: a step of time after which a million
// flows are due must not stall the packets behind it. due has to take them
// out, or to hang them up again. It reports whether the wheel got to now.
func (w *wheel) advance(tb *table, now int64, most int, due func(slots []uint32)) bool {
	target := now / tickNS
	for {
		ring := &w.rings[w.tick%wheelSize]
		for ring.next < bucketBase {
			slots := w.gather(tb, ring, min(most, decodeBatch))
			if len(slots) == 0 {
				return false
			}
			most -= len(slots)
			due(slots) // what is hung up again goes into a later bucket
		}
		if w.tick >= target {
			return true
		}
		w.tick = min(w.tick+w.nextOccupied(), target)
	}
}

// gather returns the slots in a ring, most of them at most. It goes along the ring
// from both of its ends: to get from one slot to the next takes a fetch from
// memory, and so it is two at a time. Beside them it fetches the entries. The ring
// must not be empty.
func (w *wheel) gather(tb *table, ring *links, most int) []uint32 {
	slots := w.buf[:0]
	for next, prev := ring.next, ring.prev; len(slots) < most; {
		slots = append(slots, next)
		tb.sink += tb.at(next).fetch() + tb.at(prev).fetch()
		if next == prev || len(slots) == most {
			break
		}
		slots = append(slots, prev)
		after, before := tb.cold(next).next, tb.cold(prev).prev
		if after == prev {
			break
		}
		next, prev = after, before
	}
	return slots
}

// first returns an entry of the bucket that comes up next, and that bucket. The
// wheel must not be empty.
func (w *wheel) first() (slot, bucket uint32) {
	bucket = uint32(w.tick % wheelSize)
	if w.rings[bucket].next >= bucketBase { // else it came up and isn't done
		bucket = uint32((w.tick + w.nextOccupied()) % wheelSize)
	}
	return w.rings[bucket].next, bucket
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
	if word == 0 {
		i = w.nextWord(i + 1)
		word = w.occupied[i]
	}
	b := i*64 + int64(bits.TrailingZeros64(word))
	return (b-start+wheelSize)%wheelSize + 1
}

// nextWord is the first word of occupied that isn't 0, from word i on and around
// through all of them. There must be one.
func (w *wheel) nextWord(i int64) int64 {
	n := int64(len(w.words))
	j := i / 64 % n
	words := w.words[j] &^ (1<<(i%64) - 1)
	for words == 0 {
		j = (j + 1) % n
		words = w.words[j]
	}
	return j*64 + int64(bits.TrailingZeros64(words))
}
