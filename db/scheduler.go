package db

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// scheduler divides the CPU cores between the writer and searches when both want all of them. During a
// transaction a search has one core. After it, the writer backs off for new searches, which then have
// all cores.
//
// It backs off for the whole time even when the last search ends: a client that searches again and
// again, such as a screen that scrolls, would otherwise meet the next transaction every time.
type scheduler struct {
	mu             sync.Mutex
	searches       int
	searchingSince time.Time     // when the first of the current searches began
	transactions   int           // number of transactions, to count odd ones
	txDone         chan struct{} // closed when the running transaction ends; nil: none runs
	snapshotEpoch  atomic.Int64  // snapshots of an earlier epoch are to be refreshed
}

// For new searches the writer backs off longer than its transaction took, so that an interactive
// search is answered soon. For long searches it backs off little, after every other transaction, so
// that it keeps half of its speed during the longest. (It does not get a core back at once: Go lets
// other goroutines run on.) maxBackOff is for transactions that waited for the disk, which kept no
// core from searches.
const (
	backOffFactor     = 1.3
	maxBackOff        = 200 * time.Millisecond
	longSearch        = 80 * time.Millisecond
	longSearchBackOff = time.Millisecond
)

func (s *scheduler) beginSearch() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.searches++; s.searches == 1 {
		s.searchingSince = time.Now()
	}
}

func (s *scheduler) endSearch() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.searches--
}

// backOffAfter backs off for a transaction of this duration.
func (s *scheduler) backOffAfter(ctx context.Context, took time.Duration) {
	s.backOff(ctx, s.backOffTime(took))
}

// backOffTime returns how long to back off for a transaction of this duration while there are
// searches.
func (s *scheduler) backOffTime(took time.Duration) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	odd := s.transactions%2 == 1
	s.transactions++
	switch {
	case time.Since(s.searchingSince) <= longSearch:
		return min(time.Duration(backOffFactor*float64(took)), maxBackOff)
	case odd:
		return longSearchBackOff
	}
	return 0
}

// beginTransaction marks the start of a transaction. The function it returns marks its end.
func (s *scheduler) beginTransaction() (end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ended := make(chan struct{})
	s.txDone = ended
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		close(ended)
		s.txDone = nil
	}
}

// backOff waits for d if there are searches.
func (s *scheduler) backOff(ctx context.Context, d time.Duration) {
	s.mu.Lock()
	searches := s.searches
	s.mu.Unlock()
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

// refreshSnapshots makes searches replace their snapshots, and gives them time for it.
func (s *scheduler) refreshSnapshots(ctx context.Context) {
	s.snapshotEpoch.Add(1)
	s.backOff(ctx, refreshTime)
}

// waitForWriter waits until no transaction runs or done is closed, and reports whether done was
// closed.
func (s *scheduler) waitForWriter(done <-chan struct{}) bool {
	s.mu.Lock()
	ended := s.txDone
	s.mu.Unlock()
	if ended == nil {
		return false
	}
	select {
	case <-ended:
		return false
	case <-done:
		return true
	}
}
