package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"os"
	"time"
)

// checkpointLimits say when the WAL is checkpointed and restarted.
type checkpointLimits struct {
	interval     time.Duration // between checks of the WAL
	minBytes     int64         // size of the WAL above which it is checkpointed in the background
	restartPages int64         // size of the WAL above which it is restarted
}

// runCheckpointer copies commits from the WAL into the file in the background, so that the writer does
// not wait for the disk. Health has the error of the last checkpoint: until one succeeds, the WAL grows.
func (w *Writer) runCheckpointer(ctx context.Context) {
	pool, err := open(w.path, asWriter, 1)
	if err == nil {
		defer pool.Close()
		var conn *sql.Conn
		if conn, err = pool.Conn(ctx); err == nil {
			defer conn.Close()
			w.checkpointUntil(ctx, conn)
			return
		}
	}
	if ctx.Err() == nil {
		w.noteCheckpoint(err)
	}
}

func (w *Writer) checkpointUntil(ctx context.Context, conn *sql.Conn) {
	tick := time.NewTicker(w.checkpoints.interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if info, err := os.Stat(w.path + "-wal"); err != nil || info.Size() < w.checkpoints.minBytes {
				continue
			}
			// No context: an interrupted checkpoint counts as failed.
			w.noteCheckpoint(raw(context.Background(), conn, func(c connection) error {
				pages, _, err := c.checkpointPassive()
				if err == nil {
					w.walPages.Store(pages)
				}
				return err
			}))
		}
	}
}

// noteCheckpoint sets the error in Health, or clears it.
func (w *Writer) noteCheckpoint(err error) {
	if err == nil {
		w.checkpointFailure.Store(nil)
		return
	}
	why := explain(w.path, err)
	w.checkpointFailure.Store(&why)
}

// checkpointPassive copies what it can of the WAL into the file. It returns the size of the WAL in
// pages, and whether all of them are in the file.
func (c connection) checkpointPassive() (pages int64, all bool, err error) {
	err = c.each("PRAGMA wal_checkpoint(PASSIVE)", nil, func(row []driver.Value) error {
		pages, _ = row[1].(int64)
		done, _ := row[2].(int64)
		all = pages == done
		return nil
	})
	return pages, all, err
}

// restartWAL lets the next transaction restart the WAL from its beginning once it is long. SQLite does
// so when the whole WAL is in the file and no reader uses it. So searches refresh their snapshots
// twice: to the newest one, so that the checkpoint can finish; then to one that reads the file alone.
func (w *Writer) restartWAL(ctx context.Context) {
	if w.walPages.Load() < w.checkpoints.restartPages {
		return
	}
	w.scheduler.refreshSnapshots(ctx)
	w.mu.Lock()
	all := false
	err := raw(context.Background(), w.conn, func(c connection) (err error) {
		_, all, err = c.checkpointPassive()
		return err
	})
	w.mu.Unlock()
	if err == nil && all {
		w.walPages.Store(0)
		w.scheduler.refreshSnapshots(ctx)
	}
}
