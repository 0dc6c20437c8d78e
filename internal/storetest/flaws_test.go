package storetest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"weir/db"
	"weir/flow"
	"weir/node"
	"weir/search"
)

// TestTheContractFindsFlaws runs single points of the contract on stores that do
// one thing wrong, each in a process of its own, because a point that fails fails
// the test that runs it.
func TestTheContractFindsFlaws(t *testing.T) {
	for _, f := range flaws {
		t.Run(f.name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAFlawedStore$")
			cmd.Env = append(os.Environ(), "STORETEST_FLAW="+f.name)
			out, err := cmd.CombinedOutput()
			if exit := new(exec.ExitError); !errors.As(err, &exit) {
				t.Fatalf("%v, want a test that fails:\n%s", err, out)
			}
			if !strings.Contains(string(out), "--- FAIL: TestAFlawedStore") || strings.Contains(string(out), "panic:") {
				t.Errorf("it does not fail as a test does:\n%s", out)
			}
		})
	}
}

func TestAFlawedStore(t *testing.T) {
	name := os.Getenv("STORETEST_FLAW")
	i := slices.IndexFunc(flaws, func(f flaw) bool { return f.name == name })
	if i < 0 {
		t.Skip("TestTheContractFindsFlaws runs this")
	}
	flaws[i].check(t, flaws[i].spoil(openStore(t)))
}

// TestTheStoreThatIsSpoiledKeepsTheContract: what finds the flaws finds nothing
// without them. Almost all flows of this store wait for a block; the tests of db
// run the contract on stores with blocks.
func TestTheStoreThatIsSpoiledKeepsTheContract(t *testing.T) {
	Run(t, func(t *testing.T) Store { return openStore(t) })
}

// store is one of package db, with its inventory.
type store struct {
	*db.Writer
	*db.Inventory
}

func openStore(t *testing.T) Store {
	path := filepath.Join(t.TempDir(), "weir.db")
	w, err := db.Open(t.Context(), path, db.Options{Now: func() time.Time { return Now }})
	if err != nil {
		t.Fatal(err)
	}
	inv, err := db.OpenInventory(t.Context(), path, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- w.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-ran, inv.Close(), w.Close()); err != nil {
			t.Error(err)
		}
	})
	return store{w, inv}
}

// flaw is something that a store does wrong, and what must find it.
type flaw struct {
	name  string
	check func(*testing.T, Store)
	spoil func(Store) Store
}

var flaws = []flaw{
	{"a field is not kept", rowsReadBackEqualWhatWasWritten, putting(func(recs []flow.Record) {
		for i := range recs {
			recs[i].ICMPID = 0
		}
	})},
	{"the first state of a batch counts", ofSeveralStatesTheLastCounts, putting(slices.Reverse[[]flow.Record])},
	{"the other order", searchesReturnWhatAPlainMatcherFinds, asking(func(q *search.Request) { q.Order = 1 - q.Order })},
	{"limits are overlooked", searchesReturnWhatAPlainMatcherFinds, asking(func(q *search.Request) { q.Limit = -1 })},
	{"limits hold for counts", searchesReturnWhatAPlainMatcherFinds, func(s Store) Store { return limitedCount{s} }},
	{"ranges end too late", searchesReturnWhatAPlainMatcherFinds, asking(func(q *search.Request) {
		if !q.Range.To.IsZero() {
			q.Range.To = q.Range.To.Add(1)
		}
	})},
	{"negations are overlooked", searchesReturnWhatAPlainMatcherFinds, asking(func(q *search.Request) {
		if not, ok := q.Filter.(search.Not); ok {
			q.Filter = not.X
		}
	})},
	{"progress without end", searchesReturnWhatAPlainMatcherFinds, asking(func(q *search.Request) {
		if q.Progress != nil {
			q.Progress(2, 1)
		}
	})},
	{"pages begin with the row that the one before ended with", pagesFollowEachOther, searching(func(_ *search.Request, after *search.Cursor, _ *int) { after.Start = after.Start.Add(1) }, nil)},
	{"pages go on behind the time of the last row", pagesFollowEachOther, searching(func(_ *search.Request, after *search.Cursor, _ *int) { after.ID = 0 }, nil)},
	{"pages have a row too few", pagesFollowEachOther, searching(func(_ *search.Request, _ *search.Cursor, n *int) { *n = max(*n-1, 1) }, nil)},
	{"more is said of the last page", pagesFollowEachOther, searching(nil, func(p *search.Page) { p.More = len(p.Rows) > 0 })},
	{"the future comes first", flowsFromTheFutureComeLast, searching(nil, func(p *search.Page) {
		slices.SortFunc(p.Rows, func(a, b flow.Record) int { return b.Start.Compare(a.Start) })
	})},
	{"counts have no bound", countStopsAboveItsBound, func(s Store) Store { return boundless{s} }},
	{"counts end at their bound", countStopsAboveItsBound, func(s Store) Store { return bounded{s} }},
	{"an error of the caller is swallowed", eachEndsWithAnErrorOfItsCaller, func(s Store) Store { return deaf{s} }},
	{"the end of a context is not noticed", searchesStopWhenTheirContextEnds, func(s Store) Store { return unstoppable{s} }},
	{"each is not ended by a context", eachStopsBetweenTwoRows, func(s Store) Store { return unstoppable{s} }},
	{"the smallest come first", topAddsUpWhatAPlainLoopDoes, func(s Store) Store { return upsideDown{s} }},
	{"the last bucket is left out", bucketsCoverTheRange, func(s Store) Store { return bucketShort{s} }},
	{"the version stays", theVersionChangesWithTheFlows, func(s Store) Store { return versioned{s, func() uint64 { return 1 }} }},
	{"the version changes by itself", theVersionChangesWithTheFlows, func(s Store) Store {
		var n atomic.Uint64
		return versioned{s, func() uint64 { return n.Add(1) }}
	}},
	{"the version stays when groups change", groupsGoWithTheirMembers, func(s Store) Store { return versioned{s, func() uint64 { return 1 }} }},
	{"nodes are summed up over all time", summariesAreThoseOfAPlainLoop, func(s Store) Store { return timeless{s} }},
	{"a declaration replaces the one before", nodesAreDeclaredOrReported, func(s Store) Store { return replacing{s} }},
	{"an unknown group is empty", anUnknownGroupIsAnError, func(s Store) Store { return lenient{s} }},
}

