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

func TestTheWriterRestsOnlyForSearches(t *testing.T) {
	var shares scheduler
	shares.backOff(t.Context(), time.Hour) // nobody searches
	shares.beginSearch()
	const short = 20 * time.Millisecond
	begun := time.Now()
	if shares.backOff(t.Context(), short); time.Since(begun) < short {
		t.Errorf("it rested for %v beside a search, want %v", time.Since(begun), short)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	shares.backOff(ctx, time.Hour) // the end does not wait for searches
	shares.endSearch()
	shares.backOff(t.Context(), time.Hour)
}

func TestNoSearchIsOwedTheWaitForAFullDisk(t *testing.T) {
	var shares scheduler
	shares.beginSearch()
	defer shares.endSearch()
	shares.searchingSince = time.Now().Add(time.Hour) // the search stays new, however slow this machine is
	if d := shares.backOffTime(10 * time.Millisecond); d < 10*time.Millisecond || d > 20*time.Millisecond {
		t.Errorf("a new search gets %v for 10 ms", d)
	}
	if d := shares.backOffTime(time.Hour); d > maxBackOff {
		t.Errorf("the writer would rest for %v after an hour without room", d)
	}
}

func TestHelpersWaitForATransactionUnlessTheirSearchIsOver(t *testing.T) {
	var shares scheduler
	over := make(chan struct{})
	if shares.waitForWriter(over) {
		t.Error("there is no transaction, and the search is said to be over")
	}
	end := shares.beginTransaction()
	answer := make(chan bool)
	go func() { answer <- shares.waitForWriter(over) }()
	select {
	case <-answer:
		t.Fatal("a helper worked on in a transaction")
	default:
	}
	end()
	if <-answer {
		t.Error("the transaction ended, and the search is said to be over")
	}
	defer shares.beginTransaction()()
	close(over)
	if !shares.waitForWriter(over) {
		t.Error("the search is over, and its helper works on")
	}
}

func TestALiveCaptureThatFillsTheQueueIsNotKeptWaiting(t *testing.T) {
	q := newQueue(100)
	if err := q.put(t.Context(), numbered(0, 60)); err != nil || q.overloaded() {
		t.Errorf("%v; who puts can wait", err)
	}
	if ok, err := q.offer(numbered(60, 30)); !ok || err != nil || !q.overloaded() {
		t.Errorf("%v, %v; who offers cannot wait, and the queue is full to a quarter with it", ok, err)
	}
	q.finish(q.take())
	if q.overloaded() {
		t.Error("nothing waits any more")
	}
}

// TestTheLogIsBegunAnewWhileThereAreSearchesAllTheTime: SQLite can't as long as anybody reads the log,
// so it grew as long as there were searches.
func TestTheLogIsBegunAnewWhileThereAreSearchesAllTheTime(t *testing.T) {
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
		t.Errorf("%d searches ran beside: too few to show anything", searches.Load())
	}
	if largest > written/2 {
		t.Errorf("the log came to %d bytes while about %d were written", largest, written)
	}
}

// TestASearchThatBlocksAreTakenFromAnswers removes blocks by age while a search visits them.
func TestASearchThatBlocksAreTakenFromAnswers(t *testing.T) {
	var now atomic.Int64
	now.Store(epoch.UnixNano())
	s := smallBlocks(t, WriterOptions{Now: func() time.Time { return time.Unix(0, now.Load()) }, MaxAge: 24 * time.Hour}, 50)
	store(t, s, numbered(0, 1000)...)
	removed := false
	flows := 0
	err := s.read(t.Context(), nil, func(sn *snapshot) error {
		return sn.eachBlock(sn.blocks, func(b *block.Reader) error {
			if !removed {
				removed = true
				now.Add(int64(48 * time.Hour))
				s.retain()
				s.scheduler.snapshotEpoch.Add(1) // what is read from here on is read as of now
			}
			_, err := b.Cells(block.ColID)
			if err == nil {
				flows += b.Rows()
			}
			return err
		})
	})
	if err != nil || flows >= 1000 {
		t.Errorf("%d flows, %v, want those of the block that was open when the others went", flows, err)
	}
}

// TestASearchThatBlocksArePutTogetherUnderBeginsAnew: nothing may be missing then.
func TestASearchThatBlocksArePutTogetherUnderBeginsAnew(t *testing.T) {
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
		return sn.eachBlock(sn.blocks, func(b *block.Reader) error {
			if tries == 1 && flows == 0 {
				err := s.transact(t.Context(), func(c connection) error {
					in, err := s.inserter(c)
					if err == nil {
						err = in.mergeBlocks(c)
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
	})
	if err != nil || tries != 2 || flows != len(want) {
		t.Errorf("%d flows at try %d, %v, want %d at the second", flows, tries, err, len(want))
	}
}
