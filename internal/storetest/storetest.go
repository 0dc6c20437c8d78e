// Package storetest is the contract of a flow store: what every store must
// answer, whatever engine keeps the flows.
//
// [Run] checks one. It fills stores with records, most of them random, asks
// random queries and compares each answer with that of a plain loop over the
// records ([Matching]), which knows what a term means from the words of package
// search alone. A test that fails logs its seed; STORETEST_SEED repeats it.
//
// The package knows no store. Stores call it from their tests, and the helpers
// beside Run ([Record], [Compare], [DeclareGroups]) serve their other tests.
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

// Now is the present of a store under test: relative ranges count from it.
var Now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// futureSlack is how far ahead of Now a flow may begin before it counts as one
// from the future, which comes last in either order.
const futureSlack = 5 * time.Minute

// Searcher answers queries. The methods are those of db.Reader, whose comments
// say what they do; the tests here say it in detail.
type Searcher interface {
	Search(ctx context.Context, q search.Request, after search.Cursor, n int) (search.Page, error)
	Count(ctx context.Context, q search.Request, max int64) (int64, error)
	Each(ctx context.Context, q search.Request, fn func(*flow.Record) error) error
	Top(ctx context.Context, q search.Request, by search.By, n int) ([]search.Talker, error)
	Buckets(ctx context.Context, q search.Request, n int) ([]search.Bucket, error)
}

// Store is a store under test. All methods can be called from any goroutine.
type Store interface {
	Searcher

	// Put hands copies of recs over, each with an id of the caller's. An open
	// flow comes again under its id until it has ended.
	Put(ctx context.Context, recs []flow.Record) error

	// Flush waits until queries see everything that was handed over before.
	Flush(ctx context.Context) error

	Summaries(ctx context.Context, r search.Range) ([]node.Summary, error)
	Nodes(ctx context.Context) ([]node.Node, error)
	Groups(ctx context.Context) (node.Groups, error)
	Version() uint64

	AddNode(ctx context.Context, n node.Node) error
	RemoveNode(ctx context.Context, name string, prefixes ...netip.Prefix) error
	GroupMaker
}

// GroupMaker changes which groups the nodes are in.
type GroupMaker interface {
	AddToGroup(ctx context.Context, group string, members []string) error
	RemoveFromGroup(ctx context.Context, group string, members []string) error
}

// Run checks that stores keep the contract. open returns a new, empty store,
// whose clock shows Now and which takes records; it ends the store with
// t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for _, c := range contract {
		t.Run(c.name, func(t *testing.T) { c.check(t, open(t)) })
	}
}

// contract is what Run checks, each point with a store of its own.
var contract = slices.Concat(rowsContract, termsContract, sumsContract, writesContract, nodesContract, groupsContract, cancelContract)

type point struct {
	name  string
	check func(*testing.T, Store)
}

// seeded returns random numbers, other ones in each run. A test that fails says
// which they were.
func seeded(t testing.TB) *rand.Rand {
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
			t.Logf("the random numbers are those of STORETEST_SEED=%d", seed)
		}
	})
	return rand.New(rand.NewPCG(seed, 0))
}

// put hands recs over and waits until queries see them.
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

// putAll hands recs over in batches of random sizes, in their order.
func putAll(t testing.TB, s Store, rng *rand.Rand, recs []flow.Record) {
	t.Helper()
	for batch := range slices.Chunk(recs, 1+rng.IntN(400)) {
		put(t, s, batch...)
	}
}

// asked is a query as a request whose progress is checked.
func asked(t testing.TB, q search.Query) search.Request {
	return search.Request{Query: q, Progress: func(done, planned int64) {
		if done < 1 || done > planned {
			t.Errorf("the progress of a query is %d of %d", done, planned)
		}
	}}
}

// all returns every record of a store, the earliest first.
func all(t testing.TB, s Searcher) []flow.Record {
	t.Helper()
	return rowsOf(t, s, search.Query{Order: search.Oldest, Limit: -1})
}

// rowsOf returns the rows that Each hands out.
func rowsOf(t testing.TB, s Searcher, q search.Query) []flow.Record {
	t.Helper()
	var recs []flow.Record
	err := s.Each(t.Context(), asked(t, q), func(r *flow.Record) error {
		recs = append(recs, *r)
		return nil
	})
	if err != nil {
		t.Fatalf("each of %s: %v", describe(q), err)
	}
	return recs
}

// ids are those of recs, in their order.
func ids(recs []flow.Record) []int64 {
	out := make([]int64, len(recs))
	for i := range recs {
		out[i] = recs[i].ID
	}
	return out
}
