package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"weir/flow"
)

// Writer is the only writer of a flow store, and also a Reader of it. Its methods may be called from
// any goroutine.
type Writer struct {
	*Reader

	nameLock          *nameLock
	fileLock          *fileLock
	gone              chan struct{}             // closed when the store is gone: see GoneError
	goneErr           atomic.Pointer[GoneError] // how it went away; nil: it is there
	leaving           atomic.Bool               // Close lets SQLite remove the log
	retention         retention
	retentionPause    time.Duration // retentionPause; shorter in tests
	blockRows         int           // block.MaxRows; smaller in tests
	draining          bool          // no more records will come
	pool              *sql.DB
	queue             *queue
	nextID            atomic.Int64
	stored            atomic.Uint64
	unstored          atomic.Uint64
	outdated          atomic.Uint64
	lost              lostFlows
	committed         committedIDs
	coverage          coverageLog
	failure           atomic.Pointer[string]
	checkpointFailure atomic.Pointer[string]
	running           atomic.Bool
	failFast          bool // Run returns at the first failure
	checkpoints       checkpointLimits
	walPages          atomic.Int64 // in the WAL at the last checkpoint
	order             []writeOrder // reused by coalesce, like coalesced
	coalesced         []*flow.Record

	mu   sync.Mutex // guards conn and ins, which are not only used by Run
	conn *sql.Conn
	ins  *inserter // nil: not prepared
}

// Run writes the records of Offer and Put until ctx ends; then it commits the waiting records and returns.
// It retries failed commits with growing delays, and Health says why. After the end of ctx it tries once
// more; the error says how many flows are not stored. If the store is gone, Run closes the channel of Gone
// and discards all records until ctx ends; then the error is a *GoneError. Run can be called only once.
func (w *Writer) Run(ctx context.Context) error {
	if w.running.Swap(true) {
		return fmt.Errorf("flow store %q: Run is running already", w.path)
	}
	return w.run(ctx)
}

// Offer copies recs into the queue if there is room, and reports whether there was. It never blocks.
func (w *Writer) Offer(recs []flow.Record) bool {
	ok, _ := w.queue.offer(recs)
	return ok
}

// Put copies recs into the queue. It waits for room until ctx is done or Run has returned.
func (w *Writer) Put(ctx context.Context, recs []flow.Record) error {
	if err := w.queue.put(ctx, recs); err != nil {
		return fmt.Errorf("put %d records into the flow store: %w", len(recs), err)
	}
	return nil
}

// Cut ends flows whose last record was dropped after earlier ones were accepted; the store keeps the
// state it has. Health counts them as outdated. It never blocks.
func (w *Writer) Cut(ends []flow.Ending) {
	if !w.queue.cut(ends) {
		w.outdated.Add(w.lost.late(ends))
	}
}

// Flush waits until all records accepted before are committed. It needs Run to be running, or to
// start.
func (w *Writer) Flush(ctx context.Context) error {
	if err := w.queue.flush(ctx); err != nil {
		return fmt.Errorf("flush the flow store: %w", err)
	}
	return nil
}

// NextID returns a record id that was never used before. Ids ascend, from one above the highest in the
// file.
func (w *Writer) NextID() int64 { return w.nextID.Add(1) }

// Waiting returns how many records, and ends of flows, are accepted and not committed yet.
func (w *Writer) Waiting() int {
	n, _ := w.queue.due()
	return n
}

// Gone returns a channel that is closed when nothing more will be stored, because the file was removed,
// moved or replaced. Health says so, too, and counts the flows that Run discards from then on.
func (w *Writer) Gone() <-chan struct{} { return w.gone }

