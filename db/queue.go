package db

import (
	"context"
	"errors"
	"slices"
	"sync"

	"weir/flow"
)

// errStopped is what callers get after the writer's loop has ended.
var errStopped = errors.New("the flow store has stopped writing")

// queue holds batches of records between those who measure and the writer. It
// is bounded by records, those being written included.
type queue struct {
	mu        sync.Mutex
	batches   [][]flow.Record
	rows, max int           // records waiting or being written
	handed    uint64        // batches taken in so far
	committed uint64        // of these, written
	flushTo   uint64        // commit without delay up to here
	refuses   error         // why nothing is taken in any more
	ended     error         // why nothing is committed any more
	wake      chan struct{} // holds one token; the writer has something to do
	changed   chan struct{} // closed when room, committed, refuses or ended changed
}

func newQueue(max int) *queue {
	return &queue{max: max, wake: make(chan struct{}, 1), changed: make(chan struct{})}
}

// offer takes recs in if there is room. A batch larger than the whole queue is
// taken when the queue is empty.
func (q *queue) offer(recs []flow.Record) (bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.refuses != nil:
		return false, q.refuses
	case q.rows > 0 && q.rows+len(recs) > q.max:
		return false, nil
	}
	if len(recs) > 0 {
		q.batches = append(q.batches, recs)
		q.rows += len(recs)
		q.handed++
		q.poke()
	}
	return true, nil
}

// put takes recs in as soon as there is room.
func (q *queue) put(ctx context.Context, recs []flow.Record) error {
	for {
		changed := q.change()
		if ok, err := q.offer(recs); ok || err != nil {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// flush waits until all that was taken in before the call is committed.
func (q *queue) flush(ctx context.Context) error {
	q.mu.Lock()
	target := q.handed
	q.flushTo = max(q.flushTo, target)
	q.poke()
	q.mu.Unlock()
	for {
		q.mu.Lock()
		done, ended, changed := q.committed >= target, q.ended, q.changed
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

// take removes batches for one transaction, up to groupRows records or one
// batch. What it returns counts as waiting until done is called.
func (q *queue) take() (recs []flow.Record, batches uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	rows, n := 0, 0
	for n < len(q.batches) && (n == 0 || rows+len(q.batches[n]) <= groupRows) {
		rows += len(q.batches[n])
		n++
	}
	if n == 0 {
		return nil, 0
	}
	recs = slices.Concat(q.batches[:n]...)
	clear(q.batches[:n]) // or the array behind the slice keeps them alive
	q.batches = q.batches[n:]
	return recs, uint64(n)
}

// done says that what take returned is committed.
func (q *queue) done(rows int, batches uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.rows -= rows
	q.committed += batches
	q.announce()
}

// due reports how many records wait and whether someone waits for their commit.
func (q *queue) due() (rows int, urgent bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.rows, q.flushTo > q.committed || q.rows >= groupRows
}

// refuse takes no further records in: what is there is the rest.
func (q *queue) refuse() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.refuses = errStopped
	q.announce()
}

// end refuses further records and ends all waiting: nothing is committed any more.
func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.refuses, q.ended = errStopped, errStopped
	q.announce()
}

func (q *queue) change() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.changed
}

func (q *queue) poke() {
	select {
	case q.wake <- struct{}{}:
	default: // the writer has not taken the last token yet
	}
}

func (q *queue) announce() {
	close(q.changed)
	q.changed = make(chan struct{})
}
