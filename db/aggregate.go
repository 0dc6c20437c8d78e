package db

import (
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"weir/flow"
	"weir/search"
)

// Top returns the n groups with the most octets among the flows of q, the
// largest first; equal ones by flows, then by key. All flows that match count,
// whatever q's limit.
func (s *Store) Top(ctx context.Context, q search.Query, by search.By, n int) ([]search.Talker, error) {
	var talkers []search.Talker
	err := s.read(ctx, func(sn *snapshot) error {
		sel, err := compile(q, sn.names, s.now())
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
		return cmp.Or(cmp.Compare(b.Octets, a.Octets), cmp.Compare(b.Flows, a.Flows), strings.Compare(a.Key(by), b.Key(by)))
	})
	return talkers[:min(max(n, 0), len(talkers))], nil
}

// sums are flows, octets and packets of a group, the latter two in halves of 32
// bits: SQLite's sum of integers fails when it overflows.
const sums = "count(*), sum((sent_octets >> 32) + (recv_octets >> 32)), sum((sent_octets & 0xffffffff) + (recv_octets & 0xffffffff))," +
	" sum((sent_packets >> 32) + (recv_packets >> 32)), sum((sent_packets & 0xffffffff) + (recv_packets & 0xffffffff))"

func (sn *snapshot) top(sel selection, by search.By) ([]search.Talker, error) {
	keys := map[search.By]string{search.BySrc: "src_ip", search.ByDst: "dst_ip", search.ByPair: "src_ip, dst_ip",
		search.ByPort: "proto, CASE WHEN proto IN (6, 17, 33, 132, 136) THEN dst_port ELSE 0 END", search.ByNode: "node_id"}[by]
	if keys == "" {
		return nil, fmt.Errorf("the store cannot add up by %s", by)
	}
	var talkers []search.Talker
	err := sn.group(sel, keys, func(row []driver.Value) error {
		t := search.Talker{}
		v := rowScanner{values: row}
		switch by {
		case search.BySrc:
			t.Src = v.addr()
		case search.ByDst:
			t.Dst = v.addr()
		case search.ByPair:
			t.Src, t.Dst = v.addr(), v.addr()
		case search.ByPort:
			t.Proto, t.Port = flow.Proto(v.int()), uint16(v.int())
		case search.ByNode:
			t.Node = sn.names.name(v.int())
		}
		t.Flows = v.int()
		t.Octets = addOctets(0, uint64(v.int()), uint64(v.int()))
		t.Packets = addOctets(0, uint64(v.int()), uint64(v.int()))
		talkers = append(talkers, t)
		return v.err
	})
	return talkers, err
}

// group calls fn with the keys and sums of each group of a selection.
func (sn *snapshot) group(sel selection, keys string, fn func([]driver.Value) error) error {
	src, err := sn.scan(sel)
	if err != nil {
		return err
	}
	return sn.each("WITH g AS MATERIALIZED (SELECT "+keys+", "+sums+" FROM "+src.table+" WHERE "+src.where.sql+" GROUP BY "+keys+") SELECT * FROM g",
		src.where.args, fn)
}

// Buckets returns n spans of equal width that cover q's range without a gap, in
// order of time. Where the range has no beginning or no end, that of the flows
// that match takes its place; the end of a relative range is now, and flows
// that begin later count in the last span. Without any flow there are none.
func (s *Store) Buckets(ctx context.Context, q search.Query, n int) ([]search.Bucket, error) {
	var buckets []search.Bucket
	err := s.read(ctx, func(sn *snapshot) error {
		sel, err := compile(q, sn.names, s.now())
		if err != nil || sel.nothing() || n <= 0 {
			return err
		}
		src, err := sn.scan(sel)
		if err != nil {
			return err
		}
		var first, last, count int64
		err = sn.ints("SELECT count(*), min(start_ns), max(start_ns) FROM "+src.table+" WHERE "+src.where.sql, src.where.args, &count, &first, &last)
		if err != nil || count == 0 {
			return err
		}
		buckets = spread(sel.span, first, last, q.Range, s.now(), n)
		return sn.fill(sel, buckets)
	})
	if err != nil {
		return nil, fmt.Errorf("add up flows: %w", err)
	}
	return buckets, nil
}

// spread lays n empty buckets over a span, whose missing ends are those of the flows.
func spread(sp span, first, last int64, r search.Range, now time.Time, n int) []search.Bucket {
	lo, hi := sp.lo, sp.hi
	if lo == math.MinInt64 {
		lo = max(first, zeroTime+1) // a flow without a start has no place in time
	}
	switch {
	case r.Last > 0:
		hi = max(lo, nanos(now))
	case hi == math.MaxInt64:
		hi = last
	}
	width := (uint64(hi)-uint64(lo))/uint64(n) + 1
	buckets := make([]search.Bucket, n)
	for i := range buckets {
		buckets[i] = search.Bucket{Start: timeOf(lo + int64(width)*int64(i)), Width: time.Duration(width)}
	}
	return buckets
}

func (sn *snapshot) fill(sel selection, buckets []search.Bucket) error {
	lo, width := nanos(buckets[0].Start), int64(buckets[0].Width)
	key := fmt.Sprintf("max(0, min(%d, (start_ns - (%d)) / %d))", len(buckets)-1, lo, width)
	return sn.group(sel, key, func(row []driver.Value) error {
		v := rowScanner{values: row}
		b := &buckets[v.int()]
		b.Flows += v.int()
		b.Octets = addOctets(b.Octets, uint64(v.int()), uint64(v.int()))
		return v.err
	})
}
