package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"slices"
	"time"

	"weir/csvexport"
	"weir/flow"
	"weir/search"
)

// The pace of --follow.
const (
	followInterval = 250 * time.Millisecond // between looks; the store commits every 200 ms
	followRest     = 10                     // a look at everything is followed by ten times as much rest
	followWindow   = 10 * time.Second       // how far back, by start time, every look goes
)

// followStore is what following needs of a store.
type followStore interface {
	Each(ctx context.Context, r search.Request, fn func(*flow.Record) error) error
	Version() uint64
	CheckPlace() error
}

// follower prints each flow of a query once, when it first matches.
//
// A flow matches late if the filter asks for what only shows later: a verdict,
// a size, an end. So every look goes over the flows that started lately, every
// second one over those of twice that time, every fourth of four times, and so
// on: the older a flow is, the rarer it is looked at, and all looks together
// cost a small multiple of a short one. Once the store is quiet, everything is
// looked at once more, so nothing waits for the next flow to come.
type follower struct {
	store   followStore
	query   search.Query // its range has no end
	out     csvexport.Writer
	printed idSet
	looks   uint

	stderr     io.Writer
	incomplete *search.IncompleteError // nil: nothing is damaged
}

// printFollowing prints what matches now, if a time range or start was asked for, and then
// what comes, until ctx ends or the output has lost its reader.
func (o *queryOptions) printFollowing(ctx context.Context, store followStore, q search.Query, stdout, stderr io.Writer) error {
	now := time.Now()
	from, _ := q.Range.Bounds(now)
	q.Range = search.Range{From: from}
	if byStart, _ := startTerms(q.Filter); from.IsZero() && !byStart {
		q = q.StartedFrom(now)
	}
	q.Order, q.Limit = search.Oldest, -1
	out, err := o.writer(stdout)
	if err != nil {
		return err
	}
	f := &follower{store: store, query: q, out: out, printed: idSet{}, stderr: stderr}
	err = f.run(ctx, hangupOf(stdout))
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = nil // interrupted, which is how it ends
	}
	if err == nil && f.incomplete != nil {
		return f.incomplete
	}
	return err
}

// startTerms reports whether a filter has a condition on the start of flows, and one that sets an end.
func startTerms(x search.Expr) (some, ends bool) {
	for _, term := range search.Conjuncts(x) {
		n, ok := term.(search.Numbers)
		if !ok || n.Field != search.FieldStart {
			continue
		}
		some = true
		ends = ends || !slices.ContainsFunc(n.Ranges, func(i search.Interval) bool { return i.Hi == search.MaxNumber })
	}
	return some, ends
}

// noteGaps reports damage once, when it is first found. ok reports whether err is nil or only damage.
func (f *follower) noteGaps(err error) (ok bool) {
	gaps, ok := search.Incomplete(err)
	if len(gaps) == 0 {
		return ok
	}
	before := 0
	if f.incomplete == nil {
		f.incomplete = &search.IncompleteError{Err: err}
	} else {
		before = len(f.incomplete.Gaps)
	}
	if f.incomplete.Gaps = search.MergeGaps(f.incomplete.Gaps, gaps); len(f.incomplete.Gaps) > before {
		fmt.Fprintf(f.stderr, "weir: %s\n", f.incomplete)
	}
	return ok
}

// run looks and waits in turns. gone reports whether the reader of the output left.
func (f *follower) run(ctx context.Context, gone func() bool) error {
	tick := time.NewTicker(followInterval)
	defer tick.Stop()
	version := f.store.Version()
	if err := f.look(ctx, 0); err != nil {
		return err
	}
	behind, rested := false, time.Now() // since the last look at everything
	for !gone() {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := f.store.CheckPlace(); err != nil {
			return err
		}
		var err error
		if now := f.store.Version(); now != version {
			version, behind = now, true
			err = f.look(ctx, f.window())
		} else if begun := time.Now(); behind && begun.After(rested) {
			behind = false
			err = f.look(ctx, 0)
			rested = time.Now().Add(followRest * time.Since(begun))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// window is how far back the next look goes: the base, times two for every
// second look, times four for every fourth.
func (f *follower) window() time.Duration {
	const most = 24 // doublings: five years
	f.looks++
	return followWindow << min(bits.TrailingZeros(f.looks), most)
}

// look prints what matches and was not printed yet of the flows that started
// within the window; 0: of all.
func (f *follower) look(ctx context.Context, window time.Duration) error {
	q := f.query
	if window > 0 {
		q = q.StartedFrom(time.Now().Add(-window))
	}
	_, err := csvexport.Copy(ctx, f.out, func(ctx context.Context, fn func(*flow.Record) error) error {
		err := f.store.Each(ctx, search.Request{Query: q}, func(r *flow.Record) error {
			if !f.printed.add(r.ID) {
				return nil
			}
			return fn(r)
		})
		if f.noteGaps(err) {
			return nil
		}
		return err
	})
	return err
}

// idSet is a set of record ids, which are dense: a bit for each, in pages.
type idSet map[uint64]*[idPage / 64]uint64

const idPage = 8192 // ids a page: 1 KB

// add adds an id and reports whether it is new.
func (s idSet) add(record int64) bool {
	id := uint64(record) // a damaged store may hold any number
	page := s[id/idPage]
	if page == nil {
		page = new([idPage / 64]uint64)
		s[id/idPage] = page
	}
	word, bit := &page[id%idPage/64], uint64(1)<<(id%64)
	if *word&bit != 0 {
		return false
	}
	*word |= bit
	return true
}
