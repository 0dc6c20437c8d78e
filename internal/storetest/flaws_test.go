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

// TestSuiteDetectsFlaws runs single requirements on stores with one flaw each. A
// failing requirement fails its test, so each runs in a separate process.
func TestSuiteDetectsFlaws(t *testing.T) {
	for _, f := range flaws {
		t.Run(f.name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFlawedStore$")
			cmd.Env = append(os.Environ(), "STORETEST_FLAW="+f.name)
			out, err := cmd.CombinedOutput()
			if exit := new(exec.ExitError); !errors.As(err, &exit) {
				t.Fatalf("%v, want a failing test:\n%s", err, out)
			}
			if !strings.Contains(string(out), "--- FAIL: TestFlawedStore") || strings.Contains(string(out), "panic:") {
				t.Errorf("the process failed, but not the test:\n%s", out)
			}
		})
	}
}

func TestFlawedStore(t *testing.T) {
	name := os.Getenv("STORETEST_FLAW")
	i := slices.IndexFunc(flaws, func(f flaw) bool { return f.name == name })
	if i < 0 {
		t.Skip("run by TestSuiteDetectsFlaws")
	}
	flaws[i].check(t, flaws[i].inject(openStore(t)))
}

// TestStoreWithoutFlawsPasses runs the suite on the same store without a flaw.
// Almost all of its flows are still outside of blocks; the tests of db run the
// suite on stores with blocks.
func TestStoreWithoutFlawsPasses(t *testing.T) {
	Run(t, openStore)
}

// store is a store of package db with its inventory.
type store struct {
	*db.Writer
	*db.Inventory
}

