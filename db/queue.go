package db

import (
	"context"
	"errors"
	"slices"
	"sync"

	"weir/db/block"
	"weir/flow"
)

// ErrStopped is what callers get after the writer's loop has ended, whose error says why.
var ErrStopped = errors.New("the flow store has stopped writing")

// queue holds records between those who measure and the writer, copies in
// parcels that become a transaction each. It is bounded by records, those being
// written included.
type queue struct {
	mu        sync.Mutex
	parcels   []parcel        // oldest first; the last one is being filled
	spare     [][]flow.Record // memory of batches that were written, for the next ones
	rows, max int             // records waiting or being written
	offered   int             // of those waiting, what a live capture offered, which has no time to lose
	handed    uint64          // batches taken in so far
	committed uint64          // of these, written
	flushTo   uint64          // commit without delay up to here
	refuses   error           // why nothing is taken in any more
	ended     error           // why nothing is committed any more
	wake      chan struct{}   // holds one token; the writer has something to do
	changed   chan struct{}   // closed when room, committed, refuses or ended changed
}

// parcel is the records of one transaction: copies of some batches as they were
// handed over, at most groupRows records or one batch.
type parcel struct {
	batches [][]flow.Record
	rows    int
	offered int // records of those who do not wait
}

func newQueue(max int) *queue {
	return &queue{max: max, wake: make(chan struct{}, 1), changed: make(chan struct{})}
}

// offer copies recs into the queue if there is room. A batch larger than the
// whole queue is taken when the queue is empty.
func (q *queue) offer(recs []flow.Record) (bool, error) { return q.accept(recs, len(recs)) }

// accept is offer, of as many records of those who do not wait.
func (q *queue) accept(recs []flow.Record, offered int) (bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.refuses != nil:
		return false, q.refuses
	case q.rows > 0 && q.rows+len(recs) > q.max:
		return false, nil
	}
	if len(recs) > 0 {
		p := q.filling(len(recs))
		p.batches = append(p.batches, append(q.memory(len(recs)), recs...))
		p.rows += len(recs)
		p.offered += offered
		q.offered += offered
		q.rows += len(recs)
		q.handed++
		q.poke()
	}
	return true, nil
}

// filling is the parcel for a batch of n records.
func (q *queue) filling(n int) *parcel {
	if last := len(q.parcels) - 1; last >= 0 && q.parcels[last].rows+n <= groupRows {
		return &q.parcels[last]
	}
	q.parcels = append(q.parcels, parcel{})
	return &q.parcels[len(q.parcels)-1]
}

// memory is room for a batch of n records: that of the batch that was written
// last, if it is enough.
func (q *queue) memory(n int) []flow.Record {
	if last := len(q.spare) - 1; last >= 0 {
		b := q.spare[last]
		q.spare = q.spare[:last]
		if cap(b) >= n {
			return b[:0]
		}
	}
	return make([]flow.Record, 0, n)
}

// put copies recs in as soon as there is room.
func (q *queue) put(ctx context.Context, recs []flow.Record) error {
	for {
		changed := q.change()
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

// take removes the oldest parcel, for one transaction; it is empty if there is
// none. What it returns counts as waiting until done is called.
func (q *queue) take() (p parcel) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.parcels) > 0 {
		p = q.parcels[0]
		q.parcels = slices.Delete(q.parcels, 0, 1)
		q.offered -= p.offered
	}
	return p
}

// done says that what take returned is committed, and gives it back.
func (q *queue) done(p parcel) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.rows -= p.rows
	q.committed += uint64(len(p.batches))
	q.spare = p.batches
	q.announce()
}

// due reports how many records wait, and whether to write them now: someone
// waits for their commit, or they make a block.
func (q *queue) due() (rows int, urgent bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.rows, q.flushTo > q.committed || q.rows >= block.MaxRows
}

// pressed reports whether a live capture fills the queue faster than it is written.
func (q *queue) pressed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.offered > q.max/4
}

// refuse takes no further records in: what is there is the rest.
func (q *queue) refuse() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.refuses = ErrStopped
	q.announce()
}

// end refuses further records and ends all waiting: nothing is committed any more.
func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.refuses, q.ended = ErrStopped, ErrStopped
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
