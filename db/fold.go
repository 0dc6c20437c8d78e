package db

import (
	"context"
	"database/sql/driver"
	"os"
	"time"
)

// logLimits say when something is done about the log.
type logLimits struct {
	pause   time.Duration // between two looks
	fold    int64         // bytes of its file, and it is folded beside the writer
	restart int64         // pages in it, and it is begun anew
}

// foldBeside copies what was committed from the log into the file, beside the writer, who would
// wait for the disk otherwise. A failure is no news: the writer meets it too.
func (w *Writer) foldBeside(ctx context.Context) {
	pool, err := open(w.path, asWriter, 1)
	if err != nil {
		return
	}
	defer pool.Close()
	conn, err := pool.Conn(ctx)
	if err != nil {
		return
	}
	defer conn.Close()
	tick := time.NewTicker(w.limits.pause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if info, err := os.Stat(w.path + "-wal"); err != nil || info.Size() < w.limits.fold {
				continue
			}
			// No context: SQLite ends a checkpoint that is interrupted as one that failed.
			_ = raw(context.Background(), conn, func(c connection) error {
				pages, _, err := c.fold()
				w.logPages.Store(pages)
				return err
			})
		}
	}
}

// fold copies what it can of the log into the file. It says how many pages the log has,
// and whether all of them are in the file.
func (c connection) fold() (pages int64, all bool, err error) {
	err = c.each("PRAGMA wal_checkpoint(PASSIVE)", nil, func(row []driver.Value) error {
		pages, _ = row[1].(int64)
		done, _ := row[2].(int64)
		all = pages == done
		return nil
	})
	return pages, all, err
}

// restartLog makes the next transaction begin the log anew once it is long. SQLite does so when all of the log
// is in the file and nobody reads the log. So searches get new snapshots twice: the newest, so
// that all of it can be folded; and one of the file alone.
func (w *Writer) restartLog(ctx context.Context) {
	if w.logPages.Load() < w.limits.restart {
		return
	}
	w.shares.renew(ctx)
	w.mu.Lock()
	all := false
	err := raw(context.Background(), w.conn, func(c connection) (err error) {
		_, all, err = c.fold()
		return err
	})
	w.mu.Unlock()
	if err == nil && all {
		w.logPages.Store(0)
		w.shares.renew(ctx)
	}
}