// Health returns the number of records written, updates included, why the store is not writing now or
// not copying its log into the file, and how many flows it has accepted that it could not store, or not in their last state. Its other
// fields are zero.
func (w *Writer) Health() flow.Health {
	h := flow.Health{Stored: w.stored.Load(), Unstored: w.unstored.Load(), Outdated: w.outdated.Load()}
	if why := w.failure.Load(); why != nil {
		h.StoreErr = *why
	}
	if why := w.checkpointFailure.Load(); why != nil {
		h.LogErr = *why
	}
	return h
}

// Close closes the store. Run must have returned; what it had not committed is lost. It checkpoints
// the WAL, unless another process reads it. Later calls return the result of the first.
func (w *Writer) Close() error {
	w.closing.Do(func() {
		err := w.Reader.close() // first, so that the write connection is the last to close, and checkpoints
		w.closed = w.closeFailure(errors.Join(err, w.close()))
	})
	return w.closed
}

func (w *Writer) run(ctx context.Context) error {
	defer w.queue.stop()
	background, stop := context.WithCancel(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		w.runCheckpointer(background)
	}()
	defer func() {
		stop()
		<-stopped
	}()
	err := w.writeUntil(ctx)
	if w.goneErr.Load() != nil && !w.failFast {
		w.discard(ctx)
	}
	return err
}

// writeUntil writes until ctx ends or a failure is final.
func (w *Writer) writeUntil(ctx context.Context) error {
	last := time.Now() // of the last commit, on the clock of this machine
	retained := last   // when retention last ran
	for {
		event := w.wait(ctx, last)
		switch event {
		case shutdown:
			w.queue.refuse()
			err := w.drain(ctx)
			w.coverage.collect(time.Time{})
			return errors.Join(err, w.storeCoverage(err))
		case coverageDue:
			w.coverage.collect(time.Now())
			if rows, _ := w.queue.due(); rows == 0 && w.coverage.due(time.Now()) {
				_ = w.storeCoverage(nil) // Health has the error
			}
		case storeGone:
			return w.goneErr.Load()
		case batchReady:
			begun, end := time.Now(), w.scheduler.beginTransaction()
			err := w.storeGroup(ctx, w.queue.take())
			end()
			if err != nil {
				return err
			}
			last = time.Now()
			if !w.queue.overloaded() {
				w.scheduler.backOffAfter(ctx, last.Sub(begun))
			}
			w.restartWAL(ctx)
		}
		if event != coverageDue || time.Since(retained) >= w.retentionPause {
			w.retain()
			retained = time.Now()
		}
	}
}

// event is what the writer has to do.
type event uint8

const (
	shutdown    event = iota
	batchReady        // write a transaction
	coverageDue       // collect coverage
	idle              // no records for a while
	storeGone         // the store is gone
)

// wait returns the next event. Records wait until groupDelay after the last commit, unless there are
// many or a caller waits for them.
func (w *Writer) wait(ctx context.Context, last time.Time) event {
	pace := time.NewTimer(groupDelay - time.Since(last))
	defer pace.Stop()
	pause := time.NewTimer(w.retentionPause)
	defer pause.Stop()
	cover := w.coverage.timer()
	defer cover.Stop()
	placeCheck := time.NewTicker(placeInterval) // commits check it anyway
	defer placeCheck.Stop()
	waited := false
	for {
		if rows, urgent := w.queue.due(); rows > 0 && (urgent || waited) {
			if ctx.Err() != nil {
				return shutdown
			}
			return batchReady
		}
		select {
		case <-w.queue.wake:
		case <-pace.C:
			waited = true
		case <-cover.C:
			return coverageDue
		case <-pause.C:
			return idle
		case <-placeCheck.C:
			if w.isGone() {
				return storeGone
			}
		case <-ctx.Done():
			return shutdown
		}
	}
}

func (w *Writer) drain(ctx context.Context) error {
	w.draining = true
	for {
		g := w.queue.take()
		if g.empty() {
			if w.isGone() { // since the last commit
				return w.goneErr.Load()
			}
			return nil
		}
		if err := w.storeGroup(ctx, g); err != nil {
			return err
		}
	}
}

