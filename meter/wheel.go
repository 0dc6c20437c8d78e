package meter

import "math/bits"

// wheel is a lazy timing wheel over the entries of a table: each entry is scheduled in the
// bucket of a deadline. A packet doesn't move its flow; when the bucket comes up, a flow that is
// not due yet is rescheduled. So a packet costs nothing, and a step of time costs what is due,
// never a scan of the table.
//
// A bucket is a circular list of slots. Its head is the bucket itself, numbered bucketBase and
// up, which no slot is.
type wheel struct {
	rings    [wheelSize]links
	occupied [wheelSize / 64]uint64      // bitmap of buckets with entries
	words    [wheelSize / 64 / 64]uint64 // bitmap of words of occupied that are not 0
	tick     int64                       // the last bucket that came up
	len      int
	buf      [decodeBatch]uint32 // buffer of advance
}

// links are the neighbours in a circular list: slots, or a bucket.
type links struct{ next, prev uint32 }

// bucketBase + b is the list head of bucket b.
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

// bucket returns the first bucket that comes up at or after deadline: the next one for a past
// deadline, the last one for a deadline beyond the horizon.
func (w *wheel) bucket(deadline int64) uint32 {
	tick := min(max(deadline/tickNS+1, w.tick+1), w.tick+wheelSize-1)
	return uint32(tick) % wheelSize
}

// isInPlace reports whether bucket is acceptable for deadline. For a deadline beyond the
// horizon, which moves with each tick, it is the last sixteenth before the horizon.
func (w *wheel) isInPlace(bucket uint32, deadline int64) bool {
	right := w.bucket(deadline)
	if deadline/tickNS+1 < w.tick+wheelSize-1 {
		return bucket == right
	}
	return (int64(right)-int64(bucket)+wheelSize)%wheelSize < wheelSize/16
}

// add schedules slot for deadline, at the end of the bucket.
func (w *wheel) add(tb *table, slot uint32, deadline int64) {
	b := w.bucket(deadline)
	ring := &w.rings[b]
	*w.of(tb, slot) = links{next: bucketBase + b, prev: ring.prev}
	w.of(tb, ring.prev).next = slot
	ring.prev = slot
	word := &w.occupied[b/64]
	if *word == 0 {
		w.words[b/64/64] |= 1 << (b / 64 % 64)
	}
	*word |= 1 << (b % 64)
	w.len++
}

// remove takes slot out of its bucket.
func (w *wheel) remove(tb *table, slot uint32) {
	l := *w.of(tb, slot)
	w.of(tb, l.prev).next, w.of(tb, l.next).prev = l.next, l.prev
	if l.next == l.prev && l.next >= bucketBase { // it was the last one
		b := l.next - bucketBase
		if w.occupied[b/64] &^= 1 << (b % 64); w.occupied[b/64] == 0 {
			w.words[b/64/64] &^= 1 << (b / 64 % 64)
		}
	}
	w.len--
}

// advance moves the wheel to time now and passes the entries of buckets that came up to due, in
// batches and up to limit in total: a step of time after which a million flows are due must not
// stall the packets behind it. due must remove or reschedule them. advance reports whether the
// wheel reached now.
func (w *wheel) advance(tb *table, now int64, limit int, due func(slots []uint32)) bool {
	target := now / tickNS
	for {
		ring := &w.rings[w.tick%wheelSize]
		for ring.next < bucketBase {
			slots := w.gather(tb, ring, min(limit, decodeBatch))
			if len(slots) == 0 {
				return false
			}
			limit -= len(slots)
			due(slots) // rescheduled entries go into later buckets
		}
		if w.tick >= target {
			return true
		}
		w.tick = min(w.tick+w.nextOccupied(), target)
	}
}

// gather returns up to limit slots of a list that isn't empty. It follows the list from both
// ends, since each link is a cache miss and two can overlap, and prefetches the entries.
func (w *wheel) gather(tb *table, ring *links, limit int) []uint32 {
	slots := w.buf[:0]
	for next, prev := ring.next, ring.prev; len(slots) < limit; {
		slots = append(slots, next)
		tb.sink += tb.at(next).fetch() + tb.at(prev).fetch()
		if next == prev || len(slots) == limit {
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

// first returns an entry of the next bucket with entries, and that bucket. The wheel must not be
// empty.
func (w *wheel) first() (slot, bucket uint32) {
	bucket = uint32(w.tick % wheelSize)
	if w.rings[bucket].next >= bucketBase { // else it came up and isn't done
		bucket = uint32((w.tick + w.nextOccupied()) % wheelSize)
	}
	return w.rings[bucket].next, bucket
}

// nextOccupied returns the number of ticks to the next bucket with entries, 1 to wheelSize;
// wheelSize if there is none.
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

// nextWord returns the first non-zero word of occupied from word i on, wrapping around. There
// must be one.
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
