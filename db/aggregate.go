package db

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"weir/db/block"
	"weir/flow"
	"weir/search"
)

// sums are the totals of a group of flows.
type sums struct {
	flows           int64
	octets, packets uint64
}

func (s *sums) add(t sums) {
	s.flows += t.flows
	s.octets, s.packets = block.AddSaturating(s.octets, t.octets), block.AddSaturating(s.packets, t.packets)
}

// counters reads the counters of a batch's rows.
type counters [4]block.Cells // octets and packets, sent and received

func countersOf(b block.Batch) (c counters, err error) {
	for i, col := range [...]block.Column{block.ColSentOctets, block.ColRecvOctets, block.ColSentPackets, block.ColRecvPackets} {
		if c[i], err = b.Cells(col); err != nil {
			return c, err
		}
	}
	return c, nil
}

func (c *counters) at(i int) sums {
	return sums{1, uint64(c[0].At(i)) + uint64(c[1].At(i)), uint64(c[2].At(i)) + uint64(c[3].At(i))}
}

// Top returns the n groups with the most octets among the flows of q, the largest first; equal ones by
// flows, then by key. All matching flows count: q.Limit is ignored.
func (r *Reader) Top(ctx context.Context, q search.Request, by search.By, n int) ([]search.Talker, error) {
	var talkers []search.Talker
	err := r.read(ctx, q.Progress, func(sn *snapshot) error {
		talkers = nil
		sel, err := compile(q.Query, sn.names, r.now())
		if err != nil || sel.matchesNothing() {
			return err
		}
		talkers, err = sn.top(sel, by)
		return err
	})
	if !answered(err) {
		return nil, fmt.Errorf("sum flows: %w", err)
	}
	slices.SortFunc(talkers, func(a, b search.Talker) int {
		if n := cmp.Or(cmp.Compare(b.Octets, a.Octets), cmp.Compare(b.Flows, a.Flows)); n != 0 {
			return n
		}
		return strings.Compare(a.Key(by), b.Key(by))
	})
	return talkers[:min(max(n, 0), len(talkers))], err
}

// groupColumns returns the one or two columns whose values the flows of a group share.
func groupColumns(by search.By) []block.Column {
	return map[search.By][]block.Column{
		search.BySrc: {block.ColSrc}, search.ByDst: {block.ColDst}, search.ByPair: {block.ColSrc, block.ColDst}, search.ByPort: {block.ColProto, block.ColDport}, search.ByNode: {block.ColNode},
	}[by]
}

func (sn *snapshot) top(sel selection, by search.By) ([]search.Talker, error) {
	columns := groupColumns(by)
	if columns == nil {
		return nil, fmt.Errorf("invalid grouping %q", by)
	}
	var mu sync.Mutex
	total := map[talkerKey]*sums{}
	err := sn.visit(sel, func(b block.Batch, rows block.Bitmap) error {
		found, err := groups(b, rows, columns)
		if err != nil {
			return err
		}
		keys := make([]talkerKey, len(found)) // all of them first: a damaged block must not count in part
		for i := range found {
			if keys[i], err = keyOf(b, by, found[i].key); err != nil {
				return err
			}
		}
		mu.Lock()
		defer mu.Unlock()
		for i, key := range keys {
			if had := total[key]; had != nil {
				had.add(found[i].sums)
			} else {
				total[key] = &found[i].sums
			}
		}
		return nil
	})
	talkers := make([]search.Talker, 0, len(total))
	for key, sum := range total {
		t := search.Talker{Src: key.src, Dst: key.dst, Flows: sum.flows, Octets: sum.octets, Packets: sum.packets}
		switch by {
		case search.ByPort:
			t.Proto, t.Port = flow.Proto(key.number>>16), uint16(key.number)
		case search.ByNode:
			t.Node = sn.names.name(key.number)
		}
		talkers = append(talkers, t)
	}
	return talkers, err
}

// group is the sums of the rows that share the values of one or two columns.
type group struct {
	key [2]int64
	sums
}

// groups aggregates rows by the values of one or two columns.
func groups(b block.Batch, rows block.Bitmap, columns []block.Column) ([]group, error) {
	counts, err := countersOf(b)
	if err != nil {
		return nil, err
	}
	first, err := b.Cells(columns[0])
	if err != nil {
		return nil, err
	}
	second := block.Constant(0)
	if len(columns) > 1 {
		if second, err = b.Cells(columns[1]); err != nil {
			return nil, err
		}
	}
	var out []group
	indexOf := groupIndex(b, columns)
	rows.Each(func(i int) {
		key := [2]int64{first.At(i), second.At(i)}
		at := indexOf(key)
		if at == nil {
			err = block.ErrDamaged
			return
		}
		if *at == 0 {
			out = append(out, group{key: key})
			*at = int32(len(out))
		}
		out[*at-1].add(counts.at(i))
	})
	return out, err
}

// groupIndex returns a function that returns where to note the index of a group in a list, plus 1. For
// a single column with few values it uses an array, which halves the time of a query. The function
// returns nil for a value outside of the column's zone, which a damaged header with a valid checksum
// can make too narrow.
func groupIndex(b block.Batch, columns []block.Column) func(key [2]int64) *int32 {
	z := b.Zone(columns[0])
	if size := uint64(z.Max) - uint64(z.Min); len(columns) == 1 && size < 1<<16 {
		array := make([]int32, size+1)
		return func(key [2]int64) *int32 {
			if i := uint64(key[0]) - uint64(z.Min); i < uint64(len(array)) {
				return &array[i]
			}
			return nil
		}
	}
	known := map[[2]int64]*int32{}
	return func(key [2]int64) *int32 {
		at := known[key]
		if at == nil {
			at = new(int32)
			known[key] = at
		}
		return at
	}
}

// talkerKey identifies a group in all batches. number is a node, or protocol and port.
type talkerKey struct {
	src, dst netip.Addr
	number   int64
}

// keyOf translates the key of a batch's group.
func keyOf(b block.Batch, by search.By, key [2]int64) (k talkerKey, err error) {
	switch by {
	case search.ByPort:
		k.number = key[0] << 16
		if flow.Proto(key[0]).HasPorts() {
			k.number |= key[1]
		}
		return k, nil
	case search.ByNode:
		k.number = key[0]
		return k, nil
	}
	dict, err := b.Addresses()
	if err != nil {
		return k, err
	}
	switch by {
	case search.BySrc:
		k.src, err = dict.At(key[0])
	case search.ByDst:
		k.dst, err = dict.At(key[0])
	default:
		if k.src, err = dict.At(key[0]); err == nil {
			k.dst, err = dict.At(key[1])
		}
	}
	return k, err
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
	if !answered(err) {
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

// fillBuckets counts flows in buckets; the result is nil if no flow matches.
func (sn *snapshot) fillBuckets(sel selection, buckets []search.Bucket) ([]search.Bucket, error) {
	lo, width := block.Nanos(buckets[0].Start), int64(buckets[0].Width)
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
			k := &buckets[max(0, min(int64(len(buckets)-1), (start.At(i)-lo)/width))]
			k.Flows++
			k.Octets = block.AddSaturating(k.Octets, counts.at(i).octets)
		})
		return nil
	})
	if !found {
		return nil, err
	}
	return buckets, err
}
