package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"weir/flow"
)

// Writer is the one writer of a flow store, and a Reader of it. All methods may be
// called from any goroutine.
type Writer struct {
	*Reader

	lock      *fileLock
	file      os.FileInfo // what was at path when it was opened
	keep      retention
	blockRows int  // block.MaxRows; tests make it small
	leaving   bool // no more records will come
	pool      *sql.DB
	queue     *queue
	nextID    atomic.Int64
	stored    atomic.Uint64
	failure   atomic.Pointer[string]
	running   atomic.Bool
	giveUp    bool // at the first failure
	limits    logLimits
	logPages  atomic.Int64 // in the log, when foldBeside last looked
	turns     []turn       // memory of coalesce, as is kept
	kept      []*flow.Record
	closing   sync.Once
	closed    error

	mu   sync.Mutex // guards conn and ins: Run's goroutine is not the only one that writes
	conn *sql.Conn
	ins  *inserter // nil until it is prepared
}

// Run writes what is handed over until ctx ends; then it commits what is still
// waiting and returns. A commit that fails is tried again, with growing
// delays, and Health says why. After ctx has ended there is one last try, and
// an error says how many records it could not store. Run can be called once.
func (w *Writer) Run(ctx context.Context) error {
	if w.running.Swap(true) {
		return fmt.Errorf("flow store %q is being written already", w.path)
	}
	return w.run(ctx)
}

// Offer hands recs over if the queue has room for copies of them, and reports
// whether it took them. It never blocks.
func (w *Writer) Offer(recs []flow.Record) bool {
	ok, _ := w.queue.offer(recs)
	return ok
}

// Put hands copies of recs over, waiting for room until ctx is done or Run has ended.
func (w *Writer) Put(ctx context.Context, recs []flow.Record) error {
	if err := w.queue.put(ctx, recs); err != nil {
		return fmt.Errorf("hand %d records to the flow store: %w", len(recs), err)
	}
	return nil
}

// Flush waits until everything that was handed over before is committed. It needs
// Run to be running, or to start running.
func (w *Writer) Flush(ctx context.Context) error {
	if err := w.queue.flush(ctx); err != nil {
		return fmt.Errorf("wait for the flow store: %w", err)
	}
	return nil
}

// NextID returns a record id that was never given before. Ids ascend, from one
// above the highest in the file.
func (w *Writer) NextID() int64 { return w.nextID.Add(1) }

// Health returns what the store counts: records written (updates included),
// and why it is not writing now. The rest is zero.
func (w *Writer) Health() flow.Health {
	h := flow.Health{Stored: w.stored.Load()}
	if why := w.failure.Load(); why != nil {
		h.StoreErr = *why
	}
	return h
}

// Close ends the store. Run must have returned; what it had not committed is
// lost. It folds the log back into the file, unless another process reads it.
// Calls after the first return the same.
func (w *Writer) Close() error {
	w.closing.Do(func() {
		err := w.Reader.close() // before the writing connection, which checkpoints as the last one
		w.closed = w.closeFailure(errors.Join(err, w.close()))
	})
	return w.closed
}

func (w *Writer) run(ctx context.Context) error {
	defer w.queue.end()
	folding, fold := context.WithCancel(ctx)
	folded := make(chan struct{})
	go func() {
		defer close(folded)
		w.foldBeside(folding)
	}()
	defer func() {
		fold()
		<-folded
	}()
	last := time.Now() // of the latest commit; the pace is that of this machine, not of packets
	for {
		switch w.wait(ctx, last) {
		case theEnd:
			w.queue.refuse()
			return w.drain(ctx)
		case records:
			begun, end := time.Now(), w.shares.write()
			err := w.store(ctx, w.queue.take())
			end()
			if err != nil {
				return err
			}
			last = time.Now()
			if !w.queue.pressed() {
				w.shares.restFor(ctx, last.Sub(begun))
			}
			w.restartLog(ctx)
		}
		w.retain()
	}
}

// occasion is what the writer has to do.
type occasion uint8

const (
	theEnd  occasion = iota
	records          // write a transaction
	leisure          // nothing, for a while already
)

// wait returns when there is something to do. Records wait until groupDelay after the last commit, unless they are many or
// someone waits for them.
func (w *Writer) wait(ctx context.Context, last time.Time) occasion {
	pace := time.NewTimer(groupDelay - time.Since(last))
	defer pace.Stop()
	pause := time.NewTimer(retentionPause)
	defer pause.Stop()
	rested := false
	for {
		if rows, urgent := w.queue.due(); rows > 0 && (urgent || rested) {
			if ctx.Err() != nil {
				return theEnd
			}
			return records
		}
		select {
		case <-w.queue.wake:
		case <-pace.C:
			rested = true
		case <-pause.C:
			return leisure
		case <-ctx.Done():
			return theEnd
		}
	}
}

