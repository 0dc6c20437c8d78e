// Package storetest is a conformance test suite for flow stores, independent of
// their storage engine.
//
// [Run] tests a store. It writes mostly random records, runs random queries and
// compares the results with [Matching], a reference implementation that loops
// over the records and is based only on the documentation of package search. A
// failing test logs its seed; set STORETEST_SEED to repeat it.
//
// The package does not depend on a store: stores call it from their tests.
// [Record], [Compare], [All], [IDs] and [DeclareGroups] are helpers for their other
// tests.
package storetest

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"weir/flow"
	"weir/node"
	"weir/search"
)

// Now is the current time of a store under test, on which relative ranges are
// based.
var Now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// futureSlack is the tolerance for clocks that are ahead. Flows that start later
// than Now plus futureSlack come last in either order.
const futureSlack = 5 * time.Minute

// Searcher answers queries. db.Reader documents its methods; the tests specify
// them in detail.
type Searcher interface {
	Search(ctx context.Context, q search.Request, after search.Cursor, n int) (search.Page, error)
	Count(ctx context.Context, q search.Request, limit int64) (int64, error)
	Each(ctx context.Context, q search.Request, fn func(*flow.Record) error) error
	Top(ctx context.Context, q search.TopRequest) (search.Talkers, error)
	Buckets(ctx context.Context, q search.Request, n int) ([]search.Bucket, error)
}

// Store is a store under test. All methods must be safe for concurrent use.
type Store interface {
	Searcher

	// Put writes copies of recs. The caller assigns ids and repeats an open flow
	// under its id until it has ended.
	Put(ctx context.Context, recs []flow.Record) error

	// Flush waits until queries see all records of earlier Puts.
	Flush(ctx context.Context) error

	Summaries(ctx context.Context, r search.Range) ([]node.Summary, error)
	Nodes(ctx context.Context) ([]node.Node, error)
	Groups(ctx context.Context) (node.Groups, error)
	Interfaces(ctx context.Context) ([]string, error)
	Version() uint64

	AddNode(ctx context.Context, n node.Node) error
	RemoveNode(ctx context.Context, name string, prefixes ...netip.Prefix) error
	GroupMaker
}

// GroupMaker changes the members of node groups.
type GroupMaker interface {
	AddToGroup(ctx context.Context, group string, members []string) error
	RemoveFromGroup(ctx context.Context, group string, members []string) error
}

// Run runs the suite. open returns a new, empty store that accepts records and
// whose clock is at Now; it closes the store in t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for _, c := range contract {
		t.Run(c.name, func(t *testing.T) { c.check(t, open(t)) })
	}
}

// contract lists the requirements. Run checks each with a new store.
var contract = slices.Concat(rowsContract, termsContract, sumsContract, writesContract, nodesContract, groupsContract, cancelContract)

// requirement is a named test of a store.
type requirement struct {
	name  string
	check func(*testing.T, Store)
}

// newRand returns a random number generator with a new seed, which it logs if the
// test fails.
func newRand(t testing.TB) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	if text, ok := os.LookupEnv("STORETEST_SEED"); ok {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("STORETEST_SEED: %v", err)
		}
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("repeat with STORETEST_SEED=%d", seed)
		}
	})
	return rand.New(rand.NewPCG(seed, 0))
}

// put writes recs and waits until queries see them.
func put(t testing.TB, s Store, recs ...flow.Record) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Put(ctx, recs); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}

// putAll writes recs in order, in batches of random size.
func putAll(t testing.TB, s Store, rng *rand.Rand, recs []flow.Record) {
	t.Helper()
	for len(recs) > 0 {
		n := min(len(recs), 1+rng.IntN(400))
		put(t, s, recs[:n]...)
		recs = recs[n:]
	}
}

// request returns a request for q that checks the reported progress.
func request(t testing.TB, q search.Query) search.Request {
	return search.Request{Query: q, Progress: func(done, planned int64) {
		if done < 1 || done > planned {
			t.Errorf("query progress %d of %d", done, planned)
		}
	}}
}

// All returns all records of a store, earliest first.
func All(t testing.TB, s Searcher) []flow.Record {
	t.Helper()
	return rowsOf(t, s, search.Query{Order: search.Oldest, Limit: -1})
}

// rowsOf returns the rows of Each.
func rowsOf(t testing.TB, s Searcher, q search.Query) []flow.Record {
	t.Helper()
	var recs []flow.Record
	err := s.Each(t.Context(), request(t, q), func(r *flow.Record) error {
		recs = append(recs, *r)
		return nil
	})
	if err != nil {
		t.Fatalf("each of %s: %v", describe(q), err)
	}
	return recs
}

// IDs returns the ids of recs in order.
func IDs(recs []flow.Record) []int64 {
	out := make([]int64, len(recs))
	for i := range recs {
		out[i] = recs[i].ID
	}
	return out
}