// storeGroup commits a group, with retries. Once ctx is done it tries once more.
func (w *Writer) storeGroup(ctx context.Context, g commitGroup) error {
	recs := w.coalesce(g.batches)
	var attempt int64
	w.coverage.collect(time.Now())
	for delay := firstRetry; ; delay = min(2*delay, lastRetry) {
		final := ctx.Err() != nil || w.failFast
		err := w.commit(recs, g.ends, &attempt)
		if err == nil {
			w.failure.Store(nil)
			w.committed.add(recs)
			w.stored.Add(uint64(len(recs)))
			w.outdated.Add(uint64(len(g.ends)))
			w.queue.finish(g)
			return nil
		}
		if w.goneErr.Load() != nil {
			w.discardGroup(g)
			return err
		}
		why := explain(w.path, err)
		w.failure.Store(&why)
		if final {
			return w.countLost(g, why, err)
		}
		timer := time.NewTimer(delay)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
		w.coverage.collect(time.Now())
	}
}

// commit writes recs in one transaction, together with the ends of cut flows and with what was
// captured when. attempt is the number of that transaction, once it has begun: if the file has it
// already, an earlier try that seemed to fail has succeeded.
func (w *Writer) commit(recs []*flow.Record, ends []flow.Ending, attempt *int64) error {
	if err := w.checkPlace(); err != nil {
		return err
	}
	var outdated map[point]flow.CoverageCounts
	var tooLate uint64
	// No context: a transaction is short, and interrupting it gains nothing.
	err := w.transact(context.Background(), func(c connection) error {
		in, err := w.inserter(c)
		if err == nil {
			err = c.writeCoverage(w.coverage.pending, w.coverage.grown)
		}
		if err != nil {
			return err
		}
		if *attempt != 0 && in.state.commits >= *attempt {
			return nil
		}
		*attempt = in.state.commits + 1
		minRows := w.blockRows
		if w.draining {
			minRows /= drainShare
		}
		err = in.write(c, recs, ends, minRows)
		outdated, tooLate = in.outdated, in.tooLate
		return err
	})
	if err == nil {
		w.coverage.done(time.Now())
		w.coverage.addLost(outdated)
		w.outdated.Add(tooLate)
	}
	return err
}

// inserter returns the inserter, a new one after a failure. The caller is in transact.
func (w *Writer) inserter(c connection) (_ *inserter, err error) {
	if w.ins == nil {
		w.ins, err = newInserter(c, w.now, w.blockRows)
	}
	return w.ins, err
}

// transact calls fn in a write transaction. After a failure it drops the inserter, whose cache may not
// match the file.
func (w *Writer) transact(ctx context.Context, fn func(connection) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := raw(ctx, w.conn, func(c connection) (err error) {
		end, err := c.begin("BEGIN IMMEDIATE")
		if err != nil {
			return err
		}
		defer end(&err)
		return fn(c)
	})
	if err != nil && w.ins != nil {
		err = errors.Join(err, w.ins.close())
		w.ins = nil
	}
	return err
}

// close checkpoints the WAL and releases the locks.
func (w *Writer) close() error {
	w.queue.stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	var errs []error
	if w.ins != nil {
		errs = append(errs, w.ins.close())
	}
	err := raw(context.Background(), w.conn, func(c connection) error { return c.exec("PRAGMA wal_checkpoint(TRUNCATE)") })
	switch known := w.goneErr.Load() != nil; {
	case known: // Run has returned it
	case w.isGone():
		errs = append(errs, w.goneErr.Load())
	case err != nil:
		errs = append(errs, fmt.Errorf("%s; no stored flow is lost, the latest are in %q: %w", explain(w.path, err), w.path+"-wal", err))
	}
	w.leaving.Store(true)
	return errors.Join(append(errs, w.conn.Close(), w.pool.Close(), w.releaseLocks())...)
}
