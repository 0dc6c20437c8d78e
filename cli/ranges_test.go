package cli

import (
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

// sharedFile returns a file of the cases beside the checkout.
func sharedFile(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("../../shared", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no test data: %v", err)
	}
	return path
}

// sumOf returns what --by prints of the only group.
func sumOf(t *testing.T, args ...string) (sum struct{ Flows, Bytes, Packets uint64 }) {
	t.Helper()
	code, stdout, stderr := runWeir(t, append([]string{"query", "--by", "src", "--json"}, args...)...)
	line, _, _ := strings.Cut(stdout, "\n")
	if code != exitOK || line == "" {
		t.Fatalf("%q: exit code %d, %s%s", args, code, stdout, stderr)
	}
	if err := json.Unmarshal([]byte(line), &sum); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return sum
}

// TestALongSessionIsInARangeWithItsShare reads a session of three hours and sums the last two.
func TestALongSessionIsInARangeWithItsShare(t *testing.T) {
	file := sharedFile(t, "cases/engine/24-three-hours.pcap")
	start := time.Unix(1_790_000_000, 0).UTC()
	const length = 10_801_020_000_001 // ns, both ends included
	at := func(after time.Duration) string { return start.Add(after).Format(time.RFC3339) }
	// share of a counter between two times, each rounded down: see search.Bucket.
	share := func(n int64, from, to time.Duration) uint64 {
		before := func(d time.Duration) int64 {
			x := big.NewInt(n)
			return x.Div(x.Mul(x, big.NewInt(int64(d))), big.NewInt(length)).Int64()
		}
		return uint64(before(to) - before(from))
	}
	if all := sumOf(t, "-r", file); all.Flows != 1 || all.Bytes != 9_007_280+880 || all.Packets != 182+22 {
		t.Fatalf("the whole session has %+v", all)
	}
	got := sumOf(t, "-r", file, "--from", at(time.Hour), "--to", at(3*time.Hour))
	if want := share(9_007_280, time.Hour, 3*time.Hour) + share(880, time.Hour, 3*time.Hour); got.Flows != 1 || got.Bytes != want || got.Bytes < 6_000_000 || got.Bytes > 6_010_000 {
		t.Errorf("its last two hours have %+v, want %d bytes", got, want)
	}
	var hours uint64
	for h := range time.Duration(4) {
		hours += sumOf(t, "-r", file, "--from", at(h*time.Hour), "--to", at((h+1)*time.Hour)).Bytes
	}
	if hours != 9_007_280+880 {
		t.Errorf("the sums of its hours are %d bytes, want all", hours)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--from", at(2 * time.Hour)}, "1\n"}, {[]string{"--to", at(time.Minute)}, "1\n"}, {[]string{"--from", at(4 * time.Hour)}, "0\n"},
		{[]string{"--to", at(0)}, "0\n"}, {[]string{"start>=" + at(time.Minute)}, "0\n"}, {[]string{"start>=" + at(0)}, "1\n"},
	} {
		if _, stdout, stderr := runWeir(t, append([]string{"query", "--count", "-r", file}, c.args...)...); stdout != c.want {
			t.Errorf("%q: %s%s flows, want %s", c.args, stdout, stderr, c.want)
		}
	}
}

// TestAnOpenFlowIsInEveryRangeSinceItsStart stores a flow that has been open for three hours.
func TestAnOpenFlowIsInEveryRangeSinceItsStart(t *testing.T) {
	store, path := writtenStore(t)
	now := time.Now()
	r := someFlow(1, now.Add(-3*time.Hour), 1)
	r.Last, r.Sent, r.Recv = now, flow.Counters{Packets: 300, Octets: 3_000_000}, flow.Counters{}
	put(t, store, r)
	if got := sumOf(t, "--db", path, "--since", "2h"); got.Flows != 1 || got.Bytes < 1_990_000 || got.Bytes > 2_000_000 {
		t.Errorf("the last two hours have %+v, want two thirds of 3 MB", got)
	}
	q := search.Query{Range: search.Range{From: r.Start, To: now}}
	buckets, err := store.Buckets(t.Context(), search.Request{Query: q}, 6)
	if err != nil || len(buckets) != 6 {
		t.Fatalf("%d buckets, %v", len(buckets), err)
	}
	for i, b := range buckets {
		if b.Flows != 1 || b.Started != map[bool]int64{true: 1}[i == 0] || b.Octets < 499_999 || b.Octets > 500_001 {
			t.Errorf("bucket %d of 6 is %+v, want a sixth of 3 MB", i, b)
		}
	}
}

// TestTheLargestFlowOfACaptureComesFirst orders a capture of 11,000 flows.
func TestTheLargestFlowOfACaptureComesFirst(t *testing.T) {
	file := sharedFile(t, "pcaps/bigmix.pcap")
	for _, c := range []struct{ order, column, want string }{
		{"recv", "recvBytes", "1528477"}, {"bytes", "sentBytes", "1167614"}, {"bytes:asc", "recvBytes", "0"}, {"duration", "startTimeUnixMS", "1700000008689"},
	} {
		_, stdout, stderr := runWeir(t, "query", "-r", file, "--order", c.order, "--limit", "1", "--csv", "--columns", c.column)
		if got := strings.TrimSpace(strings.TrimPrefix(stdout, c.column)); got != c.want {
			t.Errorf("the first flow by %s has the %s %q, want %s\n%s", c.order, c.column, got, c.want, stderr)
		}
	}
}
