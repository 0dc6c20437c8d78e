package storetest

import (
	"math/big"
	"net/netip"
	"slices"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

var sumsContract = []requirement{
	{"top talkers match the reference", topMatchesTheReference},
	{"answers are exact while other flows are written", answersAreExactWhileWriting},
	{"the filter of a talker selects its flows", termsOfTalkersSelectTheirFlows},
	{"buckets cover the range without gaps", bucketsCoverTheRange},
	{"buckets of a relative range end now", relativeBucketsEndNow},
}

// saturatingSum returns the sum of numbers, or the maximum if it overflows, like
// the totals of a store.
func saturatingSum(numbers ...uint64) (sum uint64) {
	for _, n := range numbers {
		if sum += n; sum < n {
			return 1<<64 - 1
		}
	}
	return sum
}

func bucketsCoverTheRange(t *testing.T, s Store) {
	rng := newRand(t)
	recs := population(rng, 1500)
	DeclareGroups(t, s)
	putAll(t, s, rng, recs)
	for range 100 {
		q := randomQuery(rng)
		compareBuckets(t, s, q, pick(rng, 1, 2, 7, 60), Matching(recs, q))
	}
}

// compareBuckets compares n buckets of a query with the flows that match it.
func compareBuckets(t *testing.T, s Store, q search.Query, n int, want []flow.Record) {
	t.Helper()
	got, err := s.Buckets(t.Context(), request(t, q), n)
	if err != nil || len(want) == 0 {
		if err != nil || got != nil {
			t.Fatalf("buckets of %s: %v, %v, want none", describe(q), got, err)
		}
		return
	}
	if len(got) != n {
		t.Fatalf("%d buckets of %s, want %d", len(got), describe(q), n)
	}
	from, to := ends(q.Range, want)
	if !got[0].Start.Equal(from) {
		t.Fatalf("%s: the first bucket starts at %v, want %v", describe(q), got[0].Start, from)
	}
	if end := endOf(got); end.Before(to) || end.After(to.Add(time.Duration(n))) {
		t.Fatalf("%s: the last bucket ends at %v, want %v", describe(q), end, to)
	}
	checkBuckets(t, q, got, want)
}

func endOf(buckets []search.Bucket) time.Time {
	last := buckets[len(buckets)-1]
	return last.Start.Add(last.Width)
}

// ends returns the expected start and end of the buckets. An unbounded range is
// bounded by the flows, and a relative range ends now.
func ends(r search.Range, recs []flow.Record) (from, to time.Time) {
	from, to = r.Bounds(Now)
	starts, ends := make([]time.Time, len(recs)), make([]time.Time, len(recs))
	for i := range recs {
		starts[i], ends[i] = recs[i].Start, lastActive(&recs[i])
	}
	if from.IsZero() {
		from = slices.MinFunc(starts, time.Time.Compare)
	}
	if r.Last > 0 {
		to = Now.Add(1)
	} else if to.IsZero() {
		to = slices.MaxFunc(append(ends, from), time.Time.Compare).Add(1)
	}
	return from, to
}

// portion returns the part of a counter of r that falls into the time from from to to, where zero times mean
// unbounded: the counter is spread evenly over the nanoseconds of the flow, and rounded down at each time.
func portion(n uint64, r *flow.Record, from, to time.Time) uint64 {
	before := func(t time.Time) uint64 {
		length := new(big.Int).SetInt64(int64(lastActive(r).Sub(r.Start)))
		length.Add(length, big.NewInt(1))
		done := new(big.Int).SetInt64(int64(max(t.Sub(r.Start), 0)))
		if done.Cmp(length) > 0 {
			done.Set(length)
		}
		done.Mul(done, new(big.Int).SetUint64(n))
		return done.Div(done, length).Uint64()
	}
	part := n
	if !to.IsZero() {
		part = before(to)
	}
	if !from.IsZero() {
		part -= before(from)
	}
	return part
}

func checkBuckets(t *testing.T, q search.Query, got []search.Bucket, recs []flow.Record) {
	t.Helper()
	from, to := q.Range.Bounds(Now)
	var total search.Bucket
	for i, b := range got {
		if i > 0 && (!b.Start.Equal(got[i-1].Start.Add(got[i-1].Width)) || b.Width != got[0].Width) {
			t.Fatalf("bucket %d starts at %v, %v after the previous one", i, b.Start, b.Start.Sub(got[i-1].Start))
		}
		end := b.Start.Add(b.Width)
		if !to.IsZero() && end.After(to) { // the width is rounded up
			end = to
		}
		if i == len(got)-1 && to.IsZero() {
			end = time.Time{} // the last bucket includes flows from the future
		}
		want := search.Bucket{Start: b.Start, Width: b.Width}
		for j := range recs {
			r := &recs[j]
			if !active(r, b.Start, end) {
				continue
			}
			want.Flows++
			if !r.Start.Before(b.Start) {
				want.Started++
			}
			want.Octets = saturatingSum(want.Octets, portion(r.Sent.Octets, r, b.Start, end), portion(r.Recv.Octets, r, b.Start, end))
			want.Packets = saturatingSum(want.Packets, portion(r.Sent.Packets, r, b.Start, end), portion(r.Recv.Packets, r, b.Start, end))
		}
		if b != want {
			t.Fatalf("%s: bucket %d of %d is %+v, want %+v", describe(q), i, len(got), b, want)
		}
		total.Octets, total.Packets = saturatingSum(total.Octets, b.Octets), saturatingSum(total.Packets, b.Packets)
	}
	var want search.Bucket
	for i := range recs {
		r := &recs[i]
		want.Octets = saturatingSum(want.Octets, portion(r.Sent.Octets, r, from, to), portion(r.Recv.Octets, r, from, to))
		want.Packets = saturatingSum(want.Packets, portion(r.Sent.Packets, r, from, to), portion(r.Recv.Packets, r, from, to))
	}
	if total != want {
		t.Fatalf("%s: all buckets have %d bytes and %d packets, want %d and %d", describe(q), total.Octets, total.Packets, want.Octets, want.Packets)
	}
}

func relativeBucketsEndNow(t *testing.T, s Store) {
	put(t, s, flow.Record{ID: 1, Start: Now.Add(-time.Minute), EndReason: flow.EndOfFlow, Proto: flow.TCP}, flow.Record{ID: 2, Start: Now.Add(time.Hour)})
	got, err := s.Buckets(t.Context(), search.Request{Query: search.Query{Range: search.Range{Last: time.Hour}}}, 4)
	if err != nil || len(got) != 4 || !got[0].Start.Equal(Now.Add(-time.Hour)) || got[3].Flows != 2 {
		t.Errorf("buckets %v, %v, want the hour before now, with future flows in the last one", got, err)
	}
	tcp := search.Numbers{Field: search.FieldProto, Ranges: []search.Interval{{Lo: 6, Hi: 6}}}
	lone, err := s.Buckets(t.Context(), search.Request{Query: search.Query{Filter: tcp}}, 3)
	if err != nil || len(lone) != 3 || lone[0].Flows != 1 {
		t.Errorf("buckets of one flow: %v, %v", lone, err)
	}
	nowhere := search.Addrs{Field: search.FieldIP, Ranges: []search.AddrRange{{Lo: netip.IPv4Unspecified(), Hi: netip.IPv4Unspecified()}}}
	if none, err := s.Buckets(t.Context(), search.Request{Query: search.Query{Filter: nowhere}}, 3); err != nil || none != nil {
		t.Errorf("buckets of no flows: %v, %v", none, err)
	}
}