// putting changes what a store is given.
func putting(change func([]flow.Record)) func(Store) Store {
	return func(s Store) Store { return badPut{s, change} }
}

type badPut struct {
	Store
	change func([]flow.Record)
}

func (s badPut) Put(ctx context.Context, recs []flow.Record) error {
	recs = slices.Clone(recs)
	s.change(recs)
	return s.Store.Put(ctx, recs)
}

// asking changes what Each is asked.
func asking(change func(*search.Request)) func(Store) Store {
	return func(s Store) Store { return badEach{s, change} }
}

type badEach struct {
	Store
	change func(*search.Request)
}

func (s badEach) Each(ctx context.Context, q search.Request, fn func(*flow.Record) error) error {
	s.change(&q)
	return s.Store.Each(ctx, q, fn)
}

// searching changes what Search is asked, or what it answers.
func searching(change func(*search.Request, *search.Cursor, *int), spoil func(*search.Page)) func(Store) Store {
	return func(s Store) Store { return badSearch{s, change, spoil} }
}

type badSearch struct {
	Store
	change func(*search.Request, *search.Cursor, *int)
	spoil  func(*search.Page)
}

func (s badSearch) Search(ctx context.Context, q search.Request, after search.Cursor, n int) (search.Page, error) {
	if s.change != nil && !after.IsZero() {
		s.change(&q, &after, &n)
	}
	page, err := s.Store.Search(ctx, q, after, n)
	if s.spoil != nil {
		s.spoil(&page)
	}
	return page, err
}

type limitedCount struct{ Store }

func (s limitedCount) Count(ctx context.Context, q search.Request, max int64) (int64, error) {
	n, err := s.Store.Count(ctx, q, max)
	if rows := int64(q.Rows()); rows >= 0 {
		n = min(n, rows)
	}
	return n, err
}

type boundless struct{ Store }

func (s boundless) Count(ctx context.Context, q search.Request, _ int64) (int64, error) {
	return s.Store.Count(ctx, q, -1)
}

type bounded struct{ Store }

func (s bounded) Count(ctx context.Context, q search.Request, max int64) (int64, error) {
	n, err := s.Store.Count(ctx, q, max)
	if max >= 0 {
		n = min(n, max)
	}
	return n, err
}

type deaf struct{ Store }

func (s deaf) Each(ctx context.Context, q search.Request, fn func(*flow.Record) error) error {
	return s.Store.Each(ctx, q, func(r *flow.Record) error {
		_ = fn(r) // the flaw
		return nil
	})
}

type unstoppable struct{ Store }

func (s unstoppable) Count(ctx context.Context, q search.Request, max int64) (int64, error) {
	return s.Store.Count(context.WithoutCancel(ctx), q, max)
}

func (s unstoppable) Each(ctx context.Context, q search.Request, fn func(*flow.Record) error) error {
	return s.Store.Each(context.WithoutCancel(ctx), q, fn)
}

type upsideDown struct{ Store }

func (s upsideDown) Top(ctx context.Context, q search.Request, by search.By, n int) ([]search.Talker, error) {
	all, err := s.Store.Top(ctx, q, by, n)
	slices.Reverse(all)
	return all, err
}

type bucketShort struct{ Store }

func (s bucketShort) Buckets(ctx context.Context, q search.Request, n int) ([]search.Bucket, error) {
	all, err := s.Store.Buckets(ctx, q, n)
	if len(all) > 0 {
		all[len(all)-1].Flows, all[len(all)-1].Octets = 0, 0
	}
	return all, err
}

type versioned struct {
	Store
	version func() uint64
}

func (s versioned) Version() uint64 { return s.version() }

type timeless struct{ Store }

func (s timeless) Summaries(ctx context.Context, _ search.Range) ([]node.Summary, error) {
	return s.Store.Summaries(ctx, search.Range{})
}

type replacing struct{ Store }

func (s replacing) AddNode(ctx context.Context, n node.Node) error {
	_ = s.Store.RemoveNode(ctx, n.Name) // it may be new
	return s.Store.AddNode(ctx, n)
}

type lenient struct{ Store }

func (s lenient) Count(ctx context.Context, q search.Request, max int64) (int64, error) {
	n, err := s.Store.Count(ctx, q, max)
	if err != nil && strings.Contains(err.Error(), "no group of nodes is called") {
		return 0, nil
	}
	return n, err
}
