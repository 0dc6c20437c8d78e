package db

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/db/block"
	"weir/flow"
	"weir/search"
)

func TestTheWriterBacksOffForSearchesOnly(t *testing.T) {
	var sched scheduler
	sched.backOff(t.Context(), time.Hour) // returns at once without searches
	sched.beginSearch()
	const short = 20 * time.Millisecond
	begun := time.Now()
	if sched.backOff(t.Context(), short); time.Since(begun) < short {
		t.Errorf("it backed off for %v beside a search, want %v", time.Since(begun), short)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	sched.backOff(ctx, time.Hour) // shutdown does not wait for searches
	sched.endSearch()
	sched.backOff(t.Context(), time.Hour)
}

func TestBackOffIsBoundedAfterASlowDisk(t *testing.T) {
	var sched scheduler
	sched.beginSearch()
	defer sched.endSearch()
	sched.searchingSince = time.Now().Add(time.Hour) // the search stays new on a slow machine
	if d := sched.backOffTime(10 * time.Millisecond); d < 10*time.Millisecond || d > 20*time.Millisecond {
		t.Errorf("back-off of %v after 10 ms", d)
	}
	if d := sched.backOffTime(time.Hour); d > maxBackOff {
		t.Errorf("back-off of %v after an hour", d)
	}
}

func TestWorkersWaitForATransactionUnlessTheirSearchIsDone(t *testing.T) {
	var sched scheduler
	done := make(chan struct{})
	if sched.waitForWriter(done) {
		t.Error("no transaction runs, and the search is reported to be done")
	}
	end := sched.beginTransaction()
	answer := make(chan bool)
	go func() { answer <- sched.waitForWriter(done) }()
	select {
	case <-answer:
		t.Fatal("a worker went on during a transaction")
	default:
	}
	end()
	if <-answer {
		t.Error("the transaction ended, and the search is reported to be done")
	}
	defer sched.beginTransaction()()
	close(done)
	if !sched.waitForWriter(done) {
		t.Error("a worker of a finished search continues")
	}
}

func TestOnlyALiveCaptureOverloadsTheQueue(t *testing.T) {
	q := newQueue(100)
	if err := q.put(t.Context(), numbered(0, 60)); err != nil || q.overloaded() {
		t.Errorf("Put overloads the queue, or fails: %v", err)
	}
	if ok, err := q.offer(numbered(60, 30)); !ok || err != nil || !q.overloaded() {
		t.Errorf("Offer = %v, %v, want the queue overloaded: a quarter of it is from a live capture", ok, err)
	}
	q.finish(q.take())
	if q.overloaded() {
		t.Error("an empty queue is overloaded")
	}
}

// TestTheWALIsRestartedDuringConstantSearches: SQLite can't restart a WAL that a search reads, so it
// grew as long as there were searches.
func TestTheWALIsRestartedDuringConstantSearches(t *testing.T) {
	s := smallBlocks(t, WriterOptions{Now: func() time.Time { return epoch }}, 500, func(s *Writer) { s.checkpoints = checkpointLimits{time.Millisecond, 0, 100} })
	store(t, s, traffic(1, 20_000)...)
	filter, err := search.Parse("sent:4001 recv:>3000 dttl:7")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var searching sync.WaitGroup
	var searches atomic.Int64
	for range 2 {
		searching.Go(func() {
			for ctx.Err() == nil {
				if _, err := s.Count(t.Context(), search.Request{Query: search.Query{Filter: filter}}, -1); err != nil {
					t.Error(err)
				}
				searches.Add(1)
			}
		})
	}
	largest, written := int64(0), int64(0)
	for first := int64(20_001); written < 12<<20; first += 5000 {
		recs := traffic(first, 5000)
		store(t, s, recs...)
		written += 100 * int64(len(recs))
		if info, err := os.Stat(s.path + "-wal"); err == nil {
			largest = max(largest, info.Size())
		}
	}
	stop()
	searching.Wait()
	if searches.Load() < 10 {
		t.Errorf("only %d searches ran: too few to show anything", searches.Load())
	}
	if largest > written/2 {
		t.Errorf("the WAL grew to %d bytes while about %d were written", largest, written)
	}
}

// TestASearchSurvivesTheRemovalOfBlocks removes blocks by age while a search reads them.
func TestASearchSurvivesTheRemovalOfBlocks(t *testing.T) {
	var now atomic.Int64
	now.Store(epoch.UnixNano())
	s := smallBlocks(t, WriterOptions{Now: func() time.Time { return time.Unix(0, now.Load()) }, MaxAge: 24 * time.Hour}, 50)
	store(t, s, numbered(0, 1000)...)
	removed := false
	flows := 0
	err := s.read(t.Context(), nil, func(sn *snapshot) error {
		gaps, err := sn.eachBlock(sn.blocks, func(b *block.Reader) error {
			if !removed {
				removed = true
				now.Add(int64(48 * time.Hour))
				s.retain()
				s.scheduler.snapshotEpoch.Add(1) // later reads use a new snapshot
			}
			_, err := b.Cells(block.ColID)
			if err == nil {
				flows += b.Rows()
			}
			return err
		})
		if len(gaps) > 0 {
			t.Errorf("blocks that were removed are taken for damaged: %v", gaps)
		}
		return err
	})
	if err != nil || flows >= 1000 {
		t.Errorf("%d flows, %v, want those of the block that was open when the others went", flows, err)
	}
}

// TestASearchStartsOverWhenBlocksAreMerged: otherwise the result could lack flows.
func TestASearchStartsOverWhenBlocksAreMerged(t *testing.T) {
	s := smallBlocks(t, WriterOptions{Now: func() time.Time { return epoch }}, 50)
	var want []flow.Record
	for i := range int64(20) {
		recs := numbered(50*i, 50)
		store(t, s, recs...)
		want = append(want, recs...)
	}
	s.blockRows = 500
	s.mu.Lock()
	s.ins.maxRows = 500
	s.mu.Unlock()
	tries, flows := 0, 0
	err := s.read(t.Context(), nil, func(sn *snapshot) error {
		tries, flows = tries+1, 0
		_, err := sn.eachBlock(sn.blocks, func(b *block.Reader) error {
			if tries == 1 && flows == 0 {
				err := s.transact(t.Context(), func(c connection) error {
					in, err := s.inserter(c)
					if err == nil {
						_, err = in.mergeBlocks(c)
					}
					return err
				})
				if err != nil {
					return err
				}
				s.scheduler.snapshotEpoch.Add(1)
			}
			_, err := b.Cells(block.ColID)
			if err == nil {
				flows += b.Rows()
			}
			return err
		})
		return err
	})
	if err != nil || tries != 2 || flows != len(want) {
		t.Errorf("%d flows at try %d, %v, want %d at the second", flows, tries, err, len(want))
	}
}

// TestFlowsThatMoveIntoABlockDuringASearchAreFound reads pieces a second time in one search, after the
// snapshot was replaced and the flows of the pieces were packed into a block.
func TestFlowsThatMoveIntoABlockDuringASearchAreFound(t *testing.T) {
	s := smallBlocks(t, WriterOptions{Now: func() time.Time { return epoch }}, 50)
	store(t, s, numbered(0, 100)...)  // in blocks
	store(t, s, numbered(100, 20)...) // in a piece
	sel := selectStarted(allTime)
	err := s.read(t.Context(), nil, func(sn *snapshot) error {
		for round, want := range []int{120, 121} {
			var flows atomic.Int64
			err := sn.visit(sel, func(_ block.Batch, rows block.Bitmap) error {
				flows.Add(int64(rows.Count()))
				return nil
			})
			if err != nil || int(flows.Load()) != want {
				t.Errorf("round %d: %d flows, %v, want %d", round, flows.Load(), err, want)
			}
			store(t, s, numbered(120, 1)...)
			if _, err := s.packNow(); err != nil {
				return err
			}
			if err := sn.parts.newSnapshot(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
