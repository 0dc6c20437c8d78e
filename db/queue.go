package db

import (
	"context"
	"errors"
	"slices"
	"sync"

	"weir/db/block"
	"weir/flow"
)

// ErrStopped is the error of callers after the writer's loop has ended; the error of Run says why.
var ErrStopped = errors.New("the flow store has stopped writing")

// queue holds copies of records between producers and the writer, in groups that become one
// transaction each. It is bounded by the number of records, including those being written.
type queue struct {
	mu          sync.Mutex
	groups      []commitGroup   // oldest first; the last one is still open
	freeBuffers [][]flow.Record // memory of written batches, for new ones
	rows, max   int             // records waiting or being written, and their limit
	offered     int             // of those waiting, records of live captures, whose callers can't wait
	accepted    uint64          // batches accepted
	committed   uint64          // of these, committed
	dropped     uint64          // of these, given up
	flushTo     uint64          // batches to commit without delay
	cuts        []cutFlows      // oldest first
	ends        int             // of flows in cuts or being written
	refuseErr   error           // why no more batches are accepted; nil: they are
	stopErr     error           // why nothing is committed any more; nil: it is
	wake        chan struct{}   // holds one token while the writer has something to do
	changed     chan struct{}   // closed when committed, refuseErr or stopErr changes, or room becomes free
}

// commitGroup is the records of one transaction: copies of the batches of callers, at most groupRows
// records or one batch.
type commitGroup struct {
	batches [][]flow.Record
	rows    int
	offered int           // of these, records of live captures
	ends    []flow.Ending // of flows whose last record was dropped; their earlier ones are in this group or before it
}

func (g *commitGroup) empty() bool { return len(g.batches) == 0 && len(g.ends) == 0 }

// cutFlows are flows to be ended, whose records are all in the first batches that were accepted.
type cutFlows struct {
	ends  []flow.Ending
	after uint64 // the number of these batches
}

func newQueue(limit int) *queue {
	return &queue{max: limit, wake: make(chan struct{}, 1), changed: make(chan struct{})}
}

// offer copies recs into the queue if there is room. A batch larger than the whole queue is accepted
// when the queue is empty.
func (q *queue) offer(recs []flow.Record) (bool, error) { return q.accept(recs, len(recs)) }

// accept adds a copy of recs; offered is the number of records in it that come from a live capture.
func (q *queue) accept(recs []flow.Record, offered int) (bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.refuseErr != nil:
		return false, q.refuseErr
	case q.rows > 0 && q.rows+len(recs) > q.max:
		return false, nil
	}
	if len(recs) > 0 {
		g := q.openGroup(len(recs))
		g.batches = append(g.batches, append(q.buffer(len(recs)), recs...))
		g.rows += len(recs)
		g.offered += offered
		q.offered += offered
		q.rows += len(recs)
		q.accepted++
		q.wakeWriter()
	}
	return true, nil
}

// cut adds the ends of flows whose last record was dropped, and reports whether they will be written.
func (q *queue) cut(ends []flow.Ending) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.refuseErr != nil {
		return false
	}
	for some := range slices.Chunk(ends, groupEnds) {
		q.cuts = append(q.cuts, cutFlows{slices.Clone(some), q.accepted})
	}
	q.ends += len(ends)
	q.wakeWriter()
	return true
}

// openGroup returns the group for a batch of n records.
func (q *queue) openGroup(n int) *commitGroup {
	if last := len(q.groups) - 1; last >= 0 && q.groups[last].rows+n <= groupRows {
		return &q.groups[last]
	}
	q.groups = append(q.groups, commitGroup{})
	return &q.groups[len(q.groups)-1]
}

// buffer returns memory for a batch of n records, reused if possible.
func (q *queue) buffer(n int) []flow.Record {
	if last := len(q.freeBuffers) - 1; last >= 0 {
		b := q.freeBuffers[last]
		q.freeBuffers = q.freeBuffers[:last]
		if cap(b) >= n {
			return b[:0]
		}
	}
	return make([]flow.Record, 0, n)
}

// put copies recs into the queue as soon as there is room.
func (q *queue) put(ctx context.Context, recs []flow.Record) error {
	for {
		changed := q.changes()
		if ok, err := q.accept(recs, 0); ok || err != nil {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// flush waits until all batches accepted before the call are committed.
func (q *queue) flush(ctx context.Context) error {
	q.mu.Lock()
	target := q.accepted
	q.flushTo = max(q.flushTo, target)
	q.wakeWriter()
	q.mu.Unlock()
	for {
		q.mu.Lock()
		done, ended, changed := q.committed >= target, q.stopErr, q.changed
		q.mu.Unlock()
		switch {
		case done:
			return nil
		case ended != nil:
			return ended
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// take removes the oldest group, which may be empty. Its records count as waiting until finish is
// called. Ends of cut flows come with the last records: looking up their stored state is slower than
// writing other flows, so it is deferred while records wait, unless too many ends wait.
func (q *queue) take() (g commitGroup) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.groups) > 0 {
		g = q.groups[0]
		q.groups = slices.Delete(q.groups, 0, 1)
		q.offered -= g.offered
	}
	for len(q.cuts) > 0 && (len(q.groups) == 0 || q.ends > maxWaitingEnds) && len(g.ends)+len(q.cuts[0].ends) <= groupEnds &&
		q.cuts[0].after <= q.committed+q.dropped+uint64(len(g.batches)) {
		g.ends = append(g.ends, q.cuts[0].ends...)
		q.cuts = slices.Delete(q.cuts, 0, 1)
	}
	return g
}

// takeAll removes everything that waits.
func (q *queue) takeAll() (all []commitGroup) {
	q.mu.Lock()
	defer q.mu.Unlock()
	all = q.groups
	for _, c := range q.cuts {
		all = append(all, commitGroup{ends: c.ends})
	}
	q.groups, q.cuts = nil, nil
	return all
}

// finish reports that a group is committed, and returns its memory to the queue.
func (q *queue) finish(g commitGroup) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.rows -= g.rows
	q.ends -= len(g.ends)
	q.committed += uint64(len(g.batches))
	q.freeBuffers = g.batches
	q.notifyChange()
}

// drop removes a group that will not be committed.
func (q *queue) drop(g commitGroup) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.rows -= g.rows
	q.ends -= len(g.ends)
	q.dropped += uint64(len(g.batches))
	q.notifyChange()
}

// due returns how many records and ends wait, and whether to write them now: a caller waits for the commit, or
// they fill a block.
func (q *queue) due() (rows int, urgent bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.rows + q.ends, q.flushTo > q.committed || q.rows >= block.MaxRows
}

// overloaded reports whether a live capture fills the queue faster than it is written.
func (q *queue) overloaded() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.offered > q.max/4
}

// refuse stops accepting batches; those in the queue are still written.
func (q *queue) refuse() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.refuseErr = ErrStopped
	q.notifyChange()
}

// fail ends all waiting for commits: nothing is committed any more. Batches are still accepted.
func (q *queue) fail() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stopErr = ErrStopped
	q.notifyChange()
}

// stop stops accepting batches and ends all waiting: nothing is committed any more.
func (q *queue) stop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.refuseErr, q.stopErr = ErrStopped, ErrStopped
	q.notifyChange()
}

func (q *queue) changes() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.changed
}

func (q *queue) wakeWriter() {
	select {
	case q.wake <- struct{}{}:
	default: // the token is still there
	}
}

func (q *queue) notifyChange() {
	close(q.changed)
	q.changed = make(chan struct{})
}