func (w *Writer) drain(ctx context.Context) error {
	w.leaving = true
	for {
		p := w.queue.take()
		if len(p.batches) == 0 {
			return nil
		}
		if err := w.store(ctx, p); err != nil {
			return err
		}
	}
}

// store commits a parcel, however often it takes. Once ctx is done it tries once more.
func (w *Writer) store(ctx context.Context, p parcel) error {
	recs := w.coalesce(p.batches)
	var attempt int64
	for delay := firstRetry; ; delay = min(2*delay, lastRetry) {
		final := ctx.Err() != nil || w.giveUp
		err := w.commit(recs, &attempt)
		if err == nil {
			w.failure.Store(nil)
			w.stored.Add(uint64(len(recs)))
			w.queue.done(p)
			return nil
		}
		why := explain(w.path, err)
		w.failure.Store(&why)
		if final {
			waiting, _ := w.queue.due()
			return fmt.Errorf("%d records are not stored: %s: %w", waiting, why, err)
		}
		timer := time.NewTimer(delay)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// turn is when a record is written: by id, and the last one handed over last.
type turn struct {
	id        int64
	batch, at int32 // it is batches[batch][at]
}

// coalesce returns the records of batches in the order of their ids, in which they are cheapest
// to write. Of each id that is the last record, or the one that ends the flow.
// Records without an id get one. What it returns is valid until the next call.
func (w *Writer) coalesce(batches [][]flow.Record) []*flow.Record {
	w.turns = w.turns[:0]
	for i, recs := range batches {
		for j := range recs {
			if recs[j].ID == 0 {
				recs[j].ID = w.nextID.Add(1)
			}
			w.turns = append(w.turns, turn{recs[j].ID, int32(i), int32(j)})
		}
	}
	slices.SortFunc(w.turns, turn.compare)
	w.kept = slices.Grow(w.kept[:0], len(w.turns))
	for _, t := range w.turns {
		r := &batches[t.batch][t.at]
		switch n := len(w.kept); {
		case n == 0 || w.kept[n-1].ID != t.id:
			w.kept = append(w.kept, r)
		case w.kept[n-1].Open():
			w.kept[n-1] = r
		}
	}
	return w.kept
}

func (t turn) compare(u turn) int {
	return cmp.Or(cmp.Compare(t.id, u.id), cmp.Compare(t.batch, u.batch), cmp.Compare(t.at, u.at))
}

// commit writes recs in one transaction. attempt is the number of that transaction once it was
// begun: if the file has it, an earlier try that seemed to fail came to be.
func (w *Writer) commit(recs []*flow.Record, attempt *int64) error {
	if err := w.inPlace(); err != nil {
		return err
	}
	// No context: a transaction is short, and one that is cut off gains nothing.
	return w.transact(context.Background(), func(c connection) error {
		in, err := w.inserter(c)
		if err != nil {
			return err
		}
		if *attempt != 0 && in.state.commits >= *attempt {
			return nil
		}
		*attempt = in.state.commits + 1
		least := w.blockRows
		if w.leaving {
			least /= leavingShare
		}
		return in.write(c, recs, least)
	})
}

// inserter returns the inserter, a new one after a failure. The caller is in transact.
func (w *Writer) inserter(c connection) (_ *inserter, err error) {
	if w.ins == nil {
		w.ins, err = newInserter(c, w.now, w.blockRows)
	}
	return w.ins, err
}

// inPlace says when the file is not the one at its path any more. SQLite would
// go on writing to what nobody can open again.
func (w *Writer) inPlace() error {
	now, err := os.Stat(w.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s was removed while weir was writing it: start weir again to make a new one", w.path)
	case err != nil:
		return err
	case !os.SameFile(now, w.file):
		return fmt.Errorf("%s was replaced by another file while weir was writing it: start weir again to go on with that one", w.path)
	}
	return nil
}

// transact calls fn in a write transaction. After a failure the inserter
// starts afresh, because what it knows of the file may not have come to be.
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

// close folds the log into the file and gives up the lock.
func (w *Writer) close() error {
	w.queue.end()
	w.mu.Lock()
	defer w.mu.Unlock()
	var errs []error
	if w.ins != nil {
		errs = append(errs, w.ins.close())
	}
	err := raw(context.Background(), w.conn, func(c connection) error { return c.exec("PRAGMA wal_checkpoint(TRUNCATE)") })
	if err != nil {
		errs = append(errs, fmt.Errorf("%s; nothing is lost, the rest stays in %s-wal: %w", explain(w.path, err), w.path, err))
	}
	return errors.Join(append(errs, w.conn.Close(), w.pool.Close(), w.lock.release())...)
}
