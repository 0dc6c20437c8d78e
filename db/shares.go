package db

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// shares shares the machine out between the writer and searches when both want all of it. While the
// writer is at a transaction a search has one core. After it, while there are searches, the
// writer rests if they are new, and they have all cores.
//
// It rests on when the last search ends: who searches again and again, as a screen that scrolls, would find it at
// its next transaction each time.
type shares struct {
	mu       sync.Mutex
	searches int
	since    time.Time     // of when there are some
	written  int           // transactions
	rested   chan struct{} // closed when the transaction ends; nil: there is none
	epoch    atomic.Int64  // of the snapshots that searches read
}

// The writer rests for new searches, longer than its transaction took, so that one who looks something up has the
// answer soon. For those that take long it rests after every other transaction, and little, so that it keeps half of its
// speed beside the longest. (It has no core again at once, Go lets others run on.) A transaction
// that took long took its time from the disk, or waited until there was room on it again: no search is owed that.
const (
	restShare  = 1.3
	mostRest   = 200 * time.Millisecond
	longSearch = 80 * time.Millisecond
	longRest   = time.Millisecond
)

func (t *shares) enter() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.searches++; t.searches == 1 {
		t.since = time.Now()
	}
}

func (t *shares) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.searches--
}

// restFor lets searches have what they get for a transaction that took so long.
func (t *shares) restFor(ctx context.Context, took time.Duration) {
	t.rest(ctx, t.owed(took))
}

// owed is how long the writer rests for a transaction that took so long, if anybody searches.
func (t *shares) owed(took time.Duration) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	odd := t.written%2 == 1
	t.written++
	switch {
	case time.Since(t.since) <= longSearch:
		return min(time.Duration(restShare*float64(took)), mostRest)
	case odd:
		return longRest
	}
	return 0
}

// write says that a transaction begins, and returns what says that it has ended.
func (t *shares) write() (end func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rested := make(chan struct{})
	t.rested = rested
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		close(rested)
		t.rested = nil
	}
}

// rest waits for d if there are searches.
func (t *shares) rest(ctx context.Context, d time.Duration) {
	t.mu.Lock()
	searches := t.searches
	t.mu.Unlock()
	if searches == 0 || d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// renew has searches give up their snapshots for new ones, and leaves them the time for it.
func (t *shares) renew(ctx context.Context) {
	t.epoch.Add(1)
	t.rest(ctx, renewTime)
}

// await waits until no transaction runs, or over is closed: then it says so.
func (t *shares) await(over <-chan struct{}) bool {
	t.mu.Lock()
	rested := t.rested
	t.mu.Unlock()
	if rested == nil {
		return false
	}
	select {
	case <-rested:
		return false
	case <-over:
		return true
	}
}
