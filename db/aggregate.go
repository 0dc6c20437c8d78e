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

// sums are what a group of flows adds up to.
type sums struct {
	flows           int64
	octets, packets uint64
}

func (s *sums) add(t sums) {
	s.flows += t.flows
	s.octets, s.packets = block.AddUp(s.octets, t.octets), block.AddUp(s.packets, t.packets)
}

// counters reads what the rows of a batch count.
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

// Top returns the n groups with the most octets among the flows of q, the
// largest first; equal ones by flows, then by key. All flows that match count,
// whatever q's limit.
func (r *Reader) Top(ctx context.Context, q search.Request, by search.By, n int) ([]search.Talker, error) {
	var talkers []search.Talker
	err := r.read(ctx, q.Progress, func(sn *snapshot) error {
		talkers = nil
		sel, err := compile(q.Query, sn.names, r.now())
		if err != nil || sel.nothing() {
			return err
		}
		talkers, err = sn.top(sel, by)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("add up flows: %w", err)
	}
	slices.SortFunc(talkers, func(a, b search.Talker) int {
		if n := cmp.Or(cmp.Compare(b.Octets, a.Octets), cmp.Compare(b.Flows, a.Flows)); n != 0 {
			return n
		}
		return strings.Compare(a.Key(by), b.Key(by))
	})
	return talkers[:min(max(n, 0), len(talkers))], nil
}

// groupColumns are what flows of a group have in common, one or two columns.
func groupColumns(by search.By) []block.Column {
	return map[search.By][]block.Column{
		search.BySrc: {block.ColSrc}, search.ByDst: {block.ColDst}, search.ByPair: {block.ColSrc, block.ColDst}, search.ByPort: {block.ColProto, block.ColDport}, search.ByNode: {block.ColNode},
	}[by]
}

func (sn *snapshot) top(sel selection, by search.By) ([]search.Talker, error) {
	columns := groupColumns(by)
	if columns == nil {
		return nil, fmt.Errorf("the store cannot add up by %s", by)
	}
	var mu sync.Mutex
	total := map[talkerKey]*sums{}
	err := sn.visit(sel, func(b block.Batch, rows block.Bitmap) error {
		found, err := groups(b, rows, columns)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		for i := range found {
			key, err := keyOf(b, by, found[i].key)
			if err != nil {
				return err
			}
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

// group is the sums of rows that have the values of one or two columns in common.
type group struct {
	key [2]int64
	sums
}

// groups adds rows up by the values of one or two columns.
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
	place := places(b, columns)
	rows.Each(func(i int) {
		key := [2]int64{first.At(i), second.At(i)}
		at := place(key)
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

// places returns a function that finds the memory where the place of a group is noted, one more than it is. Of one column
// with few values it is an array: that halves the time. The function returns nil for a value outside of the column's zone,
// which a damaged header with a checksum that fits can make too narrow.
func places(b block.Batch, columns []block.Column) func(key [2]int64) *int32 {
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

// talkerKey is what a group has in common, in any batch. number is a node, or protocol and port.
type talkerKey struct {
	src, dst netip.Addr
	number   int64
}

// keyOf says what the numbers of a batch's group stand for.
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

// Buckets returns n spans of equal width that cover q's range without a gap, in
// order of time. Where the range has no beginning or no end, that of the flows
// that match takes its place; the end of a relative range is now, and flows
// that begin later count in the last span. Without any flow there are none.
func (r *Reader) Buckets(ctx context.Context, q search.Request, n int) ([]search.Bucket, error) {
	var buckets []search.Bucket
	err := r.read(ctx, q.Progress, func(sn *snapshot) error {
		buckets = nil
		now := r.now()
		sel, err := compile(q.Query, sn.names, now)
		if err != nil || sel.nothing() || n <= 0 {
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
		buckets, err = sn.fill(sel, spread(sp, n))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("add up flows: %w", err)
	}
	return buckets, nil
}

// extent puts the starts of the first and last flow of a selection in the place of the ends that sp
// has not; it is empty without any flow. A flow whose start isn't known has no place in time.
func (sn *snapshot) extent(sel selection, sp span) (span, error) {
	sel.span = sel.and(span{block.ZeroTime + 1, math.MaxInt64})
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

// spread lays n empty buckets over a span.
func spread(sp span, n int) []search.Bucket {
	width := (uint64(sp.hi)-uint64(sp.lo))/uint64(n) + 1
	buckets := make([]search.Bucket, n)
	for i := range buckets {
		buckets[i] = search.Bucket{Start: block.TimeOf(sp.lo + int64(width)*int64(i)), Width: time.Duration(width)}
	}
	return buckets
}

// fill counts flows into buckets; nil if there are none.
func (sn *snapshot) fill(sel selection, buckets []search.Bucket) ([]search.Bucket, error) {
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
			k.Octets = block.AddUp(k.Octets, counts.at(i).octets)
		})
		return nil
	})
	if !found {
		return nil, err
	}
	return buckets, err
}
