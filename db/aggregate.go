package db

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"weir/db/block"
	"weir/search"
)

// sums are the totals of a group of flows.
type sums struct {
	flows               int64
	sent, recv, packets uint64 // octets of each direction; packets of both
	first, last         int64  // start of the earliest flow and end of the latest, as stored; first > last: not known of any
}

func (s *sums) octets() uint64 { return block.AddSaturating(s.sent, s.recv) }

func (s *sums) add(t *sums) {
	s.flows += t.flows
	s.sent, s.recv, s.packets = block.AddSaturating(s.sent, t.sent), block.AddSaturating(s.recv, t.recv), block.AddSaturating(s.packets, t.packets)
	s.first, s.last = min(s.first, t.first), max(s.last, t.last)
}

// noSums are the totals of no flow.
var noSums = sums{first: math.MaxInt64, last: math.MinInt64}

// counters reads the counters of a batch's rows.
type counters [6]block.Cells // octets and packets, sent and received; start and duration

func countersOf(b block.Batch) (c counters, err error) {
	for i, col := range [...]block.Column{block.ColSentOctets, block.ColRecvOctets, block.ColSentPackets, block.ColRecvPackets, block.ColStart, block.ColDuration} {
		if c[i], err = b.Cells(col); err != nil {
			return c, err
		}
	}
	return c, nil
}

func (c *counters) at(i int) sums {
	s := sums{1, uint64(c[0].At(i)), uint64(c[1].At(i)), uint64(c[2].At(i)) + uint64(c[3].At(i)), math.MaxInt64, math.MinInt64}
	if start := c[4].At(i); start != block.ZeroTime {
		s.first, s.last = start, max(start, start+c[5].At(i))
	}
	return s
}

// Buckets returns n consecutive spans of equal width that cover q's range, in order of time. An open
// end of the range is that of the matching flows; a relative range ends now, and later flows count in
// the last bucket. If no flow matches, the result is empty.
func (r *Reader) Buckets(ctx context.Context, q search.Request, n int) ([]search.Bucket, error) {
	var buckets []search.Bucket
	err := r.read(ctx, q.Progress, func(sn *snapshot) error {
		buckets = nil
		now := r.now()
		sel, err := compile(q.Query, sn.names, now)
		if err != nil || sel.matchesNothing() || n <= 0 {
			return err
		}
		sp := sel.span
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

// extent replaces the open ends of sp by the starts of the first and last flow of a selection; the
// result is empty without any flow. A flow without a known start is ignored.
func (sn *snapshot) extent(sel selection, sp span) (span, error) {
	sel.span = sel.intersect(span{block.ZeroTime + 1, math.MaxInt64})
	var mu sync.Mutex
	found := span{math.MaxInt64, math.MinInt64}
	err := sn.visit(sel, func(b block.Batch, rows block.Bitmap) error {
		start, err := b.Cells(block.ColStart)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		rows.Each(func(i int) {
			found = span{min(found.lo, start.At(i)), max(found.hi, start.At(i))}
		})
		return nil
	})
	if err != nil || found.empty() {
		return found, err
	}
	if sp.lo != math.MinInt64 {
		found.lo = sp.lo
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

// fillBuckets counts flows in buckets; the result is nil if no flow matches. Flows without a known start
// don't count.
func (sn *snapshot) fillBuckets(sel selection, buckets []search.Bucket) ([]search.Bucket, error) {
	sel.span = sel.intersect(span{block.ZeroTime + 1, math.MaxInt64})
	lo, width := uint64(block.Nanos(buckets[0].Start)), uint64(buckets[0].Width)
	var mu sync.Mutex
	found := false
	err := sn.visit(sel, func(b block.Batch, rows block.Bitmap) error {
		start, err := b.Cells(block.ColStart)
		if err != nil {
			return err
		}
		counts, err := countersOf(b)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		found = true
		rows.Each(func(i int) {
			k := &buckets[min(uint64(len(buckets)-1), (uint64(start.At(i))-lo)/width)]
			k.Flows++
			sum := counts.at(i)
			k.Octets = block.AddSaturating(k.Octets, sum.octets())
		})
		return nil
	})
	if !found {
		return nil, err
	}
	return buckets, err
}
