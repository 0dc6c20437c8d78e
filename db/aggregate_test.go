package db

import (
	"cmp"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

// talkers is what Top must return, added up record by record.
func talkers(recs []flow.Record, by search.By, n int) []search.Talker {
	sums := map[search.Talker]search.Talker{}
	for i := range recs {
		r := &recs[i]
		var key search.Talker
		switch by {
		case search.BySrc:
			key.Src = r.Src.Addr
		case search.ByDst:
			key.Dst = r.Dst.Addr
		case search.ByPair:
			key.Src, key.Dst = r.Src.Addr, r.Dst.Addr
		case search.ByPort:
			if key.Proto = r.Proto; r.Proto.HasPorts() {
				key.Port = r.Dst.Port
			}
		case search.ByNode:
			key.Node = r.Node
		}
		t, ok := sums[key]
		if !ok {
			t = key
		}
		t.Flows++
		for _, c := range []flow.Counters{r.Sent, r.Recv} {
			t.Octets = addUp(t.Octets, c.Octets)
			t.Packets = addUp(t.Packets, c.Packets)
		}
		sums[key] = t
	}
	var out []search.Talker
	for _, t := range sums {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b search.Talker) int {
		return cmp.Or(cmp.Compare(b.Octets, a.Octets), cmp.Compare(b.Flows, a.Flows), strings.Compare(a.Key(by), b.Key(by)))
	})
	return out[:min(n, len(out))]
}

func TestTopAddsUpWhatAPlainLoopDoes(t *testing.T) {
	s, recs := randomStore(t, 21, 1500)
	rng := rand.New(rand.NewPCG(1, 21))
	for range 100 {
		q := randomQuery(rng)
		by := search.By(rng.IntN(5))
		n := pick(rng, 0, 1, 5, 1000)
		got, err := s.Top(t.Context(), search.Request{Query: q}, by, n)
		if want := talkers(expected(recs, q), by, n); err != nil || !slices.Equal(got, want) {
			t.Fatalf("top %d by %s of %s:\n%v, %v\nwant\n%v", n, by, describe(q), got, err, want)
		}
	}
	if _, err := s.Top(t.Context(), search.Request{}, 99, 1); err == nil {
		t.Error("an unknown group is no error")
	}
}

func TestBucketsCoverTheRangeWithoutAGap(t *testing.T) {
	s, recs := randomStore(t, 22, 1500)
	rng := rand.New(rand.NewPCG(1, 22))
	for range 100 {
		q := randomQuery(rng)
		n := pick(rng, 1, 2, 7, 60)
		got, err := s.Buckets(t.Context(), search.Request{Query: q}, n)
		want := expected(recs, q)
		if err != nil || len(want) == 0 {
			if err != nil || got != nil {
				t.Fatalf("buckets of %s: %v, %v, want none", describe(q), got, err)
			}
			continue
		}
		if len(got) != n {
			t.Fatalf("%d buckets of %s, want %d", len(got), describe(q), n)
		}
		from, to := q.Range.Bounds(epoch)
		if !from.IsZero() && !got[0].Start.Equal(from) {
			t.Fatalf("the first bucket begins at %v, the range at %v", got[0].Start, from)
		}
		if end := got[n-1].Start.Add(got[n-1].Width); !to.IsZero() && (end.Before(to) || end.After(to.Add(time.Duration(n)))) {
			t.Fatalf("the last bucket ends at %v, the range at %v", end, to)
		}
		checkBuckets(t, got, want)
	}
}

func checkBuckets(t *testing.T, got []search.Bucket, recs []flow.Record) {
	t.Helper()
	for i, b := range got {
		if i > 0 && (!b.Start.Equal(got[i-1].Start.Add(got[i-1].Width)) || b.Width != got[0].Width) {
			t.Fatalf("bucket %d begins at %v, %v after the one before", i, b.Start, b.Start.Sub(got[i-1].Start))
		}
		var flows int64
		var octets uint64
		for j := range recs {
			if r := &recs[j]; !r.Start.Before(b.Start) && r.Start.Before(b.Start.Add(b.Width)) {
				flows++
				octets = addUp(addUp(octets, r.Sent.Octets), r.Recv.Octets)
			}
		}
		if b.Flows != flows || b.Octets != octets {
			t.Fatalf("bucket %d holds %d flows, %d octets, want %d, %d", i, b.Flows, b.Octets, flows, octets)
		}
	}
}

func TestARelativeRangeOfBucketsEndsNow(t *testing.T) {
	s := filled(t, flow.Record{ID: 1, Start: epoch.Add(-time.Minute), Proto: flow.TCP}, flow.Record{ID: 2, Start: epoch.Add(time.Hour)})
	got, err := s.Buckets(t.Context(), search.Request{Query: search.Query{Range: search.Range{Last: time.Hour}}}, 4)
	if err != nil || len(got) != 4 || !got[0].Start.Equal(epoch.Add(-time.Hour)) || got[3].Flows != 2 {
		t.Errorf("buckets %v, %v, want the hour before now, with what is later in the last one", got, err)
	}
	lone, err := s.Buckets(t.Context(), search.Request{Query: search.Query{Filter: search.Numbers{Field: search.FieldProto, Ranges: []search.Interval{{Lo: 6, Hi: 6}}}}}, 3)
	if err != nil || len(lone) != 3 || lone[0].Flows != 1 {
		t.Errorf("buckets of one flow: %v, %v", lone, err)
	}
	if none, err := s.Buckets(t.Context(), search.Request{Query: search.Query{Filter: search.Addrs{Field: search.FieldIP, Ranges: []search.AddrRange{{Lo: netip.IPv4Unspecified(), Hi: netip.IPv4Unspecified()}}}}}, 3); err != nil || none != nil {
		t.Errorf("buckets of nothing: %v, %v", none, err)
	}
}
