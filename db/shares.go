package db

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// shares shares the machine out between the writer and searches when both want all of it. While the
// writer is at a transaction a search has one core. After it, while there are searches, the
// writer rests for a part of the time that it took, and they have all cores.
type shares struct {
	mu       sync.Mutex
	searches int
	idle     chan struct{} // closed when the last search ends; nil: there is none
	rested   chan struct{} // closed when the transaction ends; nil: there is none
	epoch    atomic.Int64  // of the snapshots that searches read
}

// restShare is how long the writer rests for searches, of the time its transaction took. It
// keeps more than half of its speed, and a search takes less than twice its time.
const restShare = 0.8

func (t *shares) enter() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.searches++; t.searches == 1 {
		t.idle = make(chan struct{})
	}
}

func (t *shares) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.searches--; t.searches == 0 {
		close(t.idle)
		t.idle = nil
	}
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

// rest waits for d, but no longer than there are searches.
func (t *shares) rest(ctx context.Context, d time.Duration) {
	t.mu.Lock()
	idle := t.idle
	t.mu.Unlock()
	if idle == nil || d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-idle:
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
