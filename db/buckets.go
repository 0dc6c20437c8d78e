package db

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"weir/db/block"
	"weir/flow"
	"weir/search"
)

// Buckets returns n consecutive spans of equal width that cover q's range, in order of time. A flow counts in
// each span in which it was active, with the part of its counters that falls into it: see [search.Bucket]. An
// open end of the range is that of the matching flows; a relative range ends now, and what comes later counts
// in the last bucket. If no flow matches, the result is empty.
func (r *Reader) Buckets(ctx context.Context, q search.Request, n int) ([]search.Bucket, error) {
	var buckets []search.Bucket
	err := r.read(ctx, q.Progress, func(sn *snapshot) error {
		buckets = nil
		now := r.now()
		sel, err := compile(q.Query, sn.names, now)
		if err != nil || sel.matchesNothing() || n <= 0 {
			return err
		}
		sel.span = sel.intersect(span{block.ZeroTime + 1, math.MaxInt64}) // flows without a known start don't count
		sp := sel.clip
		if q.Range.Last > 0 {
			sp.hi = max(sp.lo, block.Nanos(now))
		}
		if sp.lo == math.MinInt64 || sp.hi == math.MaxInt64 {
			if sp, err = sn.extent(sel, sp); err != nil || sp.empty() {
				return err
			}
		}
		buckets, err = sn.fillBuckets(sel, emptyBuckets(sp, n))
		return err
	})
	if !search.Answered(err) {
		return nil, fmt.Errorf("sum flows: %w", err)
	}
	return buckets, err
}

// extent replaces the open ends of sp by the start of the first flow of a selection and the end of the last
// one; the result is empty without any flow.
func (sn *snapshot) extent(sel selection, sp span) (span, error) {
	var mu sync.Mutex
	found := span{math.MaxInt64, math.MinInt64}
	err := sn.visit(sel, func(b block.Batch, rows block.Bitmap) error {
		start, err := b.Cells(block.ColStart)
		if err != nil {
			return err
		}
		duration, err := b.Cells(block.ColDuration)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		rows.Each(func(i int) {
			at := start.At(i)
			found = span{min(found.lo, at), max(found.hi, at, at+duration.At(i))}
		})
		return nil
	})
	if err != nil || found.empty() {
		return found, err
	}
	if sp.lo != math.MinInt64 {
		found = span{sp.lo, max(found.hi, sp.lo)} // open flows may be quiet since then
	}
	if sp.hi != math.MaxInt64 {
		found.hi = sp.hi
	}
	return found, nil
}

// emptyBuckets divides a span into n buckets.
func emptyBuckets(sp span, n int) []search.Bucket {
	width := (uint64(sp.hi)-uint64(sp.lo))/uint64(n) + 1
	buckets := make([]search.Bucket, n)
	for i := range buckets {
		buckets[i] = search.Bucket{Start: block.TimeOf(sp.lo + int64(width)*int64(i)), Width: time.Duration(width)}
	}
	return buckets
}

// fillBuckets counts flows in buckets; the result is nil if no flow matches.
func (sn *snapshot) fillBuckets(sel selection, buckets []search.Bucket) ([]search.Bucket, error) {
	var mu sync.Mutex
	var free sync.Pool // of *bucketSums, one for each worker
	all := newBucketSums(&sel, buckets)
	found := false
	err := sn.visit(sel, func(b block.Batch, rows block.Bitmap) error {
		part, _ := free.Get().(*bucketSums)
		if part == nil {
			part = newBucketSums(&sel, buckets)
		}
		defer free.Put(part)
		part.reset()
		if err := part.read(b, rows); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		found = true
		all.add(part)
		return nil
	})
	if !found {
		return nil, err
	}
	active := int64(0)
	for i := range buckets {
		k := &buckets[i]
		active += all.change[i]
		k.Flows, k.Started = active, all.sums[i].flows
		k.Octets, k.Packets = all.sums[i].octets(), all.sums[i].packets
	}
	return buckets, err
}

// bucketSums are the sums of some flows by bucket.
type bucketSums struct {
	lo     int64 // start of the first bucket
	width  uint64
	clip   span    // the time range
	spans  []span  // of the buckets, cut off at the time range; the last one may be longer than the others
	change []int64 // active flows, less those of the bucket before
	sums   []sums  // flows: those that started in the bucket
}

func newBucketSums(sel *selection, buckets []search.Bucket) *bucketSums {
	s := &bucketSums{
		lo: block.Nanos(buckets[0].Start), width: uint64(buckets[0].Width), clip: sel.clip,
		spans: make([]span, len(buckets)), change: make([]int64, len(buckets)+1), sums: make([]sums, len(buckets)),
	}
	for i := range s.spans {
		lo := s.lo + int64(s.width)*int64(i)
		s.spans[i] = span{lo, min(lo+int64(s.width)-1, s.clip.hi)}
	}
	s.spans[len(s.spans)-1].hi = s.clip.hi
	return s
}

func (s *bucketSums) reset() {
	clear(s.change)
	clear(s.sums)
}

func (s *bucketSums) add(t *bucketSums) {
	for i := range t.sums {
		s.change[i] += t.change[i]
		s.sums[i].add(&t.sums[i])
	}
}

// at returns the bucket of a time, the first or the last one if it is outside of all.
func (s *bucketSums) at(t int64) int {
	if t < s.lo {
		return 0
	}
	return int(min(uint64(len(s.sums)-1), (uint64(t)-uint64(s.lo))/s.width))
}

// read adds the flows of rows.
func (s *bucketSums) read(b block.Batch, rows block.Bitmap) error {
	counts, err := countersOf(b, allTime)
	if err != nil {
		return err
	}
	reason, err := b.Cells(block.ColEndReason)
	if err != nil {
		return err
	}
	rows.Each(func(i int) {
		f := counts.times(i)
		first, last := s.at(f.start), s.at(min(f.end, s.clip.hi))
		s.change[first]++
		if reason.At(i) == int64(flow.StillOpen) {
			s.change[s.at(s.clip.hi)+1]--
		} else {
			s.change[last+1]--
		}
		if f.start >= s.lo {
			s.sums[first].flows++
		}
		if f.end < s.lo { // open, and quiet since then
			return
		}
		if first == last && f.within(s.spans[first]) {
			all := counts.at(i)
			all.flows = 0
			s.sums[first].add(&all)
			return
		}
		for k := first; k <= last; k++ {
			part := counts.part(i, f, s.spans[k])
			part.flows = 0
			s.sums[k].add(&part)
		}
	})
	return nil
}