func openStore(t *testing.T) Store {
	path := filepath.Join(t.TempDir(), "weir.db")
	w, err := db.Open(t.Context(), path, db.WriterOptions{Now: func() time.Time { return Now }})
	if err != nil {
		t.Fatal(err)
	}
	inv, err := db.OpenInventory(t.Context(), path, db.WriterOptions{})
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

// flaw is a defect of a store and the requirement that must detect it.
type flaw struct {
	name   string
	check  func(*testing.T, Store)
	inject func(Store) Store
}

var flaws = []flaw{
	{"a field is not stored", recordsRoundTrip, putting(func(recs []flow.Record) {
		for i := range recs {
			recs[i].ICMPID = 0
		}
	})},
	{"the first state of a batch wins", lastStateInBatchWins, putting(slices.Reverse[[]flow.Record])},
	{"the order is reversed", searchesMatchTheReference, iterating(func(q *search.Request) { q.Order = q.Order.Reverse() })},
	{"limits are ignored", searchesMatchTheReference, iterating(func(q *search.Request) { q.Limit = -1 })},
	{"flows without a number come first", everyOrderOrdersAllFlows, func(s Store) Store { return rotated{s} }},
	{"ranges select by start", rangesSelectActiveFlows, iterating(func(q *search.Request) {
		if from, _ := q.Range.Bounds(Now); !from.IsZero() {
			started := search.Numbers{Field: search.FieldStart, Ranges: []search.Interval{{Lo: from.UnixNano(), Hi: search.MaxNumber}}}
			q.Filter = search.Join(append(search.Conjuncts(q.Filter), started))
		}
	})},
	{"limits apply to counts", searchesMatchTheReference, func(s Store) Store { return limitedCount{s} }},
	{"ranges end too late", searchesMatchTheReference, iterating(func(q *search.Request) {
		if !q.Range.To.IsZero() {
			q.Range.To = q.Range.To.Add(1)
		}
	})},
	{"negations are ignored", searchesMatchTheReference, iterating(func(q *search.Request) {
		if not, ok := q.Filter.(search.Not); ok {
			q.Filter = not.X
		}
	})},
	{"progress exceeds the plan", searchesMatchTheReference, iterating(func(q *search.Request) {
		if q.Progress != nil {
			q.Progress(2, 1)
		}
	})},
	{"pages repeat the last row of the previous page", pagesAreContiguous, searching(func(_ *search.Request, after *search.Cursor, _ *int) { after.Start = after.Start.Add(1) }, nil)},
	{"pages skip rows with the time of the last row", pagesAreContiguous, searching(func(_ *search.Request, after *search.Cursor, _ *int) { after.ID = 0 }, nil)},
	{"pages are one row short", pagesAreContiguous, searching(func(_ *search.Request, _ *search.Cursor, n *int) { *n = max(*n-1, 1) }, nil)},
	{"the last page has More set", pagesAreContiguous, searching(nil, func(p *search.Page) { p.More = len(p.Rows) > 0 })},
	{"future flows come first", futureFlowsComeLast, searching(nil, func(p *search.Page) {
		slices.SortFunc(p.Rows, func(a, b flow.Record) int { return b.Start.Compare(a.Start) })
	})},
	{"counts ignore their limit", countStopsAboveItsLimit, func(s Store) Store { return unlimitedCount{s} }},
	{"counts stop at their limit", countStopsAboveItsLimit, func(s Store) Store { return cappedCount{s} }},
	{"callback errors are ignored", eachReturnsCallbackErrors, func(s Store) Store { return ignoredCallback{s} }},
	{"contexts are ignored", queriesStopWithTheirContext, func(s Store) Store { return uncancelable{s} }},
	{"each ignores its context", eachStopsBetweenTwoRows, func(s Store) Store { return uncancelable{s} }},
	{"the smallest talkers come first", topMatchesTheReference, func(s Store) Store { return reversedTop{s} }},
	{"talkers have as many peers as flows", topMatchesTheReference, func(s Store) Store { return withoutPeers{s} }},
	{"bytes count where their flow started", bucketsCoverTheRange, func(s Store) Store { return unspread{s} }},
	{"the last bucket is empty", bucketsCoverTheRange, func(s Store) Store { return lastBucketEmpty{s} }},
	{"the version never changes", versionChangesWithFlows, func(s Store) Store { return versioned{s, func() uint64 { return 1 }} }},
	{"the version changes without a write", versionChangesWithFlows, func(s Store) Store {
		var n atomic.Uint64
		return versioned{s, func() uint64 { return n.Add(1) }}
	}},
	{"the version ignores group changes", groupExistsWhileItHasMembers, func(s Store) Store { return versioned{s, func() uint64 { return 1 }} }},
	{"summaries ignore the range", summariesMatchTheReference, func(s Store) Store { return allTimeSummaries{s} }},
	{"a declaration replaces the previous one", nodesAreDeclaredOrReported, func(s Store) Store { return replacing{s} }},
	{"an unknown group is empty", unknownGroupIsAnError, func(s Store) Store { return unknownGroupAccepted{s} }},
}

// putting changes the records passed to Put.
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

// iterating changes the request passed to Each.
func iterating(change func(*search.Request)) func(Store) Store {
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

// searching changes the arguments or the result of Search.
func searching(before func(*search.Request, *search.Cursor, *int), after func(*search.Page)) func(Store) Store {
	return func(s Store) Store { return badSearch{s, before, after} }
}

type badSearch struct {
	Store
	before func(*search.Request, *search.Cursor, *int)
	after  func(*search.Page)
}

func (s badSearch) Search(ctx context.Context, q search.Request, after search.Cursor, n int) (search.Page, error) {
	if s.before != nil && !after.IsZero() {
		s.before(&q, &after, &n)
	}
	page, err := s.Store.Search(ctx, q, after, n)
	if s.after != nil {
		s.after(&page)
	}
	return page, err
}

type limitedCount struct{ Store }

func (s limitedCount) Count(ctx context.Context, q search.Request, limit int64) (int64, error) {
	n, err := s.Store.Count(ctx, q, limit)
	if rows := int64(q.Rows()); rows >= 0 {
		n = min(n, rows)
	}
	return n, err
}

type unlimitedCount struct{ Store }

func (s unlimitedCount) Count(ctx context.Context, q search.Request, _ int64) (int64, error) {
	return s.Store.Count(ctx, q, -1)
}

type cappedCount struct{ Store }

func (s cappedCount) Count(ctx context.Context, q search.Request, limit int64) (int64, error) {
	n, err := s.Store.Count(ctx, q, limit)
	if limit >= 0 {
		n = min(n, limit)
	}
	return n, err
}

type ignoredCallback struct{ Store }

func (s ignoredCallback) Each(ctx context.Context, q search.Request, fn func(*flow.Record) error) error {
	return s.Store.Each(ctx, q, func(r *flow.Record) error {
		_ = fn(r) // the flaw
		return nil
	})
}

type uncancelable struct{ Store }

func (s uncancelable) Count(ctx context.Context, q search.Request, limit int64) (int64, error) {
	return s.Store.Count(context.WithoutCancel(ctx), q, limit)
}

func (s uncancelable) Each(ctx context.Context, q search.Request, fn func(*flow.Record) error) error {
	return s.Store.Each(context.WithoutCancel(ctx), q, fn)
}

type reversedTop struct{ Store }

func (s reversedTop) Top(ctx context.Context, q search.TopRequest) (search.Talkers, error) {
	all, err := s.Store.Top(ctx, q)
	slices.Reverse(all.Rows)
	return all, err
}

type withoutPeers struct{ Store }

func (s withoutPeers) Top(ctx context.Context, q search.TopRequest) (search.Talkers, error) {
	all, err := s.Store.Top(ctx, q)
	for i := range all.Rows {
		all.Rows[i].Peers = all.Rows[i].Flows
	}
	return all, err
}

type lastBucketEmpty struct{ Store }

func (s lastBucketEmpty) Buckets(ctx context.Context, q search.Request, n int) ([]search.Bucket, error) {
	all, err := s.Store.Buckets(ctx, q, n)
	if len(all) > 0 {
		all[len(all)-1].Flows, all[len(all)-1].Octets = 0, 0
	}
	return all, err
}

// rotated puts the last flow of an order by a number first.
type rotated struct{ Store }

func (s rotated) Each(ctx context.Context, q search.Request, fn func(*flow.Record) error) error {
	var all []flow.Record
	err := s.Store.Each(ctx, q, func(r *flow.Record) error {
		all = append(all, *r)
		return nil
	})
	if len(all) > 0 && !q.Order.ByStart() {
		all = append(all[len(all)-1:], all[:len(all)-1]...)
	}
	for i := range all {
		if err == nil {
			err = fn(&all[i])
		}
	}
	return err
}

// unspread moves the bytes of each bucket into the one before it.
type unspread struct{ Store }

func (s unspread) Buckets(ctx context.Context, q search.Request, n int) ([]search.Bucket, error) {
	all, err := s.Store.Buckets(ctx, q, n)
	for i := 1; i < len(all); i++ {
		all[i-1].Octets, all[i].Octets = all[i-1].Octets+all[i].Octets, 0
	}
	return all, err
}

type versioned struct {
	Store
	version func() uint64
}

func (s versioned) Version() uint64 { return s.version() }

type allTimeSummaries struct{ Store }

func (s allTimeSummaries) Summaries(ctx context.Context, _ search.Range) ([]node.Summary, error) {
	return s.Store.Summaries(ctx, search.Range{})
}

type replacing struct{ Store }

func (s replacing) AddNode(ctx context.Context, n node.Node) error {
	_ = s.RemoveNode(ctx, n.Name) // fails for a new node
	return s.Store.AddNode(ctx, n)
}

type unknownGroupAccepted struct{ Store }

func (s unknownGroupAccepted) Count(ctx context.Context, q search.Request, limit int64) (int64, error) {
	n, err := s.Store.Count(ctx, q, limit)
	if err != nil && strings.Contains(err.Error(), "unknown group") {
		return 0, nil
	}
	return n, err
}
